import type { LogCursor, StreamCursor } from '../../store/journal.ts';
import type { Line } from './line-assembler.ts';
import { chainOf, nested } from './places.ts';

type Stream = 'stdout' | 'stderr';

/** The cursor of a container of which nothing was read; those of the ones before it are kept, since they may come back. */
export function cursorFor(engineId: string, stored: LogCursor | null): LogCursor {
  if (stored?.engine_id === engineId) return stored;
  const chain = chainOf(stored);
  const known = chain.find(({ engine_id }) => engine_id === engineId);
  const begun = known ?? { engine_id: engineId, stdout: null, stderr: null, run: null };
  return nested([begun, ...chain.filter((one) => one !== known)]) ?? begun;
}

/**
 * Where to begin again so that nothing unseen is missed; undefined: at the beginning. The two copiers of the engine stamp a line
 * before they write it, so a line may stand in the log behind one that is stamped a little later: of a stream that was silent
 * for long, a second before the newest time seen is read again.
 */
export function resumeSince({ stdout, stderr, set_back }: LogCursor): string | undefined {
  if (set_back) return undefined;
  const times = [stdout, stderr].flatMap((one) => (one === null ? [] : [one.ts])).toSorted();
  const newest = times.at(-1);
  if (newest === undefined) return undefined;
  const floor = aSecondBefore(newest);
  const from = [floor, ...(times.length === 2 ? times.slice(0, 1) : [])].toSorted().slice(-1);
  const opens = [stdout, stderr].flatMap((one) => one?.open ?? []);
  return [...from, ...opens].toSorted()[0];
}

/** What of a stream was stored before: so many lines of that very time. `gone`: the mark is no longer in the log. */
export type Mark = { readonly ts: string; readonly left: number } | 'gone' | undefined;
export type Marks = { readonly [S in Stream]: Mark };

/** A mark before the place where reading begins cannot show up: everything of that stream is new. */
export function marksSince({ stdout, stderr }: LogCursor, since: string | undefined): Marks {
  const markOf = (cursor: StreamCursor | null): Mark =>
    cursor === null || cursor.count === 0 || (since !== undefined && cursor.ts < since)
      ? undefined
      : { ts: cursor.ts, left: cursor.count };
  return { stdout: markOf(stdout), stderr: markOf(stderr) };
}

/** The same for a log read from its beginning by position, given how many lines of each mark’s time are in it. */
export function marksByPosition(
  { stdout, stderr }: LogCursor,
  present: { readonly [S in Stream]: number },
): Marks {
  const markOf = (cursor: StreamCursor | null, found: number): Mark => {
    if (cursor === null || cursor.count === 0) return undefined;
    return found === 0 ? 'gone' : { ts: cursor.ts, left: Math.min(cursor.count, found) };
  };
  return { stdout: markOf(stdout, present.stdout), stderr: markOf(stderr, present.stderr) };
}

/** Tells what is new, in position: what was stored before is recognised by stream, time and ordinal. */
export interface Resumption {
  /** `skip`: stored before. `missing`: this is new, and what stood before it in its stream is gone from the log. */
  take(line: Pick<Line, 'stream' | 'ts'>): 'new' | 'skip' | 'missing';
}

/** `by_position`: everything up to the mark is old, whatever its time. */
export function resumption(marks: Marks, by_position: boolean): Resumption {
  const expected: { [S in Stream]: Mark } = { ...marks };
  return {
    take: ({ stream, ts }) => {
      const mark = expected[stream];
      if (mark === undefined) return 'new';
      if (mark !== 'gone' && ts === mark.ts) {
        expected[stream] = mark.left > 1 ? { ts, left: mark.left - 1 } : undefined;
        return 'skip';
      }
      if (mark !== 'gone' && (by_position || ts < mark.ts)) return 'skip';
      expected[stream] = undefined;
      return 'missing';
    },
  };
}

/** The cursor after these lines were stored too. */
export function advance(
  cursor: LogCursor,
  lines: readonly Pick<Line, 'stream' | 'ts'>[],
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

/** To the nanosecond. */
export function aSecondBefore(ts: string): string {
  const [, whole = '', fraction = 'Z'] = /^(.*?)(\.\d+Z|Z)$/.exec(ts) ?? [];
  return `${new Date(Date.parse(`${whole}Z`) - 1000).toISOString().slice(0, 19)}${fraction}`;
}
