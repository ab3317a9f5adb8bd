import { isContractError } from '../../contracts/contract-error.ts';
import type { Engine } from '../engine/engine.ts';
import { type Identity, LABEL, ownership } from '../engine/labels.ts';
import { imageOf, isExternal, mentionedNetworks, mentionedVolumes } from '../plan/mentioned.ts';
import type { ContainerRow } from '../store/container-row.ts';

interface Parts {
  readonly engine: Engine;
  readonly identity: Identity;
}

/** Which images go with the containers: those that were built for them, or all that they used. */
export type RemovedImages = 'local' | 'all';

/** Networks of ours: all, or those that these rows joined. Their rows come again with their entries. */
export async function removeNetworks(
  { engine, identity }: Parts,
  rows: readonly ContainerRow[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const labels = { [LABEL.instance]: identity.instance };
  const joined = rows && new Set(rows.flatMap(({ spec }) => mentionedNetworks(spec)));
  for (const { id, name, labels: own } of await engine.networks.list({ labels }, signal))
    if (ownership(identity, 'network', name, own) === 'ours' && (joined?.has(name) ?? true))
      await engine.networks.remove(id, signal);
}

/** Named volumes of ours that these rows mounted; answers those that went. One that something else still mounts stays. */
export async function removeVolumes(
  { engine, identity }: Parts,
  rows: readonly ContainerRow[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = rows.flatMap(({ spec }) =>
    mentionedVolumes(spec).filter((name) => !isExternal(spec, 'volume', name)),
  );
  const removed: string[] = [];
  for (const name of new Set(names)) {
    const seen = await engine.volumes.inspect(name, signal);
    if (seen === undefined || ownership(identity, 'volume', name, seen.labels) === 'foreign') continue;
    if ((await engine.volumes.remove(name, signal)) === 'removed') removed.push(name);
  }
  return removed;
}

/** Images of these rows; answers those that went. One that something else uses stays. */
export async function removeImages(
  { engine }: Parts,
  rows: readonly ContainerRow[],
  which: RemovedImages,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = rows.filter(({ spec }) => which === 'all' || spec.build !== undefined);
  const removed: string[] = [];
  for (const image of new Set(wanted.map(({ spec }) => imageOf(spec)))) {
    try {
      const { removed: gone } = await engine.images.remove(image, { force: false }, signal);
      if (gone) removed.push(image);
    } catch (error) {
      if (!isContractError(error, 'wrong_state')) throw error;
    }
  }
  return removed;
}
