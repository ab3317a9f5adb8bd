import type { NewEvent } from '../../store/journal.ts';
import { cursorFor } from './cursor.ts';
import { eventWriter } from './event-writer.ts';
import { followRuns, isAsLate } from './follow-runs.ts';
import type { Following, FollowState, FollowTiming, RunListener } from './follow-state.ts';
import { runWaiters } from './run-waiters.ts';
import { wakeUp } from './wake-up.ts';

const TIMING: FollowTiming = { stall_ms: 30_000, patience_ms: 60_000 };
/** How long a start may take before the follower waits for a wake-up only. */
const START_MS = 30_000;

/** Reads one container’s log into the journal, run after run, each line once and in order per stream. */
export interface Follower {
  readonly engine_id: string;
  /** Of the follow lease that it reads under. */
  readonly token: number;
  /** It reads no more: it was stopped, or a newer follower has taken over, or it failed. */
  readonly ended: boolean;
  /** Why its log cannot be read at all. */
  readonly unavailable: string | undefined;
  /** The container is about to be started: for the so-manieth time. */
  expectStart(attempt: number): void;
  /** The container may have been started: look at once. */
  wake(): void;
  /** Tells of the run that is read now at once, when one is. Returns how to stop listening. */
  listen(listener: RunListener): () => void;
  /** Starts so far, those by the engine too. */
  readonly attempt: number;
  /**
   * True once the log of the run that began at `started_at` is stored to its end, or was given up after a minute without progress
   * (a gap says so); the container must not be up. False when this follower ended before.
   */
  drained(started_at: string | undefined): Promise<boolean>;
  /** Status and progress events, in order with the lines. False when a newer follower has taken over. */
  tell(events: readonly NewEvent[]): Promise<boolean>;
  /** Stores what it has and ends. */
  stop(): Promise<void>;
}

/** Starts so far, and how many of the last of them the engine made. */
export interface AttemptsSoFar {
  readonly now: number;
  readonly by_engine: number;
}

/** Begins where the journal’s cursor is. Throws what the journal throws. */
export async function startFollower(
  following: Following,
  attempts: AttemptsSoFar,
): Promise<Follower | 'fenced'> {
  const stored = await following.journal.open(following.container_id, following.token);
  if (stored === 'fenced') return 'fenced';
  const ending = new AbortController();
  const state = followState(following, ending.signal, attempts);
  state.cursor = cursorFor(following.engine_id, stored.cursor);
  return followerOver(state, ending);
}

function followerOver(state: FollowState, ending: AbortController): Follower {
  const { following, awake, waiters } = state;
  let ended = false;
  const done = followRuns(state)
    .catch((error: unknown) => {
      following.log.error({ container: following.container_id, error }, 'following ended');
    })
    .finally(() => {
      ended = state.unavailable === undefined;
      waiters.settleAll(state.unavailable !== undefined);
      if (ended && !ending.signal.aborted) following.onEnded?.();
    });
  return {
    engine_id: following.engine_id,
    token: following.token,
    get ended() {
      return ended || (state.unavailable !== undefined && state.writer.broken);
    },
    get unavailable() {
      return state.unavailable;
    },
    expectStart: (attempt) => {
      state.attempt = attempt;
      state.is_counted = true;
      state.expected_until = performance.now() + START_MS;
      awake.raise();
    },
    wake: () => {
      state.expected_until = 0;
      awake.raise();
    },
    listen: (listener) => {
      state.listeners.add(listener);
      if (state.reading_run !== undefined) listener.run(state.reading_run, state.attempt);
      return () => void state.listeners.delete(listener);
    },
    get attempt() {
      return state.attempt;
    },
    drained: (started_at) => {
      if (started_at === undefined || state.unavailable !== undefined || state.isRead(started_at))
        return Promise.resolve(true);
      return ended ? Promise.resolve(false) : drainedInTime(state, started_at);
    },
    tell: async (events) => {
      await state.writer.add(events);
      return state.writer.flush();
    },
    stop: async () => {
      ending.abort();
      await done;
      if (!state.writer.broken) await state.writer.flush();
    },
  };
}

function followState(following: Following, signal: AbortSignal, attempts: AttemptsSoFar): FollowState {
  const { container_id, engine_id, journal, log, token } = following;
  const waiters = runWaiters();
  const markRead = async (started_at: string): Promise<boolean> => {
    const cursor = { ...state.cursor, run: started_at };
    await state.writer.add([], cursor);
    if (!(await state.writer.flush())) return false;
    state.cursor = cursor;
    waiters.settle(started_at);
    return true;
  };
  const state: FollowState = {
    following,
    timing: following.timing ?? TIMING,
    signal,
    awake: wakeUp(),
    waiters,
    listeners: new Set(),
    writer: eventWriter(following),
    cursor: cursorFor(engine_id, null),
    attempt: attempts.now,
    first_attempt: attempts.now - attempts.by_engine,
    restarts: attempts.by_engine,
    is_counted: false,
    batches: 0,
    progress_at: performance.now(),
    engine_away: false,
    expected_until: 0,
    reading_run: undefined,
    rereads: 0,
    unavailable: undefined,
    isRead: (started_at) => state.cursor.run !== null && isAsLate(state.cursor.run, started_at),
    settle: markRead,
    abandon: async (started_at) => {
      const ts = following.timestamp();
      await state.writer.add([{ type: 'gap', attempt: state.attempt, ts, reason: 'unread_at_removal' }]);
      return markRead(started_at);
    },
    reopen: async () => {
      const stored = await journal.open(container_id, token);
      if (stored === 'fenced') return false;
      state.writer = eventWriter(following);
      state.cursor = cursorFor(engine_id, stored.cursor);
      return true;
    },
    giveUp: (error) => {
      state.unavailable = error.message;
      log.warn({ container: container_id }, `${error.message}; its lines cannot be followed`);
    },
  };
  return state;
}

async function drainedInTime(state: FollowState, started_at: string): Promise<boolean> {
  const { following, timing } = state;
  state.progress_at = performance.now();
  const whole = state.waiters.wait(started_at);
  state.awake.raise();
  const impatience = setInterval(
    () => {
      if (state.engine_away || performance.now() - state.progress_at < timing.patience_ms) return;
      clearInterval(impatience);
      following.log.warn({ container: following.container_id }, 'its log could not be read to the end');
      state
        .abandon(started_at)
        .catch((error: unknown) =>
          following.log.warn({ container: following.container_id, error }, 'a gap could not be stored'),
        );
    },
    Math.min(1000, timing.patience_ms),
  );
  try {
    return await whole;
  } finally {
    clearInterval(impatience);
  }
}
