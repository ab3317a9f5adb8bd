import { ContractError } from '../../../contracts/contract-error.ts';
import { privateStore } from '../../build/private-inputs.ts';
import { operationWriter } from '../../bus/operation-writer.ts';
import { timestamp } from '../../runtime/clock.ts';
import type { BuildRow } from '../../store/build-rows.ts';
import type { NewOperationEvent } from '../../store/journal.ts';
import { lookout } from '../lookout.ts';
import type { WorkerParts } from '../worker-parts.ts';
import { buildEvents } from './build-events.ts';
import { runBuild } from './run-build.ts';

/** Builds at once in one worker; the engine has its own way of sharing the machine among them. */
const MOST = 2;
/** The first try, and one more for whoever takes over from a worker that died. */
const MOST_ATTEMPTS = 2;

export type BuilderParts = Pick<
  WorkerParts,
  'name' | 'store' | 'journal' | 'engine' | 'publisher' | 'clock' | 'log'
> & {
  /** Where what is private to builds is kept. */
  readonly folder: string;
};

export interface Builder {
  /** There may be a build to begin, or to end. */
  poke(): void;
  /** Gives back what it has, for others to begin anew. */
  stop(): Promise<void>;
}

/** Claims builds and has the engine do them, until it is stopped. */
export function startBuilder(
  parts: BuilderParts,
  { lease_ms, renew_ms, fallback_ms }: { lease_ms: number; renew_ms: number; fallback_ms: number },
): Builder {
  const { name, store, clock, log } = parts;
  const active = new Map<string, { readonly ending: AbortController; readonly done: Promise<void> }>();
  const stopping = new AbortController();
  const looking = lookout(() => {
    try {
      for (const id of store.builds.stopping(name)) active.get(id)?.ending.abort(stopped(id));
      const limit = MOST - active.size;
      const claimed =
        limit > 0 ? store.builds.claim({ worker: name, limit, now: clock.now(), lease_ms }) : [];
      for (const row of claimed) begin(row);
    } catch (error) {
      log.warn({ error }, 'looking for builds failed');
    }
    return fallback_ms;
  });

  const begin = (row: BuildRow): void => {
    const ending = new AbortController();
    const renewal = setInterval(() => {
      try {
        if (!store.builds.renew(row, clock.now(), lease_ms)) ending.abort(LOST);
      } catch (error) {
        log.warn({ build: row.id, error }, 'the lease of a build could not be renewed');
      }
    }, renew_ms);
    const done = workBuild(row, parts, AbortSignal.any([ending.signal, stopping.signal]))
      .catch((error: unknown) => {
        log.error({ build: row.id, error }, 'working on a build failed; it is looked at again');
      })
      .finally(() => {
        clearInterval(renewal);
        active.delete(row.id);
        if (!stopping.signal.aborted) looking.now();
      });
    active.set(row.id, { ending, done });
  };

  looking.now();
  return {
    poke: () => {
      if (!stopping.signal.aborted) looking.now();
    },
    stop: async () => {
      stopping.abort(LOST);
      looking.end();
      await Promise.all([...active.values()].map(({ done }) => done));
    },
  };
}

const LOST = new ContractError('aborted', 'the build is somebody else’s now');

/** One claimed build to its end: done, written down, told, let go; in that order, so that whoever takes over at any point knows what is left. */
async function workBuild(row: BuildRow, parts: BuilderParts, signal: AbortSignal): Promise<void> {
  const { store, journal, engine, publisher, clock, folder } = parts;
  const inputs = privateStore(folder);
  const { tell } = operationWriter<NewOperationEvent>(row.id, journal.appendOperation, publisher);
  const attempt = Math.min(row.attempt, MOST_ATTEMPTS);
  const now = () => ({ ts: timestamp(clock.now()), monotonic: clock.monotonic() });
  let ended = row;
  if (row.ended_at === null) {
    const events = buildEvents(attempt, now);
    const outcome = await outcomeOf(row, () =>
      runBuild(row, inputs, engine, (progress) => tell(events(progress)), signal),
    );
    if (signal.reason === LOST) return store.builds.giveBack(row);
    if (!store.builds.finish(row, outcome, clock.now())) return;
    ended = store.builds.get(row.id) ?? row;
  }
  await inputs.drop(row.id);
  if (!(await endIsTold(row.id, journal))) {
    const error = ended.error ?? undefined;
    const how = error === undefined ? 'succeeded' : error.code === 'aborted' ? 'ended' : 'failed';
    await tell([{ type: 'done', attempt, ts: now().ts, outcome: how, ...(error && { error }) }]);
  }
  store.operations.end(row.id, clock.now());
  store.builds.release(row);
}

async function outcomeOf(
  row: BuildRow,
  work: () => Promise<{ readonly image_id: string }>,
): Promise<Parameters<WorkerParts['store']['builds']['finish']>[1]> {
  try {
    if (row.stopping) throw stopped(row.id);
    if (row.attempt > MOST_ATTEMPTS)
      throw new ContractError('interrupted', `${row.id} was interrupted ${MOST_ATTEMPTS} times`);
    return await work();
  } catch (error) {
    const known =
      error instanceof ContractError
        ? error
        : new ContractError('internal', error instanceof Error ? error.message : String(error), {
            cause: error,
          });
    return { error: known.toWire() };
  }
}

function stopped(id: string): ContractError {
  return new ContractError('aborted', `${id} was stopped`);
}

async function endIsTold(id: string, journal: BuilderParts['journal']): Promise<boolean> {
  const { next_seq } = await journal.state(id);
  const last = next_seq > 1 ? await journal.read(id, next_seq - 1, 1) : [];
  return last.some(({ type }) => type === 'done');
}
