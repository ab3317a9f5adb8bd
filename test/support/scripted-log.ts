import { ContractError } from '../../contracts/contract-error.ts';
import type { LogFrame, LogQuery } from '../../src/engine/port/container-calls.ts';
import type { EngineState } from '../../src/plan/observed.ts';
import type { LogSource } from '../../src/worker/follow/log-source.ts';
import { timeOf } from './builders.ts';

interface Piece {
  readonly stream?: 'stdout' | 'stderr';
  /** Number of the time, see `timeOf`. */
  readonly at: number;
  /** False: the line goes on. */
  readonly ends?: boolean;
}

/** A container with a log, which does what an engine’s does when the script says so. */
export interface ScriptedContainer extends LogSource {
  /** Starts a run; its number is in its time. */
  start(run: number): void;
  write(text: string | Buffer, piece: Piece): void;
  /** The process ends: the log does too. */
  exit(state?: EngineState): void;
  /** Every open stream breaks, as when the engine dies. */
  breakStreams(): void;
  /** Every open stream ends as if all was well, though the container runs. */
  endStreams(): void;
  /** Open streams say nothing more, as those on a file that was rotated away. */
  hangStreams(): void;
  /** The oldest pieces are gone. */
  rotate(count: number): void;
  /** Open streams go on with that piece, and say nothing of those before it, as when their files were rotated away under them. */
  skipTo(count: number): void;
  /** Calls fail while it does not answer. */
  answers: boolean;
  /** Somebody removed it. */
  remove(): void;
  /** What was asked of the log so far. */
  readonly queries: LogQuery[];
  /** How many pieces of a batch. */
  batch: number;
}

/** When run `run` began. */
export function runAt(run: number): string {
  return timeOf(run * 1_000_000);
}

export function aScriptedContainer(): ScriptedContainer {
  const queries: LogQuery[] = [];
  const pieces: LogFrame[] = [];
  const readers = new Set<{ end: 'break' | 'end' | 'hang' | undefined; from: number; wake(): void }>();
  let rotated = 0;
  let state: EngineState = 'created';
  let started_at: string | undefined;
  let removed = false;
  let restart_count = 0;
  const wakeAll = (end?: 'break' | 'end' | 'hang'): void => {
    for (const reader of readers) {
      reader.end = end ?? reader.end;
      reader.wake();
    }
  };
  const refuse = (): void => {
    if (!container.answers) throw new ContractError('engine_unreachable', 'the engine does not answer');
  };

  async function* readLog(query: LogQuery, signal: AbortSignal): AsyncGenerator<readonly LogFrame[]> {
    queries.push(query);
    refuse();
    if (removed) throw new ContractError('not_found', 'no such container');
    const { since, tail, follow } = query;
    const first = since === undefined ? 0 : pieces.findIndex(({ ts }) => ts >= since);
    let next = first < 0 ? pieces.length : Math.max(first, rotated);
    if (tail !== undefined) next = Math.max(rotated, pieces.length - tail);
    const reader = {
      end: undefined as 'break' | 'end' | 'hang' | undefined,
      from: 0,
      wake: (): void => undefined,
    };
    readers.add(reader);
    signal.addEventListener('abort', () => reader.wake());
    try {
      for (;;) {
        if (signal.aborted) throw new ContractError('aborted', 'aborted');
        if (reader.end === 'break') throw new ContractError('engine_unreachable', 'the connection broke');
        if (reader.end === 'end') return;
        next = Math.max(next, reader.from);
        if (next < pieces.length && reader.end !== 'hang') {
          const frames = pieces.slice(next, next + container.batch);
          next += frames.length;
          yield frames;
        } else if (!follow || (state !== 'running' && state !== 'paused')) return;
        else
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
      }
    } finally {
      readers.delete(reader);
    }
  }

  const container: ScriptedContainer = {
    queries,
    answers: true,
    batch: 3,
    readLog,
    inspect: async () => {
      refuse();
      return removed ? undefined : { state, tty: false, restart_count, ...(started_at && { started_at }) };
    },
    start: (run) => {
      if (state !== 'restarting') restart_count = 0;
      state = 'running';
      started_at = runAt(run);
    },
    write: (text, { stream = 'stdout', at, ends = true }) => {
      pieces.push({ stream, ts: timeOf(at), data: Buffer.from(text), ends_line: ends });
      wakeAll();
    },
    exit: (now = 'exited') => {
      state = now;
      if (now === 'restarting') restart_count += 1;
      wakeAll();
    },
    breakStreams: () => wakeAll('break'),
    endStreams: () => wakeAll('end'),
    hangStreams: () => wakeAll('hang'),
    rotate: (count) => {
      rotated = count;
    },
    skipTo: (count) => {
      for (const reader of readers) reader.from = count;
    },
    remove: () => {
      removed = true;
      state = 'dead';
      wakeAll();
    },
  };
  return container;
}
