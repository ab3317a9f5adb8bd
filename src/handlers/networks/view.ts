import type { NetworkView } from '../../../contracts/networks.ts';
import { type Identity, ownership } from '../../engine/labels.ts';
import type { ObservedNetwork } from '../../plan/observed.ts';

/** A network as it is shown: whose it is instead of how that is known. */
export function networkViewer(identity: Identity): (seen: ObservedNetwork) => NetworkView {
  return ({ container_ids: _ids, members: _members, ipam, ...seen }) => ({
    ...seen,
    ipam: { ...ipam, config: [...ipam.config] },
    managed: ownership(identity, 'network', seen.name, seen.labels) === 'ours',
  });
}
