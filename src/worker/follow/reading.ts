import type { LogCursor } from '../../store/journal.ts';
import {
  advance,
  type Marks,
  marksByPosition,
  marksSince,
  type Resumption,
  resumeSince,
  resumption,
} from './cursor.ts';
import { type JumpWatch, jumpWatch } from './jump-watch.ts';
import { type Line, lineAssembler } from './line-assembler.ts';
import { type LogSource, newestTime } from './log-source.ts';
import { orderWatch } from './order-watch.ts';

/** New lines and the cursor after them. `gaps` are those of them before which something is missing. */
export interface Batch {
  readonly lines: readonly Line[];
  readonly gaps: ReadonlySet<Line>;
  readonly cursor: LogCursor;
}

/** One reading of a log from where the cursor is. */
export interface Reading {
  /** As they come, until the log ends. Throws when the connection breaks. */
  batches(): AsyncGenerator<Batch>;
  /** After the end of a run: the last line, though it has no newline. */
  rest(): Batch;
  /** The time of the piece read last, new or not. */
  newest(): string | undefined;
  /** It ended before a piece that something may have been left out before: to be read again from there. */
  readonly broken_off: boolean;
}

/** Finds the place first, by time, or by position when the clock was set back since. */
export async function openReading(
  source: LogSource,
  cursor: LogCursor,
  tty: boolean,
  signal: AbortSignal,
): Promise<Reading> {
  const since = resumeSince(cursor);
  const newest = since === undefined ? undefined : await newestTime(source, tty, signal);
  // The newest line is older than what was read already: the clock was set back since.
  const isSetBack = since !== undefined && newest !== undefined && newest < since;
  const byPosition = cursor.set_back === true || isSetBack;
  const marks = byPosition ? await findMarks(source, cursor, tty, signal) : marksSince(cursor, since);
  const begin: LogCursor = byPosition ? { ...cursor, set_back: true } : cursor;
  const query = { follow: true, tty, ...(since !== undefined && !byPosition && { since }) };
  // Times that were set back tell nothing.
  const jumps = byPosition ? undefined : jumpWatch(newest);
  return reading(() => source.readLog(query, signal), resumption(marks, byPosition), begin, jumps);
}

function reading(
  readLog: () => ReturnType<LogSource['readLog']>,
  place: Resumption,
  begin: LogCursor,
  jumps: JumpWatch | undefined,
): Reading {
  const assembler = lineAssembler();
  const order = orderWatch();
  let at = begin;
  let newest: string | undefined;
  let broken_off = false;
  const pass = (lines: readonly Line[]): Batch => {
    const gaps = new Set<Line>();
    const fresh = lines.filter((line) => {
      const verdict = place.take(line);
      if (verdict === 'missing') gaps.add(line);
      return verdict !== 'skip';
    });
    // While all is old, a line that was open at the cursor may not have come by again.
    if (fresh.length > 0) at = advance(at, fresh, assembler.openSince);
    return { lines: fresh, gaps, cursor: at };
  };
  return {
    batches: async function* () {
      for await (const all of readLog()) {
        jumps?.received(performance.now());
        const jump = jumps === undefined ? -1 : all.findIndex(jumps.isJump);
        const frames = jump < 0 ? all : all.slice(0, jump);
        for (const frame of frames) if (order.isBack(frame)) at = { ...at, set_back: true };
        newest = frames.at(-1)?.ts ?? newest;
        yield pass(frames.flatMap(assembler.push));
        if (jump < 0) continue;
        broken_off = true;
        return;
      }
    },
    rest: () => pass(assembler.flush()),
    newest: () => newest,
    get broken_off() {
      return broken_off;
    },
  };
}

/** Reads the whole log once, only to see whether the marks are still in it. */
async function findMarks(
  source: LogSource,
  cursor: LogCursor,
  tty: boolean,
  signal: AbortSignal,
): Promise<Marks> {
  const present = { stdout: 0, stderr: 0 };
  const count = (lines: readonly Line[]): void => {
    for (const { stream, ts } of lines) if (cursor[stream]?.ts === ts) present[stream] += 1;
  };
  const assembler = lineAssembler();
  for await (const frames of source.readLog({ follow: false, tty }, signal))
    count(frames.flatMap(assembler.push));
  count(assembler.flush());
  return marksByPosition(cursor, present);
}
