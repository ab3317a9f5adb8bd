import { isContractError } from '../../../contracts/contract-error.ts';
import type { EngineFacts } from '../../plan/capabilities/engine-facts.ts';
import { enabledPlugins, engineInfo, type RawInfo, type RawPlugins } from '../system-from-docker.ts';
import { type Api, bodyOf } from './api.ts';

/** What is known of this engine: the API version that is spoken, and what it says of itself, not asked longer ago than `good_ms`. */
export async function abilitiesOf(
  api: Api,
  signal: AbortSignal | undefined,
  good_ms = GOOD_MS,
): Promise<EngineFacts> {
  const spoken = await api.version(signal);
  const known = KNOWN.get(api);
  if (known?.facts.version.api === spoken && performance.now() - known.asked < good_ms) return known.facts;
  const ask = (path: string) => api.ask({ method: 'GET', path }, { doing: 'ask what it can do', signal });
  const [info, plugins] = await Promise.all([ask('/info'), pluginsOf(ask)]);
  const facts = {
    version: { api: spoken },
    info: engineInfo(bodyOf<RawInfo>(info)),
    ...(plugins && { plugins }),
  };
  KNOWN.set(api, { facts, asked: performance.now() });
  return facts;
}

const GOOD_MS = 60_000;
const KNOWN = new WeakMap<Api, { readonly facts: EngineFacts; readonly asked: number }>();

/** Undefined where nobody may ask for them: engines that are not Docker’s, proxies in front of one. */
async function pluginsOf(
  ask: (path: string) => ReturnType<Api['ask']>,
): Promise<readonly string[] | undefined> {
  try {
    return enabledPlugins(bodyOf<RawPlugins>(await ask('/plugins')));
  } catch (error) {
    if (isContractError(error)) return undefined;
    throw error;
  }
}
