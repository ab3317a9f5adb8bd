import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Publisher } from '../../bus/bus.ts';
import type { LogFrame, LogQuery } from '../../engine/engine.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import { isUp } from '../../plan/steps.ts';
import type { Log } from '../../runtime/log.ts';
import type { Journal, LogCursor, NewEvent } from '../../store/journal.ts';
import { advance, resumeSince, resumption, wasSetBack } from './cursor.ts';
import { type EventWriter, eventWriter } from './event-writer.ts';
import { lineAssembler } from './line-assembler.ts';
import { logEvent } from './log-event.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** A log that says nothing for so long is compared with its newest line. */
const STALL_MS = 30_000;
/** A log that cannot be read to its end for so long is given up, with a gap. */
const PATIENCE_MS = 60_000;

/** What a follower needs of the engine; nothing else of it. */
export interface LogSource {
  readLog(query: LogQuery, signal: AbortSignal): AsyncIterable<readonly LogFrame[]>;
  inspect(signal: AbortSignal): Promise<ObservedContainer | undefined>;
}

export interface Following {
  readonly container_id: string;
  readonly engine_id: string;
  readonly token: number;
  readonly tty: boolean;
  readonly source: LogSource;
  readonly journal: Journal;
  readonly publisher: Publisher;
  readonly log: Log;
  /** Now as RFC 3339 with nanoseconds, for events that the engine does not time. */
  readonly timestamp: () => string;
}

/** Reads one container’s log into the journal, run after run, each line once and in order per stream. */
export interface Follower {
  readonly engine_id: string;
  /** The container was started, or may have been: go on reading. `attempt` counts starts. */
  wake(attempt: number): void;
  /** Resolves once the log of the run that began at `started_at` is stored to its end, or given up after a minute without progress (a gap says so). */
  drained(started_at: string | undefined): Promise<void>;
  /** Status and progress events, in order with the lines. False when a newer follower has taken over. */
  tell(events: readonly NewEvent[]): Promise<boolean>;
  /** Stores what it has and ends. */
  stop(): Promise<void>;
}

export async function startFollower(following: Following, attempt: number): Promise<Follower | 'fenced'> {
  const state = await following.journal.open(following.container_id, following.token);
  if (state === 'fenced') return 'fenced';
  const cursor =
    state.cursor?.engine_id === following.engine_id
      ? state.cursor
      : { engine_id: following.engine_id, stdout: null, stderr: null, run: null };
  return follow(following, cursor, attempt);
}

function follow(following: Following, begin: LogCursor, firstAttempt: number): Follower {
  const { log, timestamp } = following;
  const writer = eventWriter(following);
  const ending = new AbortController();
  const awake = signalling();
  const waiters = new Set<{ readonly run: string; readonly resolve: () => void }>();
  let attempt = firstAttempt;
  let cursor = begin;
  let progress_at = performance.now();
  let reopen = new AbortController();
  let unavailable = false;

  const settleRun = (run: string): void => {
    cursor = { ...cursor, run };
    for (const waiter of waiters) {
      if (waiter.run > run) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };

  /** A later run is on: the former ones were read to their ends. */
  const settleBefore = (started_at: string): void => {
    for (const waiter of waiters) {
      if (waiter.run >= started_at) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };

  /** One reading of the log, until it ends or breaks. */
  const readOnce = async (signal: AbortSignal): Promise<void> => {
    const since = resumeSince(cursor);
    const back = wasSetBack(cursor, since === undefined ? undefined : await newestTime(following, signal));
    const from = back ? undefined : since;
    const place = resumption(cursor, from, back);
    const assembler = lineAssembler();
    for await (const frames of following.source.readLog(
      { follow: true, tty: following.tty, ...(from !== undefined && { since: from }) },
      signal,
    )) {
      progress_at = performance.now();
      const lines = frames.flatMap((frame) => assembler.push(frame));
      if (!(await pass(lines))) return;
    }
    await pass(assembler.flush());
    await writer.flush();

    async function pass(lines: readonly ReturnType<typeof assembler.push>[number][]): Promise<boolean> {
      const events: NewEvent[] = [];
      const fresh = lines.filter((line) => {
        const verdict = place.take(line);
        if (verdict === 'missing') events.push({ type: 'gap', attempt, ts: line.ts, reason: 'rotated' });
        if (verdict !== 'skip') events.push(logEvent(line, attempt));
        return verdict !== 'skip';
      });
      cursor = advance(cursor, fresh, assembler.openSince);
      return fresh.length === 0 || (await writer.add(events, cursor));
    }
  };

  const run = async (): Promise<void> => {
    let delay = FIRST_DELAY;
    while (!ending.signal.aborted) {
      reopen = new AbortController();
      const signal = AbortSignal.any([ending.signal, reopen.signal]);
      const watchdog = setInterval(() => void restartIfStalled(signal), STALL_MS);
      try {
        const before = await following.source.inspect(signal);
        await readOnce(signal);
        const seen = await following.source.inspect(ending.signal);
        // A run is read to its end only if it had begun before the reading did: a log read before the start ends at once.
        if (seen !== undefined && seen.started_at !== before?.started_at) continue;
        if (seen === undefined || !isUp(seen)) {
          if (seen === undefined || seen.started_at !== undefined) settleRun(seen?.started_at ?? '~');
          await awake.next(ending.signal);
        } else {
          settleBefore(seen.started_at ?? '');
        }
        if (seen?.state === 'restarting') {
          await awake.next(AbortSignal.any([ending.signal, AbortSignal.timeout(1000)]));
        }
        delay = FIRST_DELAY;
      } catch (error) {
        if (ending.signal.aborted) return;
        if (reopen.signal.aborted) continue;
        if (error instanceof ContractError && error.code === 'logs_unavailable') return giveUp(error);
        if (error instanceof ContractError && error.code === 'not_found') {
          settleRun('~');
          await awake.next(ending.signal);
          continue;
        }
        log.debug(
          { container: following.container_id, error },
          'log stream broke; reading on from where it was',
        );
        await pause(delay, undefined, { signal: ending.signal }).catch(() => undefined);
        delay = Math.min(delay * 2, LONGEST_DELAY);
      } finally {
        clearInterval(watchdog);
      }
    }
  };

  const giveUp = (error: ContractError): void => {
    unavailable = true;
    log.warn({ container: following.container_id }, `${error.message}; its lines cannot be followed`);
    settleRun('~');
  };

  /** Rotation can leave a reader hanging on a file that nobody writes any more. */
  const restartIfStalled = async (signal: AbortSignal): Promise<void> => {
    if (performance.now() - progress_at < STALL_MS) return;
    try {
      const newest = await newestTime(following, signal);
      const read =
        [cursor.stdout?.ts, cursor.stderr?.ts]
          .filter((ts) => ts !== undefined)
          .toSorted()
          .at(-1) ?? '';
      if (newest !== undefined && newest > read) reopen.abort();
    } catch (error) {
      log.debug({ container: following.container_id, error }, 'the newest log line could not be asked');
    }
  };

  const done = run().catch((error: unknown) => {
    log.error({ container: following.container_id, error }, 'following ended');
    settleRun('~');
  });

  return {
    engine_id: following.engine_id,
    wake: (now) => {
      attempt = now;
      awake.signal();
    },
    drained: (started_at) => {
      if (started_at === undefined || unavailable || (cursor.run !== null && cursor.run >= started_at))
        return Promise.resolve();
      return drainedWithin(started_at);
    },
    tell: async (events) => {
      await writer.add(events);
      return writer.flush();
    },
    stop: async () => {
      ending.abort();
      awake.signal();
      await done;
      await writer.flush();
    },
  };

  async function drainedWithin(started_at: string): Promise<void> {
    let settled = false;
    const whole = new Promise<void>((resolve) => {
      waiters.add({ run: started_at, resolve });
    }).then(() => {
      settled = true;
    });
    awake.signal();
    progress_at = performance.now();
    while (!settled) {
      await Promise.race([whole, pause(1000, undefined, { signal: ending.signal }).catch(() => undefined)]);
      if (settled || ending.signal.aborted) return;
      if (performance.now() - progress_at < PATIENCE_MS) continue;
      log.warn({ container: following.container_id }, 'its log could not be read to the end');
      await tellGap(writer, attempt, timestamp());
      settleRun(started_at);
    }
  }
}

async function tellGap(writer: EventWriter, attempt: number, ts: string): Promise<void> {
  await writer.add([{ type: 'gap', attempt, ts, reason: 'unread_at_removal' }]);
  await writer.flush();
}

async function newestTime({ source, tty }: Following, signal: AbortSignal): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const frames of source.readLog({ follow: false, tail: 1, tty }, signal))
    newest = frames.at(-1)?.ts ?? newest;
  return newest;
}

/** A flag that one side waits for and the other raises; raising it twice is once. */
function signalling(): { signal(): void; next(signal: AbortSignal): Promise<void> } {
  let raised = false;
  let wake: (() => void) | undefined;
  return {
    signal: () => {
      raised = true;
      wake?.();
    },
    next: async (signal) => {
      if (!raised && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      raised = false;
      wake = undefined;
    },
  };
}
