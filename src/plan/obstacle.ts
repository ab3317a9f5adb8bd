import type { Plan, Step } from './actions.ts';
import type { Desired } from './desired.ts';
import {
  isExternal,
  mentionedContainers,
  mentionedNetworks,
  mentionedVolumes,
  sharedContainers,
} from './mentioned.ts';
import type { Observed } from './observed.ts';
import { isUp } from './steps.ts';

/** Why the steps may not be done, or not yet: what the engine cannot do, containers that it needs, things of others that are not there. */
export function obstacle(desired: Desired, observed: Observed, steps: readonly Step[]): Plan | undefined {
  const makes = steps.some(({ action }) => action.type === 'create_container');
  const starts = steps.some(({ action }) => action.type === 'start_container');
  if (!makes && !starts) return undefined;
  return (
    (makes ? (incapable(observed) ?? missingOfOthers(desired, observed)) : undefined) ??
    peers(desired, observed, starts)
  );
}

function incapable({ unsupported = [] }: Observed): Plan | undefined {
  return unsupported.length === 0
    ? undefined
    : { kind: 'refused', code: 'unsupported', message: `this engine cannot do: ${unsupported.join('; ')}` };
}

function missingOfOthers({ spec }: Desired, { networks, volumes }: Observed): Plan | undefined {
  const network = mentionedNetworks(spec).find(
    (name) => isExternal(spec, 'network', name) && !networks.has(name),
  );
  const volume = mentionedVolumes(spec).find(
    (name) => isExternal(spec, 'volume', name) && !volumes.has(name),
  );
  const what = network === undefined ? volume && `volume ${volume}` : `network ${network}`;
  return what === undefined
    ? undefined
    : { kind: 'refused', code: 'not_found', message: `the external ${what} is not on the engine` };
}

/** A container can share a namespace only of one that runs; what it names otherwise has to be there. */
function peers(desired: Desired, { peers: seen }: Observed, starts: boolean): Plan | undefined {
  const shared = sharedContainers(desired.spec);
  for (const name of mentionedContainers(desired.spec)) {
    const peer = seen?.get(name);
    if (peer === undefined) return { kind: 'waiting', message: `the container ${name} is not there yet` };
    if (peer.ownership === 'foreign')
      return {
        kind: 'refused',
        code: 'not_ours',
        message: `the container ${name} (${peer.seen.id.slice(0, 12)}) is not of this Berth`,
      };
    if (starts && shared.includes(name) && !isUp(peer.seen))
      return { kind: 'waiting', message: `the container ${name} does not run yet` };
  }
  return undefined;
}
