import type { ContainerEvent } from '../../contracts/events.ts';
import { decodeChunk, encodeChunk, placed } from './chunk-codec.ts';
import type { Connection } from './connection.ts';
import type { LineQuery, LogCursor, NewEvent, StreamState } from './journal.ts';

interface RawStream {
  readonly next_seq: number;
  readonly first_seq: number;
  readonly token: number;
  readonly bytes: number;
  readonly cursor: string | null;
}
interface RawChunk {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly data: Buffer;
}
type LogEvent = Extract<ContainerEvent, { type: 'log' }>;

export interface Appending {
  readonly container_id: string;
  readonly token: number | null;
  readonly events: readonly NewEvent[];
  readonly cursor?: LogCursor;
}

/** The two tables of `logs.db`, synchronously: only the journal’s thread calls this. */
export interface JournalTables {
  /** All in one transaction, each fenced for itself. */
  appendAll(batches: readonly Appending[]): readonly (readonly ContainerEvent[] | 'fenced')[];
  open(containerId: string, token: number): StreamState | 'fenced';
  state(containerId: string): StreamState;
  read(containerId: string, fromSeq: number, limit: number): readonly ContainerEvent[];
  lines(
    containerId: string,
    query: LineQuery,
  ): { readonly lines: readonly LogEvent[]; readonly has_more: boolean };
  forget(containerIds: readonly string[]): void;
}

export function journalTables(connection: Connection, maxBytes: number): JournalTables {
  const { db, run, transaction } = connection;
  const stream = db.prepare<[string], RawStream>('SELECT * FROM streams WHERE container_id = ?');
  const makeStream = db.prepare(
    'INSERT INTO streams (container_id, next_seq, first_seq, token, bytes) VALUES (?, 1, 1, 0, 0) ON CONFLICT DO NOTHING',
  );
  const advance = db.prepare(
    'UPDATE streams SET next_seq = @next_seq, bytes = @bytes, first_seq = @first_seq, cursor = ifnull(@cursor, cursor) WHERE container_id = @container_id',
  );
  const addChunk = db.prepare(
    'INSERT INTO chunks (container_id, first_seq, last_seq, lines, first_ts, last_ts, bytes, data) VALUES (@container_id, @first_seq, @last_seq, @lines, @first_ts, @last_ts, @bytes, @data)',
  );
  const setToken = db.prepare('UPDATE streams SET token = ? WHERE container_id = ?');
  const oldest = db.prepare<[string], { first_seq: number; last_seq: number; bytes: number }>(
    'SELECT first_seq, last_seq, bytes FROM chunks WHERE container_id = ? ORDER BY first_seq LIMIT 1',
  );
  const dropChunk = db.prepare('DELETE FROM chunks WHERE container_id = ? AND first_seq = ?');
  const after = db.prepare<[string, number], RawChunk>(
    'SELECT first_seq, last_seq, data FROM chunks WHERE container_id = ? AND last_seq >= ? ORDER BY first_seq',
  );
  const linesUp = db.prepare<Record<string, unknown>, RawChunk>(
    'SELECT first_seq, last_seq, data FROM chunks WHERE container_id = @id AND lines > 0 AND last_seq > @after AND last_ts >= @since AND first_ts <= @until ORDER BY first_seq',
  );
  const linesDown = db.prepare<Record<string, unknown>, RawChunk>(
    'SELECT first_seq, last_seq, data FROM chunks WHERE container_id = @id AND lines > 0 AND last_seq > @after AND last_ts >= @since AND first_ts <= @until ORDER BY first_seq DESC',
  );
  const forget = db.prepare('DELETE FROM streams WHERE container_id = ?');

  const ensured = (containerId: string): RawStream => {
    const found = stream.get(containerId);
    if (found !== undefined) return found;
    makeStream.run(containerId);
    return { next_seq: 1, first_seq: 1, token: 0, bytes: 0, cursor: null };
  };

  const append = ({
    container_id,
    token,
    events,
    cursor,
  }: Appending): readonly ContainerEvent[] | 'fenced' => {
    const now = ensured(container_id);
    if (token !== null && token !== now.token) return 'fenced';
    let bytes = now.bytes;
    if (events.length > 0) {
      const data = encodeChunk(events);
      const lines = events.filter(({ type }) => type === 'log').length;
      addChunk.run({
        container_id,
        first_seq: now.next_seq,
        last_seq: now.next_seq + events.length - 1,
        lines,
        ...span(events.map(({ ts }) => ts)),
        bytes: data.length,
        data,
      });
      bytes += data.length;
    }
    const kept = trim(container_id, bytes, now.first_seq);
    advance.run({
      container_id,
      next_seq: now.next_seq + events.length,
      ...kept,
      cursor: cursor === undefined ? null : JSON.stringify(cursor),
    });
    return events.map((event, index) => placed(event, container_id, now.next_seq + index));
  };

  /** The oldest chunks go until the rest fits; the newest always stays. */
  const trim = (
    containerId: string,
    total: number,
    firstSeq: number,
  ): { readonly bytes: number; readonly first_seq: number } => {
    let bytes = total;
    let first_seq = firstSeq;
    while (bytes > maxBytes) {
      const chunk = oldest.get(containerId);
      if (chunk === undefined || chunk.bytes === bytes) break;
      dropChunk.run(containerId, chunk.first_seq);
      bytes -= chunk.bytes;
      first_seq = chunk.last_seq + 1;
    }
    return { bytes, first_seq };
  };

  const stateOf = ({ next_seq, first_seq, token, cursor }: RawStream): StreamState => ({
    next_seq,
    first_seq,
    token,
    cursor: cursor === null ? null : (JSON.parse(cursor) as LogCursor),
  });

  return {
    appendAll: (batches) => transaction(() => batches.map(append)),
    open: (containerId, token) =>
      transaction(() => {
        const now = ensured(containerId);
        if (now.token > token) return 'fenced';
        setToken.run(token, containerId);
        return stateOf({ ...now, token });
      }),
    state: (containerId) =>
      run(() =>
        stateOf(stream.get(containerId) ?? { next_seq: 1, first_seq: 1, token: 0, bytes: 0, cursor: null }),
      ),
    read: (containerId, fromSeq, limit) =>
      run(() => {
        const now = stream.get(containerId);
        if (now === undefined) return [];
        const found: ContainerEvent[] =
          fromSeq < now.first_seq ? [dropped(containerId, fromSeq, now.first_seq - 1)] : [];
        for (const { first_seq, data } of after.iterate(containerId, fromSeq)) {
          if (found.length >= limit) break;
          found.push(...decodeChunk(containerId, first_seq, data).filter(({ seq }) => seq >= fromSeq));
        }
        return found.slice(0, limit);
      }),
    lines: (containerId, { tail, since = '', until = '~', stream: only, after_seq = 0, limit }) =>
      run(() => {
        const wanted = (event: ContainerEvent): event is LogEvent =>
          event.type === 'log' &&
          event.seq > after_seq &&
          event.ts >= since &&
          event.ts <= until &&
          (only === undefined || event.stream === only);
        const bounds = { id: containerId, after: after_seq, since, until };
        if (tail !== undefined) return lastLines(linesDown.iterate(bounds), containerId, wanted, tail, limit);
        const found: LogEvent[] = [];
        for (const { first_seq, data } of linesUp.iterate(bounds)) {
          found.push(...decodeChunk(containerId, first_seq, data).filter(wanted));
          if (found.length > limit) break;
        }
        return { lines: found.slice(0, limit), has_more: found.length > limit };
      }),
    forget: (containerIds) => {
      transaction(() => {
        for (const id of containerIds) forget.run(id);
      });
    },
  };
}

/** The last `tail` of them, of which the first `limit`. */
function lastLines(
  chunks: Iterable<RawChunk>,
  containerId: string,
  wanted: (event: ContainerEvent) => event is LogEvent,
  tail: number,
  limit: number,
): { readonly lines: readonly LogEvent[]; readonly has_more: boolean } {
  const parts: LogEvent[][] = [];
  let count = 0;
  for (const { first_seq, data } of chunks) {
    if (count >= tail) break;
    const part = decodeChunk(containerId, first_seq, data).filter(wanted);
    parts.unshift(part);
    count += part.length;
  }
  const lines = tail === 0 ? [] : parts.flat().slice(-tail);
  return { lines: lines.slice(0, limit), has_more: lines.length > limit };
}

function dropped(container_id: string, from: number, to: number): ContainerEvent {
  return {
    type: 'gap',
    container_id,
    seq: to,
    attempt: 0,
    ts: new Date().toISOString().replace('Z', '000000Z'),
    from,
    to,
    count: to - from + 1,
    reason: 'retention',
  };
}

/** The earliest and the latest of some times; all have the same form, so that they compare as text. */
function span(times: readonly string[]): { readonly first_ts: string; readonly last_ts: string } {
  const sorted = times.toSorted();
  return { first_ts: sorted[0] ?? '', last_ts: sorted.at(-1) ?? '' };
}
