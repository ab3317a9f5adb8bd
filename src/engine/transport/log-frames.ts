import type { LogFrame } from '../port/container-calls.ts';
import type { RawFrame } from './decode-frames.ts';

const SPACE = 0x20;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** The engine cuts a line without an end into pieces of so many bytes, each with its time before it. */
const PIECE = 16 * 1024;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;

/** Frames of a log asked for with timestamps: each piece carries the time of its line’s first. */
export async function* logFrames(
  batches: AsyncIterable<readonly RawFrame[]>,
): AsyncGenerator<readonly LogFrame[]> {
  for await (const batch of batches)
    yield batch
      .filter(({ stream }) => stream !== 'stdin')
      .map(({ stream, data }) => logFrame(stream === 'stderr' ? 'stderr' : 'stdout', data));
}

/** The log of a container with a terminal: no frames, lines with times, everything stdout. Holds back less than a piece. */
export async function* terminalFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly LogFrame[]> {
  let rest: Buffer = Buffer.alloc(0);
  let ts = '';
  const taken = (ended: boolean): LogFrame[] => {
    const frames: LogFrame[] = [];
    for (let next = nextPiece(rest, ts, ended); next !== undefined; next = nextPiece(rest, ts, ended)) {
      frames.push(next.frame);
      ts = next.frame.ts;
      rest = rest.subarray(next.length);
    }
    return frames;
  };
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames = taken(false);
    if (frames.length > 0) yield frames;
  }
  const last = taken(true);
  if (last.length > 0) yield last;
}

/** The first line or piece of `rest`, and how many bytes it took; undefined when more must come. */
function nextPiece(
  rest: Buffer,
  before: string,
  ended: boolean,
): { readonly frame: LogFrame; readonly length: number } | undefined {
  const stamp = STAMP.exec(rest.toString('latin1', 0, 40))?.[0] ?? '';
  const full = stamp.length + PIECE;
  const newline = rest.subarray(0, full).indexOf(NEWLINE);
  if (newline < 0 && rest.length < full && !(ended && rest.length > 0)) return undefined;
  const length = newline < 0 ? Math.min(full, rest.length) : newline + 1;
  const end = newline > 0 && rest[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline;
  const data = rest.subarray(stamp.length, newline < 0 ? length : Math.max(end, stamp.length));
  const ts = stamp === '' ? before : stamp.trimEnd();
  return { frame: { stream: 'stdout', ts, data: Buffer.from(data), ends_line: newline >= 0 }, length };
}

function logFrame(stream: 'stdout' | 'stderr', data: Buffer): LogFrame {
  const space = data.indexOf(SPACE);
  const ends_line = data.at(-1) === NEWLINE;
  return {
    stream,
    ts: data.toString('latin1', 0, space < 0 ? data.length : space),
    data: Buffer.from(data.subarray(space + 1, ends_line ? data.length - 1 : data.length)),
    ends_line,
  };
}
