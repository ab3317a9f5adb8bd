import type { RawInfo } from '../system-from-docker.ts';
import type { EngineAbilities } from '../unsupported-fields.ts';
import { type Api, bodyOf } from './api.ts';

/** What this engine is able to: the API version that is spoken, and the control groups of its machine. Asked again now and then: an engine can be given more while it runs. */
export async function abilitiesOf(api: Api, signal: AbortSignal | undefined): Promise<EngineAbilities> {
  const version = await api.version(signal);
  const known = KNOWN.get(api);
  if (known?.abilities.api === version && performance.now() - known.asked < GOOD_MS) return known.abilities;
  const answer = await api.ask({ method: 'GET', path: '/info' }, { doing: 'ask what it can do', signal });
  const { CgroupVersion, Runtimes, Plugins } = bodyOf<RawInfo>(answer);
  const abilities: EngineAbilities = {
    api: version,
    ...((CgroupVersion === '1' || CgroupVersion === '2') && { cgroup_version: CgroupVersion }),
    runtimes: Object.keys(Runtimes ?? {}),
    log_drivers: Plugins?.Log ?? [],
  };
  KNOWN.set(api, { abilities, asked: performance.now() });
  return abilities;
}

const GOOD_MS = 10_000;
const KNOWN = new WeakMap<Api, { readonly abilities: EngineAbilities; readonly asked: number }>();
