import type { Connection } from '../connection.ts';
import type { LogCursor, StoredEvent, StreamState } from '../journal.ts';
import { type Chunk, decodeChunk, encodeChunk, encodeChunks } from './chunk-codec.ts';

/** What a chunk costs in the file beside its blob: its row and its index entry. */
const CHUNK_OVERHEAD = 256;
/** A chunk below both is written again with the events that follow it, when they are fewer than that. */
const SMALL_EVENTS = 100;
const SMALL_BYTES = 8 * 1024;

export interface RawStream {
  readonly next_seq: number;
  readonly first_seq: number;
  readonly token: number;
  readonly bytes: number;
  readonly cursor: string | null;
}

/** One call of `append`. */
export interface Appending {
  readonly container_id: string;
  readonly token: number | null;
  readonly events: readonly StoredEvent[];
  readonly cursor?: LogCursor;
}

export interface ChunkWriter {
  /** All in one transaction, each fenced for itself: the seq of its first event, or 'fenced'. */
  appendAll(batches: readonly Appending[]): readonly (number | 'fenced')[];
  open(containerId: string, token: number): StreamState | 'fenced';
  state(containerId: string): StreamState;
  forget(containerIds: readonly string[]): void;
}

/** A container of which nothing is stored. */
const EMPTY: RawStream = { next_seq: 1, first_seq: 1, token: 0, bytes: 0, cursor: null };

/** The writing half of `logs.db`, synchronously: only the journal’s thread calls this. `maxBytes` is per container. */
export function chunkWriter({ db, run, transaction }: Connection, maxBytes: number): ChunkWriter {
  const stream = db.prepare<[string], RawStream>('SELECT * FROM streams WHERE container_id = ?');
  const makeStream = db.prepare(
    'INSERT INTO streams (container_id, next_seq, first_seq, token, bytes) VALUES (?, 1, 1, 0, 0)',
  );
  const setToken = db.prepare('UPDATE streams SET token = ? WHERE container_id = ?');
  const removeStream = db.prepare('DELETE FROM streams WHERE container_id = ?');
  const appendOne = appender({ db }, maxBytes);

  const ensured = (containerId: string): RawStream => {
    const found = stream.get(containerId);
    if (found === undefined) makeStream.run(containerId);
    return found ?? EMPTY;
  };

  return {
    appendAll: (batches) => {
      // Compressed before the lock is taken: other processes wait for it.
      const packed = batches.map((batch) => ({ batch, chunks: encodeChunks(batch.events) }));
      return transaction(() =>
        packed.map(({ batch, chunks }) => {
          const now = ensured(batch.container_id);
          if (batch.token !== null && batch.token !== now.token) return 'fenced';
          appendOne(batch, chunks, now);
          return now.next_seq;
        }),
      );
    },
    open: (containerId, token) =>
      transaction(() => {
        const now = ensured(containerId);
        if (now.token > token) return 'fenced';
        setToken.run(token, containerId);
        return stateOf({ ...now, token });
      }),
    state: (containerId) => run(() => stateOf(stream.get(containerId) ?? EMPTY)),
    forget: (containerIds) => {
      for (const id of containerIds) run(() => removeStream.run(id));
    },
  };
}

type Append = (batch: Appending, chunks: readonly Chunk[], now: RawStream) => void;
interface Place {
  readonly next_seq: number;
  readonly first_seq: number;
  readonly bytes: number;
}

/** Chunks in, the oldest out as far as the bound asks, and the stream moved on. */
function appender(connection: Pick<Connection, 'db'>, maxBytes: number): Append {
  const { db } = connection;
  const addChunk = db.prepare(
    'INSERT INTO chunks (container_id, first_seq, last_seq, out_lines, err_lines, first_ts, last_ts, bytes, data) VALUES (@container_id, @first_seq, @last_seq, @out_lines, @err_lines, @first_ts, @last_ts, @bytes, @data)',
  );
  const advance = db.prepare(
    'UPDATE streams SET next_seq = @next_seq, bytes = @bytes, first_seq = @first_seq, cursor = ifnull(@cursor, cursor) WHERE container_id = @container_id',
  );
  const takeBack = smallChunkTaker(connection);
  const trim = trimmer(connection, maxBytes);
  return ({ container_id, events, cursor }, given, now) => {
    const last = events.length > 0 && events.length < SMALL_EVENTS ? takeBack(container_id) : undefined;
    const chunks = last === undefined ? given : [encodeChunk([...last.events, ...events])];
    let seq = last?.first_seq ?? now.next_seq;
    let bytes = now.bytes - (last?.bytes ?? 0);
    for (const { count, data, ...rest } of chunks) {
      const cost = data.length + CHUNK_OVERHEAD;
      const last_seq = seq + count - 1;
      addChunk.run({ ...rest, container_id, first_seq: seq, last_seq, bytes: cost, data });
      seq += count;
      bytes += cost;
    }
    const place = trim(container_id, { next_seq: seq, first_seq: now.first_seq, bytes });
    advance.run({ ...place, container_id, cursor: cursor === undefined ? null : JSON.stringify(cursor) });
  };
}

interface SmallChunk {
  readonly first_seq: number;
  readonly bytes: number;
  readonly events: readonly StoredEvent[];
}

/** The newest chunk, if it is small, is taken out to be written again with what follows: a line at a time makes no chunk a line. */
function smallChunkTaker({ db }: Pick<Connection, 'db'>): (containerId: string) => SmallChunk | undefined {
  const newest = db.prepare<[string], { rowid: number; first_seq: number; last_seq: number; bytes: number }>(
    'SELECT rowid, first_seq, last_seq, bytes FROM chunks WHERE container_id = ? ORDER BY last_seq DESC LIMIT 1',
  );
  const remove = db.prepare<[number], Buffer>('DELETE FROM chunks WHERE rowid = ? RETURNING data').pluck();
  return (containerId) => {
    const chunk = newest.get(containerId);
    if (chunk === undefined || chunk.bytes > SMALL_BYTES) return undefined;
    if (chunk.last_seq - chunk.first_seq + 1 >= SMALL_EVENTS) return undefined;
    const data = remove.get(chunk.rowid);
    return data && { first_seq: chunk.first_seq, bytes: chunk.bytes, events: decodeChunk(data) };
  };
}

/** The oldest chunks go until the rest fits. The newest always stays, however large. */
function trimmer(
  { db }: Pick<Connection, 'db'>,
  maxBytes: number,
): (containerId: string, place: Place) => Place {
  const oldest = db.prepare<[string], { rowid: number; last_seq: number; bytes: number }>(
    'SELECT rowid, last_seq, bytes FROM chunks WHERE container_id = ? ORDER BY last_seq LIMIT 1',
  );
  const remove = db.prepare('DELETE FROM chunks WHERE rowid = ?');
  return (containerId, place) => {
    let { bytes, first_seq } = place;
    while (bytes > maxBytes) {
      const chunk = oldest.get(containerId);
      if (chunk === undefined || chunk.last_seq === place.next_seq - 1) break;
      remove.run(chunk.rowid);
      bytes -= chunk.bytes;
      first_seq = chunk.last_seq + 1;
    }
    return { ...place, bytes, first_seq };
  };
}

function stateOf({ next_seq, first_seq, token, cursor }: RawStream): StreamState {
  return { next_seq, first_seq, token, cursor: cursor === null ? null : (JSON.parse(cursor) as LogCursor) };
}
