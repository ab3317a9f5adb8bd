import type { EngineAbilities } from '../unsupported-fields.ts';
import { type Api, bodyOf } from './api.ts';

/** What this engine is able to: the API version that is spoken, and the control groups of its machine. Asked once a connection. */
export async function abilitiesOf(api: Api, signal: AbortSignal | undefined): Promise<EngineAbilities> {
  const version = await api.version(signal);
  const known = KNOWN.get(api);
  if (known?.api === version) return known;
  const answer = await api.ask({ method: 'GET', path: '/info' }, { doing: 'ask what it can do', signal });
  const { CgroupVersion } = bodyOf<{ readonly CgroupVersion?: string }>(answer);
  const abilities: EngineAbilities = {
    api: version,
    ...((CgroupVersion === '1' || CgroupVersion === '2') && { cgroup_version: CgroupVersion }),
  };
  KNOWN.set(api, abilities);
  return abilities;
}

const KNOWN = new WeakMap<Api, EngineAbilities>();
