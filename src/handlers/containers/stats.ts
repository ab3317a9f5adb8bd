import type { ContainerStats } from '../../../contracts/container-methods/stats.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';

/** Sockets open at once; each is busy for a second or two. */
const AT_ONCE = 50;
const MOST = 1000;

/** Samples in the order asked for; whoever has none is there with the reason. */
export function stats(parts: ContainerParts): Handlers<typeof containers>['stats'] {
  return async ({ id }, { signal }) => {
    const refs = id === undefined ? running(parts) : [...new Set([id].flat())];
    const samples: ContainerStats[] = [];
    for (let first = 0; first < refs.length; first += AT_ONCE)
      samples.push(
        ...(await Promise.all(refs.slice(first, first + AT_ONCE).map((ref) => statsOf(ref, parts, signal)))),
      );
    return { containers: samples };
  };
}

function running({ store }: ContainerParts): readonly string[] {
  return store.containers.list({ status: ['running', 'paused'], limit: MOST }).map(({ id }) => id);
}

async function statsOf(ref: string, parts: ContainerParts, signal: AbortSignal): Promise<ContainerStats> {
  const target = await targetOf(ref, parts, signal);
  if (target === undefined) return { id: ref, name: ref, gap: 'not_found' };
  const { id, name, engine_id } = target;
  const sample = engine_id === null ? undefined : await parts.engine.containers.stats(engine_id, signal);
  return sample === undefined ? { id, name, gap: 'not_running' } : { id, name, sample };
}

async function targetOf(
  ref: string,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly name: string; readonly engine_id: string | null } | undefined> {
  try {
    const found = await findContainer(ref, parts, signal);
    return found.kind === 'ours' ? found.row : { ...found.seen, engine_id: found.seen.id };
  } catch (error) {
    if (error instanceof ContractError && error.code === 'not_found') return undefined;
    throw error;
  }
}
