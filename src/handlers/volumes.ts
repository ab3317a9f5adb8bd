import type { Handlers } from '../../contracts/contract.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Failure } from '../../contracts/listing.ts';
import type { VolumeView, volumes } from '../../contracts/volumes.ts';
import { ensureVolume } from '../engine/ensure-volume.ts';
import { LABEL, ownership } from '../engine/labels.ts';
import { mentionedVolumes } from '../plan/mentioned.ts';
import type { ObservedVolume } from '../plan/observed.ts';
import type { ContainerParts } from './containers/parts.ts';
import { failureOf } from './failure-of.ts';

/** What the engine calls those that nobody named. */
const UNNAMED = /^[0-9a-f]{64}$/;

type Methods = Handlers<typeof volumes>;
type Parts = Pick<ContainerParts, 'engine' | 'identity' | 'store'>;

/** `userspace.docker:volumes` */
export function volumeHandlers(parts: Parts): Methods {
  const { engine, identity } = parts;
  const viewOf = (seen: ObservedVolume): VolumeView => ({
    ...seen,
    managed: ownership(identity, 'volume', seen.name, seen.labels) === 'ours',
  });
  return {
    create: async (wanted, { signal }) => {
      const { volume, created } = await ensureVolume(engine, identity, wanted, signal);
      return { ...viewOf(volume), created };
    },
    list: async ({ labels = {}, dangling, name, driver, managed }, { signal }) => {
      const seen = await engine.volumes.list({ labels, ...(dangling !== undefined && { dangling }) }, signal);
      const shown = seen
        .map(viewOf)
        .filter(
          (view) =>
            (name === undefined || name.some((part) => view.name.includes(part))) &&
            (driver === undefined || driver.includes(view.driver)) &&
            (managed === undefined || managed === view.managed),
        );
      return { volumes: shown.toSorted((one, other) => one.name.localeCompare(other.name)) };
    },
    inspect: async ({ volume }, { signal }) => {
      const seen = await engine.volumes.inspect(volume, signal);
      if (seen === undefined)
        throw new ContractError('not_found', `no volume ${volume} on the engine`, {
          next: 'Run `berth volume ls` to see which there are.',
        });
      return viewOf(seen);
    },
    remove: removeVolume(parts),
    prune: pruneVolumes(parts),
  };
}

function removeVolume({ engine, identity, store }: Parts): Methods['remove'] {
  return async ({ volume }, { signal }) => {
    const seen = await engine.volumes.inspect(volume, signal);
    if (seen === undefined) return { volume, removed: false };
    if (ownership(identity, 'volume', seen.name, seen.labels) === 'foreign')
      throw new ContractError('not_ours', `the volume ${volume} was made by somebody else`);
    const { id: entry, entry_source } = store.resources.wanted('volume', volume) ?? {};
    if (entry_source)
      throw new ContractError('wrong_state', `${entry} declares the volume ${volume} in ${entry_source}`, {
        next: 'Remove its entry from the registry.',
      });
    const outcome = await engine.volumes.remove(volume, signal);
    if (outcome === 'in_use')
      throw new ContractError('wrong_state', `the volume ${volume} is in use by a container`, {
        next: 'Remove the container first; a stopped one has it, too.',
      });
    return { volume, removed: outcome === 'removed' };
  };
}

function pruneVolumes({ engine, identity, store }: Parts): Methods['prune'] {
  return async ({ all = false, labels = {}, dry_run = false }, { signal }) => {
    const wanted = new Set([
      ...store.containers.present().flatMap(({ spec }) => mentionedVolumes(spec)),
      ...store.resources.declared().flatMap(({ kind, name }) => (kind === 'volume' ? name : [])),
    ]);
    const seen = await engine.volumes.list(
      { labels: { ...labels, [LABEL.instance]: identity.instance }, dangling: true },
      signal,
    );
    const candidates = seen
      .filter(
        (one) =>
          (all || UNNAMED.test(one.name)) &&
          !wanted.has(one.name) &&
          ownership(identity, 'volume', one.name, one.labels) === 'ours',
      )
      .toSorted((one, other) => one.name.localeCompare(other.name));
    const removed: { name: string }[] = [];
    const failed: Failure[] = [];
    for (const { name } of candidates) {
      try {
        // Somebody may have taken it since.
        if (dry_run || (await engine.volumes.remove(name, signal)) === 'removed') removed.push({ name });
      } catch (error) {
        failed.push(failureOf(name, error));
      }
    }
    return { removed, failed };
  };
}
