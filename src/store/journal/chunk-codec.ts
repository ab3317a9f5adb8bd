import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type BerthEvent, isOperationId } from '../../../contracts/berth-event.ts';
import type { StoredEvent } from '../journal.ts';

/** A chunk is what one search unpacks, so it has an end: this many events, or this many characters. */
const MAX_EVENTS = 1000;
const MAX_SIZE = 1024 * 1024;

/** Events packed for `chunks`, before their place is known. */
export interface Chunk {
  readonly count: number;
  readonly out_lines: number;
  readonly err_lines: number;
  /** Earliest and latest time of its lines; null without lines. All times have one form, so that they compare as text. */
  readonly first_ts: string | null;
  readonly last_ts: string | null;
  readonly data: Buffer;
}

type PackedLine = readonly [
  stream: 0 | 1,
  attempt: number,
  ts: string,
  line: string,
  bytes?: string | 0,
  truncated?: 1 | 0,
  source?: 'build',
];
type Packed = PackedLine | Exclude<StoredEvent, { type: 'log' }>;

/** Events as compressed blobs: lines as short lists, everything else as it is. */
export function encodeChunks(events: readonly StoredEvent[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0, size = 0, index = 0; index < events.length; index++) {
    const event = events[index];
    if (event !== undefined) size += sizeOf(event);
    const to = index + 1;
    if (to < events.length && to - from < MAX_EVENTS && size < MAX_SIZE) continue;
    chunks.push(encodeChunk(events.slice(from, to)));
    from = to;
    size = 0;
  }
  return chunks;
}

/** One chunk, however many they are. */
export function encodeChunk(events: readonly StoredEvent[]): Chunk {
  let out_lines = 0;
  let err_lines = 0;
  let first_ts: string | null = null;
  let last_ts: string | null = null;
  for (const event of events) {
    if (event.type !== 'log') continue;
    if (event.stream === 'stderr') err_lines++;
    else out_lines++;
    if (first_ts === null || event.ts < first_ts) first_ts = event.ts;
    if (last_ts === null || event.ts > last_ts) last_ts = event.ts;
  }
  const data = zstdCompressSync(Buffer.from(JSON.stringify(events.map(pack))));
  return { count: events.length, out_lines, err_lines, first_ts, last_ts, data };
}

/** The events of a chunk again. */
export function decodeChunk(data: Buffer): readonly StoredEvent[] {
  const packed = JSON.parse(zstdDecompressSync(data).toString()) as readonly Packed[];
  return packed.map(unpack);
}

/** The same with their places. */
export function placedChunk(streamId: string, firstSeq: number, data: Buffer): readonly BerthEvent[] {
  return decodeChunk(data).map((event, index) => placed(event, streamId, firstSeq + index));
}

/** An event at its place. */
export function placed(event: StoredEvent, stream_id: string, seq: number): BerthEvent {
  // What was stored in a stream of that kind is of that kind: `append` and `appendOperation` see to it.
  return (
    isOperationId(stream_id)
      ? { ...event, operation_id: stream_id, seq }
      : { ...event, container_id: stream_id, seq }
  ) as BerthEvent;
}

/** About how many bytes of memory an event takes. */
export function sizeOf(event: StoredEvent): number {
  return event.type === 'log' ? 200 + event.line.length + (event.bytes?.length ?? 0) : 500;
}

function pack(event: StoredEvent): Packed {
  if (event.type !== 'log') return event;
  const { stream, attempt, ts, line, bytes, truncated } = event;
  const source = 'source' in event ? event.source : undefined;
  const head = [stream === 'stderr' ? 1 : 0, attempt, ts, line] as const;
  if (source !== undefined) return [...head, bytes ?? 0, truncated ? 1 : 0, source];
  if (truncated) return [...head, bytes ?? 0, 1];
  return bytes === undefined ? head : [...head, bytes];
}

function unpack(packed: Packed): StoredEvent {
  if (!isLine(packed)) return packed;
  const [stream, attempt, ts, line, bytes, truncated, source] = packed;
  return {
    type: 'log',
    stream: stream === 1 ? 'stderr' : 'stdout',
    attempt,
    ts,
    line,
    ...(typeof bytes === 'string' && { bytes }),
    ...(truncated === 1 && { truncated: true }),
    ...(source !== undefined && { source }),
  };
}

function isLine(packed: Packed): packed is PackedLine {
  return Array.isArray(packed);
}
