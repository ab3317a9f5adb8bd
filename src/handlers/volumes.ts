import type { Handlers } from '../../contracts/contract.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { VolumeView, volumes } from '../../contracts/volumes.ts';
import type { Engine } from '../engine/engine.ts';
import { type Identity, ownership } from '../engine/labels.ts';
import type { ObservedVolume } from '../plan/observed.ts';

/** `userspace.docker:volumes` */
export function volumeHandlers({
  engine,
  identity,
}: {
  readonly engine: Engine;
  readonly identity: Identity;
}): Handlers<typeof volumes> {
  const viewOf = (seen: ObservedVolume): VolumeView => ({
    ...seen,
    managed: ownership(identity, 'volume', seen.name, seen.labels) === 'ours',
  });
  return {
    list: async ({ labels = {} }, { signal }) => {
      const seen = await engine.volumes.list({ labels }, signal);
      return { volumes: seen.map(viewOf).sort((one, other) => one.name.localeCompare(other.name)) };
    },
    inspect: async ({ volume }, { signal }) => {
      const seen = await engine.volumes.inspect(volume, signal);
      if (seen === undefined) throw new ContractError('not_found', `no volume ${volume} on the engine`);
      return viewOf(seen);
    },
  };
}
