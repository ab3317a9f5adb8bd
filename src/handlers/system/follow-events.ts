import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import type { EngineEvent, EventQuery } from '../../engine/port/system-calls.ts';
import type { NewOperationEvent } from '../../store/journal.ts';
import type { Operation, Operations } from '../operations.ts';
import { engineTime } from './engine-time.ts';
import { shown } from './shown-event.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** So many may wait to be stored: an engine drops them for a reader that does not read. */
const MOST_WAITING = 10_000;
/** It was there and is not now: it may come back. */
const AWAY: ReadonlySet<ErrorCode> = new Set(['engine_unreachable', 'engine_timeout', 'engine_failed']);

interface Following {
  readonly engine: Engine;
  readonly operations: Operations;
  /** Of the call: it ends only the beginning. */
  readonly signal: AbortSignal;
}

/** Begin to tell a target what happens on the engine. Resolves once the engine listens; throws what it says to the first request. */
export async function followEvents(
  query: EventQuery,
  target: { readonly reply_to: string; readonly topic: string },
  { engine, operations, signal }: Following,
): Promise<Operation> {
  const ending = new AbortController();
  const giveUp = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const first = engine.system.events(query, ending.signal)[Symbol.asyncIterator]();
    await first.next();
    const operation = operations.begin({ kind: 'engine_events', target });
    const end = (): void => ending.abort(operation.signal.reason);
    operation.signal.addEventListener('abort', end, { once: true });
    const following = follow(first, query, { engine, operation, operations, ended: ending.signal });
    // Whoever listens is told how it ended.
    void operations.during(operation, () => following).catch(() => undefined);
    return operation;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

interface Followed {
  readonly engine: Engine;
  readonly operation: Operation;
  readonly operations: Operations;
  readonly ended: AbortSignal;
}

type Told = EngineEvent | { readonly type: 'connected' };

/** Reads on over outages until it is to end. What comes again after one is told once; that some may be lost is told as a gap. */
async function follow(
  first: AsyncIterator<Told>,
  query: EventQuery,
  { engine, operation, operations, ended }: Followed,
): Promise<void> {
  const teller = tellerOf(operation);
  const seen = recentlySeen();
  let from = query.since ?? engineTime(operations.now());
  let stream: AsyncIterator<Told> = first;
  let delay = FIRST_DELAY;
  try {
    for (;;) {
      try {
        for (let next = await stream.next(); !next.done; next = await stream.next()) {
          const { value } = next;
          if (!('action' in value)) {
            teller.add({ type: 'gap', attempt: 1, ts: operations.now(), reason: 'engine_away' });
            continue;
          }
          delay = FIRST_DELAY;
          if (!seen.isNew(value)) continue;
          from = engineTime(value.ts);
          teller.add({ type: 'engine', attempt: 1, ...shown(value) });
        }
        return;
      } catch (error) {
        if (ended.aborted || !(error instanceof ContractError) || !AWAY.has(error.code)) throw error;
      }
      seen.again();
      await pause(delay, undefined, { signal: ended });
      delay = Math.min(LONGEST_DELAY, delay * 2);
      stream = engine.system.events({ ...query, since: from }, ended)[Symbol.asyncIterator]();
    }
  } finally {
    await teller.flushed();
  }
}

/** Told in batches, in order, while the reading goes on; a listener’s journal that is too slow loses some, and is told how many. */
function tellerOf(operation: Operation): {
  add(event: NewOperationEvent): void;
  flushed(): Promise<void>;
} {
  let waiting: NewOperationEvent[] = [];
  let lost = 0;
  let telling: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const [last] = batch.slice(-1);
      if (lost > 0 && last !== undefined) {
        batch.push({ type: 'gap', attempt: 1, ts: last.ts, count: lost, reason: 'slow_reader' });
        lost = 0;
      }
      await operation.tell(batch);
    }
  };
  return {
    add: (event) => {
      if (waiting.length >= MOST_WAITING) lost += 1;
      else waiting.push(event);
      telling ??= tell().finally(() => {
        telling = undefined;
      });
      // Its failure is thrown to whoever waits for the end.
      telling.catch(() => undefined);
    },
    flushed: async () => {
      await telling;
      await tell();
    },
  };
}

/** Which events were told before: an engine that is asked again begins with the moment of the last one. */
function recentlySeen(): { again(): void; isNew(event: EngineEvent): boolean } {
  let last = '';
  let atLast = new Set<string>();
  let isAgain = false;
  return {
    again: () => {
      isAgain = true;
    },
    isNew: (event) => {
      const key = JSON.stringify([event.type, event.action, event.id, event.attributes]);
      if (isAgain && event.ts <= last && atLast.has(key)) return false;
      if (event.ts > last) {
        last = event.ts;
        atLast = new Set();
      }
      atLast.add(key);
      return true;
    },
  };
}
