import type { Health, Status } from '../../contracts/events.ts';
import { objectOf } from '../plan/format-plan.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import type { Surroundings } from '../reconcile/surroundings.ts';
import { timestamp } from '../runtime/clock.ts';
import type { ClaimedRow, ProgressPatch } from '../store/container-row.ts';
import type { NewEvent } from '../store/journal.ts';
import { desiredOf } from './desired-of.ts';
import type { Follower } from './follow/follower.ts';
import { verdictOf } from './verdict.ts';
import type { WorkerParts } from './worker-parts.ts';

/** What a row’s work needs of the worker around it. */
export interface RowWork extends WorkerParts {
  readonly signal: AbortSignal;
  /** The follower of that container; made when there is none, or when it is another container now. Undefined when the follow lease is another’s. */
  follower(claimed: ClaimedRow, engineId: string): Promise<Follower | undefined>;
  /** Events of a container that has no follower (yet), in their order. */
  teller(claimed: ClaimedRow): Promise<((events: readonly NewEvent[]) => Promise<boolean>) | undefined>;
  unfollow(id: string): Promise<void>;
}

const PROGRESS_EVERY_MS = 500;

/** Bring one claimed row to what it wants, tell how it goes, and let it go. Never throws but for a defect. */
export async function workRow(claimed: ClaimedRow, work: RowWork): Promise<void> {
  const { row, claim } = claimed;
  const { store, log, clock } = work;
  const holds = (): boolean => store.containers.holds(claim, clock.now());
  const tell = await work.teller(claimed);
  if (tell === undefined) {
    store.containers.release(claim, {}, clock.now() + 1000, clock.now());
    return;
  }
  const told = tellingInOrder(tell);
  const reporter = statusReporter(row, told.add, () => timestamp(clock.now()));
  if (row.status === 'pending') reporter.report('pending', row.health);
  const desired = desiredOf(row);
  const surroundings: Surroundings = {
    engine: work.engine,
    identity: work.identity,
    signal: work.signal,
    holds,
    entering: (status) => {
      if (!store.containers.write(claim, { status }, clock.now())) return false;
      reporter.report(status, row.health);
      return true;
    },
    pull: (image, onProgress, signal) => work.pulls.pull(image, onProgress, signal),
    onProgress: throttled(({ image, phase, current, total }) =>
      told.add([
        { type: 'progress', attempt: row.attempt, ts: timestamp(clock.now()), image, phase, current, total },
      ]),
    ),
    beforeStart: async (container) => {
      await work.follower(claimed, container.id);
    },
    beforeRemove: async (engineId) => {
      if (row.engine_id !== engineId) return;
      const follower = await work.follower(claimed, engineId);
      await follower?.drained(row.observed?.started_at ?? '');
    },
    isNetworkWanted: (network) => store.containers.wantsNetwork(network, row.id),
    onStep: (action, cause) =>
      log.info({ container: row.id, cause }, `${action.type} ${objectOf(action)} (${cause})`),
  };
  const outcome = await reconcile(desired, { engine_id: row.engine_id }, surroundings);
  if (outcome.kind === 'lost') {
    // Ending, not fenced: somebody else may have it at once. A fenced release writes nothing.
    store.containers.release(claim, {}, clock.now(), clock.now());
    return;
  }
  const verdict = verdictOf(row, desired, outcome, clock.now(), Math.random());
  const container = outcome.kind === 'settled' || outcome.kind === 'failed' ? outcome.container : undefined;
  await finish(
    claimed,
    { verdict, container, started: outcome.kind === 'settled' && outcome.started },
    reporter,
    told,
    work,
  );
}

interface Finish {
  readonly verdict: ReturnType<typeof verdictOf>;
  readonly container: ObservedContainer | undefined;
  readonly started: boolean;
}

/** The last lines come before the last status, the status before `done`; and the row is written before any of it is told. */
async function finish(
  claimed: ClaimedRow,
  { verdict, container, started }: Finish,
  reporter: StatusReporter,
  told: Telling,
  work: RowWork,
): Promise<void> {
  const { row, claim } = claimed;
  const { store, clock } = work;
  const attempt = verdict.patch.attempt ?? row.attempt;
  const follower = container === undefined ? undefined : await work.follower(claimed, container.id);
  follower?.wake(attempt);
  if (verdict.resting && container !== undefined) await follower?.drained(container.started_at);
  const wasDone = !started && (row.completed || (await endsWithDone(row.id, work.journal)));
  const done = verdict.resting && !wasDone;
  const { patch } = verdict;
  if (!store.containers.write(claim, patch, clock.now())) return;
  const status = patch.status ?? row.status;
  reporter.report(status, patch.health ?? row.health, patch, attempt, done);
  if (done)
    told.add([
      {
        type: 'done',
        attempt,
        ts: timestamp(clock.now()),
        status,
        ...(typeof patch.exit_code === 'number' && { exit_code: patch.exit_code }),
      },
    ]);
  await told.flushed();
  if (verdict.resting) await work.unfollow(row.id);
  // Only now: a worker that dies before this leaves its successor to tell the end, or to see that it was told.
  store.containers.release(claim, verdict.resting ? { completed: true } : {}, verdict.due_at, clock.now());
}

async function endsWithDone(id: string, journal: WorkerParts['journal']): Promise<boolean> {
  const { next_seq } = await journal.state(id);
  const [last] = await journal.read(id, next_seq - 1, 1);
  return last?.type === 'done';
}

interface StatusReporter {
  /** Tells a status, unless it is the one told last (and not to be told `again`). */
  report(status: Status, health: Health, more?: ProgressPatch, attempt?: number, again?: boolean): void;
}

function statusReporter(
  row: ClaimedRow['row'],
  add: (events: readonly NewEvent[]) => void,
  now: () => string,
): StatusReporter {
  // A pending row begins a new chapter: its status is told even though the row says it already.
  let last =
    row.status === 'pending' ? '' : keyOf(row.status, row.health, row.reason?.message, row.exit_code);
  let told = false;
  return {
    report: (status, health, more = {}, attempt = row.attempt, again = false) => {
      const { exit_code = null, reason = null } = more;
      const key = keyOf(status, health, reason?.message, exit_code);
      if (key === last && (!again || told)) return;
      last = key;
      told = true;
      add([
        {
          type: 'status',
          attempt,
          ts: now(),
          status,
          ...(health !== 'none' && { health }),
          ...(exit_code !== null && { exit_code }),
          ...(reason !== null && { reason }),
        },
      ]);
    },
  };
}

function keyOf(status: Status, health: Health, reason: string | undefined, exitCode: number | null): string {
  return JSON.stringify([status, health, reason ?? null, exitCode]);
}

interface Telling {
  add(events: readonly NewEvent[]): void;
  flushed(): Promise<void>;
}

/** Events one after the other, without waiting for each; `flushed` throws what any of them threw. */
function tellingInOrder(tell: (events: readonly NewEvent[]) => Promise<boolean>): Telling {
  let last: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  return {
    add: (events) => {
      last = last
        .then(() => tell(events))
        .catch((error: unknown) => {
          failure ??= error;
        });
    },
    flushed: async () => {
      await last;
      if (failure !== undefined) throw failure;
    },
  };
}

/** At most two a second; the rest is dropped, since the next one says more. */
function throttled<T>(tell: (value: T) => void): (value: T) => void {
  let next = 0;
  return (value) => {
    const now = performance.now();
    if (now < next) return;
    next = now + PROGRESS_EVERY_MS;
    tell(value);
  };
}
