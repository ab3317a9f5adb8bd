import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import { compareTimes } from '../../plan/compare-times.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import type { NewEvent } from '../../store/journal.ts';
import type { FollowState } from './follow-state.ts';
import { logEvent } from './log-event.ts';
import { newestTime } from './log-source.ts';
import { type Batch, openReading, type Reading } from './reading.ts';
import { restartsOf } from './restarts-of.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** A container that is about to be started, or that the engine is about to start again, is looked at so often. */
const START_POLL_MS = 50;
const RESTART_POLL_MS = 1000;
/** A log that ends before its newest line is read again so often. */
const MOST_REREADS = 3;

/** Nobody’s fault but the engine’s: waited out, however long. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_version',
]);

/** Milliseconds until the next look (unless woken before), or the reason why there is none. */
type Next = number | 'fenced';

/** Reads run after run until the signal ends, a newer follower takes over, or the log proves unreadable. Throws only for a defect. */
export async function followRuns(state: FollowState): Promise<void> {
  const { signal } = state;
  let delay = FIRST_DELAY;
  while (!signal.aborted) {
    const read_before = state.batches;
    try {
      if (state.writer.broken && !(await state.reopen())) return;
      const next = await readRun(state);
      if (next === 'fenced') return;
      delay = FIRST_DELAY;
      if (next > 0) await state.awake.next(next, signal);
    } catch (error) {
      if (signal.aborted || (state.writer.over.aborted && !state.writer.broken)) return;
      if (!(error instanceof ContractError)) throw error;
      if (error.code === 'logs_unavailable') return state.giveUp(error);
      state.engine_away = OUTAGES.has(error.code);
      if (state.batches > read_before) delay = FIRST_DELAY;
      const { container_id, log } = state.following;
      log.debug({ container: container_id, error }, 'a log stream broke; reading on from where it was');
      await pause(delay, undefined, { signal }).catch(() => undefined);
      delay = Math.min(delay * 2, LONGEST_DELAY);
    }
  }
}

/** One look, and one reading of the log when there may be something in it. */
async function readRun(state: FollowState): Promise<Next> {
  const { signal, waiters } = state;
  const before = await state.following.source.inspect(signal);
  if (state.engine_away) state.progress_at = performance.now();
  state.engine_away = false;
  if (before === undefined || isUnreadable(before)) return gone(state);
  const { started_at, tty } = before;
  if (started_at === undefined) return untilStart(state);
  waiters.settleBefore(started_at);
  if (!hasProcess(before) && state.isRead(started_at)) {
    waiters.settle(started_at);
    return before.state === 'restarting' ? RESTART_POLL_MS : untilStart(state);
  }
  countRun(state, started_at, restartsOf(before));
  const reading = await readToEnd(state, tty);
  if (reading === 'fenced') return 'fenced';
  if (reading.broken_off) return (await state.writer.flush()) ? 0 : 'fenced';
  const after = await state.following.source.inspect(signal);
  const over = after === undefined || !hasProcess(after) || after.started_at !== started_at;
  // An engine that ends a stream while the container runs has not ended the run: its last line may not be whole.
  if (!over) return (await state.writer.flush()) ? FIRST_DELAY : 'fenced';
  if (!(await store(state, reading.rest()))) return 'fenced';
  for (const listener of state.listeners) listener.over(started_at);
  if (after?.started_at === started_at && !(await isAllRead(state, reading, tty))) return FIRST_DELAY;
  state.rereads = 0;
  if (!(await state.settle(started_at))) return 'fenced';
  return 0;
}

/** The engine counts the restarts that it makes; of those between two looks the lines cannot be told apart, and count as the last. */
function countRun(state: FollowState, started_at: string, restarts: number): void {
  if (state.reading_run === started_at) return;
  if (state.is_counted) state.first_attempt = state.attempt;
  // Somebody else started it: the engine counts from the beginning.
  else if (state.reading_run !== undefined && restarts <= state.restarts)
    state.first_attempt = state.attempt + 1 - restarts;
  state.attempt = Math.max(state.attempt, state.first_attempt + restarts);
  state.is_counted = false;
  state.restarts = restarts;
  state.reading_run = started_at;
  for (const listener of state.listeners) listener.run(started_at, state.attempt);
}

/** Until the log ends; broken off when it hangs. */
async function readToEnd(state: FollowState, tty: boolean): Promise<Reading | 'fenced'> {
  const { following, signal } = state;
  const stalled = new AbortController();
  const reading = await openReading(
    following.source,
    state.cursor,
    tty,
    AbortSignal.any([signal, stalled.signal, state.writer.over]),
  );
  const watchdog = setInterval(() => {
    if (performance.now() - state.progress_at < state.timing.stall_ms) return;
    isBehind(state, reading, tty).then(
      (behind) => {
        if (behind) stalled.abort();
      },
      (error: unknown) =>
        following.log.debug(
          { container: following.container_id, error },
          'the newest log line could not be asked',
        ),
    );
  }, state.timing.stall_ms);
  try {
    for await (const batch of reading.batches()) {
      state.progress_at = performance.now();
      state.batches += 1;
      if (!(await store(state, batch))) return 'fenced';
    }
  } finally {
    clearInterval(watchdog);
  }
  return reading;
}

/** Rotation can leave a reader hanging on a file that nobody writes any more. */
async function isBehind(state: FollowState, reading: Reading, tty: boolean): Promise<boolean> {
  const read = reading.newest();
  const newest = await newestTime(state.following.source, tty, state.signal);
  return newest !== undefined && newest !== read && read === reading.newest();
}

/** The run is over and its log ended; it must have ended with its newest line. */
async function isAllRead(state: FollowState, reading: Reading, tty: boolean): Promise<boolean> {
  const newest = await newestTime(state.following.source, tty, state.signal);
  if (newest === undefined || newest === reading.newest()) return true;
  state.rereads += 1;
  return state.rereads > MOST_REREADS;
}

async function store(state: FollowState, { lines, gaps, cursor }: Batch): Promise<boolean> {
  state.cursor = cursor;
  if (lines.length === 0) return true;
  const { attempt } = state;
  const events: NewEvent[] = [];
  for (const line of lines) {
    if (gaps.has(line)) events.push({ type: 'gap', attempt, ts: line.ts, reason: 'rotated' });
    events.push(logEvent(line, attempt));
  }
  for (const listener of state.listeners) listener.lines(events);
  return state.writer.add(events, cursor);
}

/** Somebody removed it, or tried to. What of its last run was not read is lost, and said so. */
async function gone(state: FollowState): Promise<Next> {
  const run = state.reading_run;
  if (run !== undefined && !state.isRead(run) && !(await state.abandon(run))) return 'fenced';
  state.waiters.settleAll(true);
  return Number.POSITIVE_INFINITY;
}

function untilStart({ expected_until }: FollowState): number {
  return performance.now() < expected_until ? START_POLL_MS : Number.POSITIVE_INFINITY;
}

/** An engine gives no log of what it is removing, or could not remove. */
function isUnreadable({ state }: Pick<ObservedContainer, 'state'>): boolean {
  return state === 'dead' || state === 'removing';
}

function hasProcess({ state }: Pick<ObservedContainer, 'state'>): boolean {
  return state === 'running' || state === 'paused';
}

/** Whether a run that began at `a` is as late as one at `b`. */
export function isAsLate(a: string, b: string): boolean {
  return compareTimes(a, b) >= 0;
}
