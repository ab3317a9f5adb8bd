import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ContainerEvent } from '../../contracts/events.ts';
import type { NewEvent } from './journal.ts';

type PackedLine = readonly [
  stream: 0 | 1,
  attempt: number,
  ts: string,
  line: string,
  bytes?: string | 0,
  truncated?: 1,
];
type Packed = PackedLine | Exclude<NewEvent, { type: 'log' }>;

/** Events as one compressed blob: lines as short lists, everything else as it is. */
export function encodeChunk(events: readonly NewEvent[]): Buffer {
  return zstdCompressSync(Buffer.from(JSON.stringify(events.map(pack))));
}

/** The events of a chunk again, with their places. */
export function decodeChunk(containerId: string, firstSeq: number, data: Buffer): readonly ContainerEvent[] {
  const packed = JSON.parse(zstdDecompressSync(data).toString()) as readonly Packed[];
  return packed.map((event, index) => placed(unpack(event), containerId, firstSeq + index));
}

/** An event at its place. */
export function placed(event: NewEvent, container_id: string, seq: number): ContainerEvent {
  return { ...event, container_id, seq };
}

function pack(event: NewEvent): Packed {
  if (event.type !== 'log') return event;
  const { stream, attempt, ts, line, bytes, truncated } = event;
  const head = [stream === 'stderr' ? 1 : 0, attempt, ts, line] as const;
  if (truncated) return [...head, bytes ?? 0, 1];
  return bytes === undefined ? head : [...head, bytes];
}

function unpack(packed: Packed): NewEvent {
  if (!isLine(packed)) return packed;
  const [stream, attempt, ts, line, bytes, truncated] = packed;
  return {
    type: 'log',
    stream: stream === 1 ? 'stderr' : 'stdout',
    attempt,
    ts,
    line,
    ...(typeof bytes === 'string' && { bytes }),
    ...(truncated && { truncated: true }),
  };
}

function isLine(packed: Packed): packed is PackedLine {
  return Array.isArray(packed);
}
