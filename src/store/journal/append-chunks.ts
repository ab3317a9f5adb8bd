import type { Connection } from '../connection.ts';
import type { LogCursor, NewEvent, StreamState } from '../journal.ts';
import { type Chunk, encodeChunks } from './chunk-codec.ts';

/** What a chunk costs in the file beside its blob: its row and its index entry. */
const CHUNK_OVERHEAD = 256;

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
  readonly events: readonly NewEvent[];
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

/** Chunks in, the oldest out as far as the bound asks, and the stream moved on. */
function appender({ db }: Pick<Connection, 'db'>, maxBytes: number): Append {
  const addChunk = db.prepare(
    'INSERT INTO chunks (container_id, first_seq, last_seq, out_lines, err_lines, first_ts, last_ts, bytes, data) VALUES (@container_id, @first_seq, @last_seq, @out_lines, @err_lines, @first_ts, @last_ts, @bytes, @data)',
  );
  const oldest = db.prepare<[string], { rowid: number; last_seq: number; bytes: number }>(
    'SELECT rowid, last_seq, bytes FROM chunks WHERE container_id = ? ORDER BY last_seq LIMIT 1',
  );
  const dropChunk = db.prepare('DELETE FROM chunks WHERE rowid = ?');
  const advance = db.prepare(
    'UPDATE streams SET next_seq = @next_seq, bytes = @bytes, first_seq = @first_seq, cursor = ifnull(@cursor, cursor) WHERE container_id = @container_id',
  );
  return ({ container_id, cursor }, chunks, now) => {
    let { next_seq, bytes, first_seq } = now;
    for (const { count, data, ...rest } of chunks) {
      const cost = data.length + CHUNK_OVERHEAD;
      const last_seq = next_seq + count - 1;
      addChunk.run({ ...rest, container_id, first_seq: next_seq, last_seq, bytes: cost, data });
      next_seq += count;
      bytes += cost;
    }
    // The newest always stays, however large.
    while (bytes > maxBytes) {
      const chunk = oldest.get(container_id);
      if (chunk === undefined || chunk.last_seq === next_seq - 1) break;
      dropChunk.run(chunk.rowid);
      bytes -= chunk.bytes;
      first_seq = chunk.last_seq + 1;
    }
    advance.run({
      container_id,
      next_seq,
      bytes,
      first_seq,
      cursor: cursor === undefined ? null : JSON.stringify(cursor),
    });
  };
}

function stateOf({ next_seq, first_seq, token, cursor }: RawStream): StreamState {
  return { next_seq, first_seq, token, cursor: cursor === null ? null : (JSON.parse(cursor) as LogCursor) };
}
