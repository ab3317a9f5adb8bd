import type { LogFrame } from '../engine.ts';
import type { RawFrame } from './decode-frames.ts';

const SPACE = 0x20;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Frames of a log asked for with timestamps: each piece carries the time of its line’s first. */
export async function* logFrames(
  batches: AsyncIterable<readonly RawFrame[]>,
): AsyncGenerator<readonly LogFrame[]> {
  for await (const batch of batches)
    yield batch
      .filter(({ stream }) => stream !== 'stdin')
      .map(({ stream, data }) => logFrame(stream === 'stderr' ? 'stderr' : 'stdout', data));
}

/** The log of a container with a terminal: no frames, lines with times, everything stdout. */
export async function* terminalFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly LogFrame[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: LogFrame[] = [];
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      frames.push(withoutReturn(logFrame('stdout', rest.subarray(0, end + 1))));
      rest = rest.subarray(end + 1);
    }
    if (frames.length > 0) yield frames;
  }
  if (rest.length > 0) yield [logFrame('stdout', rest)];
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

function withoutReturn(frame: LogFrame): LogFrame {
  return frame.data.at(-1) === CARRIAGE_RETURN ? { ...frame, data: frame.data.subarray(0, -1) } : frame;
}
