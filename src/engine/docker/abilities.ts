import type { EngineFacts } from '../../plan/capabilities.ts';
import { engineInfo, type RawInfo } from '../system-from-docker.ts';
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
  const answer = await api.ask({ method: 'GET', path: '/info' }, { doing: 'ask what it can do', signal });
  const facts = { version: { api: spoken }, info: engineInfo(bodyOf<RawInfo>(answer)) };
  KNOWN.set(api, { facts, asked: performance.now() });
  return facts;
}

const GOOD_MS = 60_000;
const KNOWN = new WeakMap<Api, { readonly facts: EngineFacts; readonly asked: number }>();
