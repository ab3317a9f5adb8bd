import { ContractError } from '../../../contracts/contract-error.ts';

export interface RawFrame {
  readonly stream: 'stdin' | 'stdout' | 'stderr';
  /** A copy: it pins no larger buffer. */
  readonly data: Buffer;
}

const HEADER = 8;
/** The fourth stream: the engine’s own failure while it wrote the others. */
const SYSTEM_ERROR = 3;
/** The engine cuts at 16 KiB plus a timestamp; anything near this is not a frame. */
const LONGEST = 4 * 1024 * 1024;
const MANY = 4096;
const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

/**
 * The engine’s multiplexed frames, in batches as the bytes come; what is not read is not fetched. Iterative, so that a chunk of
 * one byte or of a thousand frames is the same to it. Throws engine_failed on what is no frame and on what the engine
 * says of its own failure, engine_unreachable at an end in the middle of a frame.
 */
export async function* decodeFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly RawFrame[]> {
  let rest: Buffer[] = [];
  let held = 0;
  let needed = HEADER;
  for await (const chunk of bytes) {
    rest.push(chunk);
    held += chunk.length;
    if (held < needed) {
      // Many small pieces weigh more than their bytes.
      if (rest.length >= MANY) rest = [Buffer.concat(rest, held)];
      continue;
    }
    const buffer = rest.length === 1 ? chunk : Buffer.concat(rest, held);
    const frames: RawFrame[] = [];
    let at = 0;
    needed = HEADER;
    while (buffer.length - at >= HEADER) {
      const kind = buffer[at] ?? 0;
      const length = buffer.readUInt32BE(at + 4);
      if (kind > SYSTEM_ERROR || length > LONGEST || buffer.readUIntBE(at + 1, 3) !== 0)
        throw new ContractError('engine_failed', 'the engine sent something that is no frame');
      if (buffer.length - at - HEADER < length) {
        needed = HEADER + length;
        break;
      }
      const data = Buffer.from(buffer.subarray(at + HEADER, at + HEADER + length));
      const stream = STREAMS[kind];
      if (stream === undefined) {
        if (frames.length > 0) yield frames;
        throw new ContractError('engine_failed', `the engine broke off: ${data.toString().trim()}`);
      }
      frames.push({ stream, data });
      at += HEADER + length;
    }
    rest = at === buffer.length ? [] : [Buffer.from(buffer.subarray(at))];
    held = buffer.length - at;
    if (frames.length > 0) yield frames;
  }
  if (held > 0)
    throw new ContractError('engine_unreachable', 'the engine’s stream ended in the middle of a frame');
}
