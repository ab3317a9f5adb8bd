import { type BerthEvent, isOperationId } from '../../../contracts/berth-event.ts';
import type { LogEvent } from '../../../contracts/events.ts';
import type { Connection } from '../connection.ts';
import type { LineQuery } from '../journal.ts';
import { placedChunk, sizeOf } from './chunk-codec.ts';

/** About as much as one answer may weigh. */
const MAX_ANSWER = 8 * 1024 * 1024;

export interface LinePage {
  readonly lines: readonly LogEvent[];
  readonly has_more: boolean;
}

export interface ChunkReader {
  read(containerId: string, fromSeq: number, limit: number): readonly BerthEvent[];
  lines(containerId: string, query: LineQuery): LinePage;
}

interface RawChunk {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly data: Buffer;
}
interface Wanted {
  readonly id: string;
  readonly since: string;
  readonly until: string;
  readonly stream: 'stdout' | 'stderr' | undefined;
  readonly source: 'container' | 'build';
}

/** The reading half of `logs.db`, synchronously. One chunk at a time is unpacked, whatever the query. */
export function chunkReader({ db, snapshot }: Connection, now: () => number): ChunkReader {
  const firstSeq = db
    .prepare<[string], number>('SELECT first_seq FROM streams WHERE container_id = ?')
    .pluck();
  const chunkAfter = db.prepare<[string, number], RawChunk>(
    'SELECT first_seq, last_seq, data FROM chunks WHERE container_id = ? AND last_seq > ? ORDER BY last_seq LIMIT 1',
  );
  const searches = lineSearches({ db });

  function* eventsFrom(containerId: string, fromSeq: number): Generator<BerthEvent> {
    const oldest = firstSeq.get(containerId) ?? 1;
    if (fromSeq < oldest) yield dropped(containerId, { from: fromSeq, to: oldest - 1 }, now());
    let after = fromSeq - 1;
    for (;;) {
      const chunk = chunkAfter.get(containerId, after);
      if (chunk === undefined) return;
      for (const event of placedChunk(containerId, chunk.first_seq, chunk.data))
        if (event.seq > after) yield event;
      after = chunk.last_seq;
    }
  }

  return {
    read: (containerId, fromSeq, limit) =>
      snapshot(() => page(eventsFrom(containerId, Math.max(fromSeq, 1)), limit).found),
    lines: (
      containerId,
      { tail, since = '', until = '~', stream, source = 'container', after_seq = 0, limit },
    ) =>
      snapshot(() => {
        const search = searches({ id: containerId, since, until, stream, source });
        const after = tail === undefined ? after_seq : search.beforeLast(tail, after_seq);
        const { found, has_more } = page(search.after(after), limit);
        return { lines: found, has_more };
      }),
  };
}

interface LineSearch {
  after(seq: number): Generator<LogEvent>;
  /** The seq before the last `count` lines that the search finds after `seq`. */
  beforeLast(count: number, seq: number): number;
}

function lineSearches({ db }: Pick<Connection, 'db'>): (wanted: Wanted) => LineSearch {
  const some = `SELECT first_seq, last_seq, data FROM chunks WHERE container_id = @id AND last_seq > @after
    AND last_ts >= @since AND first_ts <= @until AND ((@out AND out_lines > 0) OR (@err AND err_lines > 0))`;
  const next = db.prepare<Record<string, unknown>, RawChunk>(`${some} ORDER BY last_seq LIMIT 1`);
  const former = db.prepare<Record<string, unknown>, RawChunk>(
    `${some} AND last_seq < @before ORDER BY last_seq DESC LIMIT 1`,
  );
  return ({ id, since, until, stream, source }) => {
    const bounds = { id, since, until, out: stream === 'stderr' ? 0 : 1, err: stream === 'stdout' ? 0 : 1 };
    const wantedOf = ({ first_seq, data }: RawChunk, after: number): readonly LogEvent[] =>
      placedChunk(id, first_seq, data).filter(
        (event): event is LogEvent =>
          event.type === 'log' &&
          'container_id' in event &&
          (event.source ?? 'container') === source &&
          event.seq > after &&
          event.ts >= since &&
          event.ts <= until &&
          (stream === undefined || event.stream === stream),
      );
    return {
      *after(seq) {
        for (let after = seq; ; ) {
          const chunk = next.get({ ...bounds, after });
          if (chunk === undefined) return;
          yield* wantedOf(chunk, after);
          after = chunk.last_seq;
        }
      },
      beforeLast(count, seq) {
        if (count === 0) return Number.MAX_SAFE_INTEGER;
        for (let missing = count, before = Number.MAX_SAFE_INTEGER; ; ) {
          const chunk = former.get({ ...bounds, after: seq, before });
          if (chunk === undefined) return seq;
          const wanted = wantedOf(chunk, seq);
          const first = wanted.at(-missing);
          if (wanted.length >= missing && first !== undefined) return first.seq - 1;
          missing -= wanted.length;
          before = chunk.last_seq;
        }
      },
    };
  };
}

/** As many as the limit and the weight of an answer allow; one more than that is the proof that there are more. */
function page<E extends BerthEvent>(
  events: Iterable<E>,
  limit: number,
): { readonly found: readonly E[]; readonly has_more: boolean } {
  const found: E[] = [];
  let size = 0;
  for (const event of events) {
    size += sizeOf(event);
    if (found.length >= limit || (found.length > 0 && size > MAX_ANSWER)) return { found, has_more: true };
    found.push(event);
  }
  return { found, has_more: false };
}

function dropped(
  stream_id: string,
  { from, to }: { readonly from: number; readonly to: number },
  now: number,
): BerthEvent {
  return {
    ...(isOperationId(stream_id) ? { operation_id: stream_id } : { container_id: stream_id }),
    type: 'gap',
    seq: to,
    attempt: 0,
    ts: new Date(now).toISOString().replace('Z', '000000Z'),
    from,
    to,
    count: to - from + 1,
    reason: 'retention',
  };
}
