import type { ContainerStats } from '../../../contracts/container-methods/stats.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Operation } from '../operations.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { refuseUnattended } from './settled.ts';
import { type Measured, measure } from './stats-stream.ts';

/** Sockets open at once; each is busy for a second or two. */
const AT_ONCE = 50;
const MOST = 1000;

/** Samples in the order asked for; whoever has none is there with the reason. With a stream: an operation that goes on. */
export function stats(parts: ContainerParts): Handlers<typeof containers>['stats'] {
  return async ({ id, stream }, { signal, self }) => {
    if (stream !== undefined) {
      refuseUnattended(parts);
      const chosen = id === undefined ? undefined : await chosenOf([id].flat(), parts, signal);
      const target = { topic: stream.topic, reply_to: stream.reply_to ?? self };
      const operation = parts.operations.begin({ kind: 'stats', target });
      const work = chosen === undefined ? ofAllThatRun(operation, parts) : ofThese(chosen, operation, parts);
      // Whoever listens is told how it ended.
      void parts.operations.during(operation, () => work).catch(() => undefined);
      return { operation_id: operation.id, containers: [] };
    }
    const refs = id === undefined ? running(parts) : [...new Set([id].flat())];
    const samples: ContainerStats[] = [];
    for (let first = 0; first < refs.length; first += AT_ONCE)
      samples.push(
        ...(await Promise.all(refs.slice(first, first + AT_ONCE).map((ref) => statsOf(ref, parts, signal)))),
      );
    return { containers: samples };
  };
}

async function ofThese(
  chosen: readonly Measured[],
  operation: Operation,
  parts: ContainerParts,
): Promise<void> {
  await Promise.all(chosen.map((one) => measure(one, operation, parts, operation.signal)));
  operation.signal.throwIfAborted();
}

/** Those that begin to run later join in; those that end leave. */
async function ofAllThatRun(operation: Operation, parts: ContainerParts): Promise<void> {
  const measured = new Map<string, AbortController>();
  const failed = Promise.withResolvers<never>();
  const join = (id: string): void => {
    if (measured.has(id) || measured.size >= MOST) return;
    const ending = new AbortController();
    measured.set(id, ending);
    const signal = AbortSignal.any([operation.signal, ending.signal]);
    measure(oursOf(id, parts), operation, parts, signal).catch(failed.reject);
  };
  const leave = (id: string): void => {
    measured.get(id)?.abort();
    measured.delete(id);
  };
  const unobserve = parts.hub.observe((event) => {
    if (event.type !== 'status') return;
    if (event.status === 'running' || event.status === 'paused') join(event.container_id);
    else leave(event.container_id);
  });
  for (const id of running(parts)) join(id);
  const over = Promise.withResolvers<never>();
  const end = (): void => over.reject(operation.signal.reason);
  operation.signal.addEventListener('abort', end, { once: true });
  if (operation.signal.aborted) end();
  try {
    await Promise.race([over.promise, failed.promise]);
  } finally {
    unobserve();
    for (const id of [...measured.keys()]) leave(id);
  }
}

async function chosenOf(
  refs: readonly string[],
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<readonly Measured[]> {
  const found = new Map<string, Measured>();
  for (const ref of refs) {
    const target = await targetOf(ref, parts, signal);
    const { id = ref, name = ref, engine_id = null } = target ?? {};
    found.set(
      id,
      parts.store.containers.get(id) === undefined
        ? { id, name, engineId: () => engine_id ?? undefined }
        : oursOf(id, parts),
    );
  }
  return [...found.values()];
}

function oursOf(id: string, { store }: ContainerParts): Measured {
  return {
    id,
    name: store.containers.get(id)?.name ?? id,
    engineId: () => store.containers.get(id)?.engine_id ?? undefined,
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
