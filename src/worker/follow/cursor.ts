import type { LogCursor, StreamCursor } from '../../store/journal.ts';
import type { Line } from './line-assembler.ts';

type Stream = 'stdout' | 'stderr';

/**
 * The two copiers of the engine stamp a line before they write it: a line may stand in the log behind one that is stamped a
 * little later. So a resume reads this much more than the newest time seen.
 */
const OVERLAP_NANOS = 1_000_000_000n;

/** Where to begin again so that nothing unseen is missed; undefined: at the beginning. */
export function resumeSince(cursor: LogCursor | null): string | undefined {
  if (cursor === null) return undefined;
  const times = [cursor.stdout, cursor.stderr].filter((one) => one !== null);
  const newest = times
    .map(({ ts }) => ts)
    .toSorted()
    .at(-1);
  if (newest === undefined) return undefined;
  const opens = times.flatMap(({ open }) => open ?? []);
  return [minusOverlap(newest), ...opens].toSorted()[0];
}

/** Whether the clock was set back since: the log’s newest line is older than what was read already, beyond any overlap. */
export function wasSetBack(cursor: LogCursor | null, newestInLog: string | undefined): boolean {
  const since = resumeSince(cursor);
  return since !== undefined && newestInLog !== undefined && newestInLog < since;
}

/** Passes on what is new, in position: what was stored before is recognised by stream, time and ordinal. */
export interface Resumption {
  /** `skip`: stored before. `missing`: this is new, and what stood before it in its stream is gone from the log. */
  take(line: Line): 'new' | 'skip' | 'missing';
}

/**
 * `by_position`: the log is read from its beginning and times prove nothing (the clock was set back): everything up to the
 * mark is old, whatever its time.
 */
export function resumption(
  cursor: LogCursor | null,
  since: string | undefined,
  by_position = false,
): Resumption {
  const marks: Record<Stream, { left: number; readonly ts: string } | undefined> = {
    stdout: markOf(cursor?.stdout ?? null, since),
    stderr: markOf(cursor?.stderr ?? null, since),
  };
  return {
    take: ({ stream, ts }) => {
      const mark = marks[stream];
      if (mark === undefined) return 'new';
      if (ts === mark.ts) {
        mark.left -= 1;
        if (mark.left === 0) marks[stream] = undefined;
        return 'skip';
      }
      if (by_position || ts < mark.ts) return 'skip';
      marks[stream] = undefined;
      return 'missing';
    },
  };
}

/** A mark before the place where reading begins cannot show up: everything of that stream is new. */
function markOf(
  cursor: StreamCursor | null,
  since: string | undefined,
): { left: number; readonly ts: string } | undefined {
  if (cursor === null || cursor.count === 0 || (since !== undefined && cursor.ts < since)) return undefined;
  return { left: cursor.count, ts: cursor.ts };
}

/** The cursor after these lines were stored too. */
export function advance(
  cursor: LogCursor,
  lines: readonly Line[],
  openSince: (stream: Stream) => string | undefined,
): LogCursor {
  let { stdout, stderr } = cursor;
  for (const { stream, ts } of lines) {
    const before = stream === 'stdout' ? stdout : stderr;
    const after: StreamCursor = { ts, count: before?.ts === ts ? before.count + 1 : 1, open: null };
    if (stream === 'stdout') stdout = after;
    else stderr = after;
  }
  return {
    ...cursor,
    stdout: withOpen(stdout, openSince('stdout')),
    stderr: withOpen(stderr, openSince('stderr')),
  };
}

function withOpen(cursor: StreamCursor | null, open: string | undefined): StreamCursor | null {
  if (cursor === null) return open === undefined ? null : { ts: open, count: 0, open };
  return { ...cursor, open: open ?? null };
}

/** One second earlier, to the nanosecond. */
function minusOverlap(ts: string): string {
  const [, whole = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(ts) ?? [];
  const nanos =
    BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0')) - OVERLAP_NANOS;
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`;
}
