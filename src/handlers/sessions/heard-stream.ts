import type { LogFrame } from '../../engine/port/container-calls.ts';
import type { OutputPiece } from '../../engine/port/session-calls.ts';

/** Of an unfinished line so much is kept; the log has the pieces of longer ones. */
const MOST_KEPT = 64 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** One stream of a process that is heard twice: by its log, and live. Each byte is given by one of them. */
export interface HeardStream {
  /** Whether this piece is to be given: it comes after all that the log has given. */
  live(piece: OutputPiece): boolean;
  /** What is to be given of it. */
  logged(frame: LogFrame): readonly OutputPiece[];
  isLive(): boolean;
  /** There is something that the log cannot show yet. */
  isUnfinished(): boolean;
  /** Both are at the same place: from now on it is heard live. What the log has not shown; undefined when they are not. */
  goLive(): OutputPiece | undefined;
}

export function heardStream(stream: OutputPiece['stream']): HeardStream {
  let isLive = false;
  /** Of what is live: the last whole line, and what comes after it. */
  let whole: Buffer | undefined;
  let isFragment = false;
  let unfinished: Buffer = NOTHING;
  /** The same of the log. */
  let loggedWhole: Buffer = NOTHING;
  let loggedUnfinished: Buffer = NOTHING;

  const shown = (): number =>
    whole === undefined ? overlap(loggedUnfinished, unfinished) : loggedUnfinished.length;

  return {
    live: ({ data }) => {
      if (isLive) return true;
      const all = Buffer.concat([unfinished, data]);
      const last = all.lastIndexOf(NEWLINE);
      if (last >= 0) {
        const start = all.subarray(0, last).lastIndexOf(NEWLINE) + 1;
        isFragment = whole === undefined && start === 0;
        whole = all.subarray(start, last);
      }
      unfinished = kept(all.subarray(last + 1));
      return false;
    },
    logged: ({ data, ends_line }) => {
      if (isLive) return [];
      const all = kept(Buffer.concat([loggedUnfinished, data]));
      if (ends_line) loggedWhole = all;
      loggedUnfinished = ends_line ? NOTHING : all;
      return [{ stream, data: ends_line ? Buffer.concat([data, Buffer.of(NEWLINE)]) : data }];
    },
    isLive: () => isLive,
    isUnfinished: () => !isLive && unfinished.length > shown(),
    goLive: () => {
      // A line that the live stream saw only the end of is the log’s from its beginning.
      if (whole !== undefined && !endsAlike(loggedWhole, whole, isFragment)) return undefined;
      isLive = true;
      return { stream, data: unfinished.subarray(shown()) };
    },
  };
}

function kept(data: Buffer): Buffer {
  return data.length > MOST_KEPT ? data.subarray(-MOST_KEPT) : data;
}

/** Of a fragment nobody knows where it begins, nor of what was too long to be kept. */
function endsAlike(line: Buffer, other: Buffer, isFragment: boolean): boolean {
  const length = Math.min(line.length, other.length, MOST_KEPT);
  if (!isFragment && line.length !== other.length && length < MOST_KEPT) return false;
  return length === 0 || line.subarray(-length).equals(other.subarray(-length));
}

/** How much of the beginning of the second is the end of the first. */
function overlap(first: Buffer, second: Buffer): number {
  for (let length = Math.min(first.length, second.length); length > 0; length--)
    if (first.subarray(-length).equals(second.subarray(0, length))) return length;
  return 0;
}
