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
  await sql`
    CREATE TABLE chunks (
      container_id TEXT NOT NULL REFERENCES streams (container_id) ON DELETE CASCADE,
      first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL,
      lines INTEGER NOT NULL CHECK (lines >= 0),
      first_ts TEXT NOT NULL,
      last_ts TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      data BLOB NOT NULL,
      CHECK (last_seq >= first_seq)
    ) STRICT`.execute(db);
  await sql`CREATE UNIQUE INDEX chunks_place ON chunks (container_id, first_seq)`.execute(db);
}

/** Back to an empty database. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['chunks', 'streams']) await db.schema.dropTable(table).execute();
}
