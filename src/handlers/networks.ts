import type { Handlers } from '../../contracts/contract.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { NetworkView, networks } from '../../contracts/networks.ts';
import type { Engine } from '../engine/engine.ts';
import { type Identity, ownership } from '../engine/labels.ts';
import type { ObservedNetwork } from '../plan/observed.ts';

/** `userspace.docker:networks` */
export function networkHandlers({
  engine,
  identity,
}: {
  readonly engine: Engine;
  readonly identity: Identity;
}): Handlers<typeof networks> {
  const viewOf = ({ container_ids: _, ...seen }: ObservedNetwork): NetworkView => ({
    ...seen,
    managed: ownership(identity, 'network', seen.name, seen.labels) === 'ours',
  });
  return {
    list: async ({ labels = {} }, { signal }) => {
      const seen = await engine.networks.list({ labels }, signal);
      return { networks: seen.map(viewOf).sort((one, other) => one.name.localeCompare(other.name)) };
    },
    inspect: async ({ network }, { signal }) => {
      const seen = await engine.networks.inspect(network, signal);
      if (seen === undefined) throw new ContractError('not_found', `no network ${network} on the engine`);
      return { ...viewOf(seen), container_ids: [...seen.container_ids] };
    },
  };
}
