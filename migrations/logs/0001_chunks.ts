import { type Kysely, sql } from 'kysely';

/** Events of containers in compressed chunks, and per container where the next one goes and how far its log was read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE streams (
      container_id TEXT PRIMARY KEY,
      next_seq INTEGER NOT NULL CHECK (next_seq >= 1),
      first_seq INTEGER NOT NULL CHECK (first_seq BETWEEN 1 AND next_seq),
      token INTEGER NOT NULL CHECK (token >= 0),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      cursor TEXT CHECK (cursor IS NULL OR json_valid(cursor))
    ) STRICT`.execute(db);
  // first_ts and last_ts are of its log lines, and null when it has none.
  await sql`
    CREATE TABLE chunks (
      container_id TEXT NOT NULL REFERENCES streams (container_id) ON DELETE CASCADE,
      first_seq INTEGER NOT NULL CHECK (first_seq >= 1),
      last_seq INTEGER NOT NULL,
      out_lines INTEGER NOT NULL CHECK (out_lines >= 0),
      err_lines INTEGER NOT NULL CHECK (err_lines >= 0),
      first_ts TEXT,
      last_ts TEXT,
      bytes INTEGER NOT NULL CHECK (bytes > 0),
      data BLOB NOT NULL,
      CHECK (last_seq >= first_seq),
      CHECK (out_lines + err_lines <= last_seq - first_seq + 1),
      CHECK ((out_lines + err_lines = 0) = (first_ts IS NULL)),
      CHECK ((first_ts IS NULL) = (last_ts IS NULL))
    ) STRICT`.execute(db);
  // All that a search looks at, so that it reads no blob it does not want.
  await sql`CREATE UNIQUE INDEX chunks_place ON chunks (container_id, last_seq, first_seq, out_lines, err_lines, first_ts, last_ts)`.execute(
    db,
  );
}

/** Back to an empty database. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['chunks', 'streams']) await db.schema.dropTable(table).execute();
}
