import { type Kysely, sql } from 'kysely';

/** Streams of events that are no container’s: pulls, builds, execs, samples, engine events; each with the one target it goes to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE operations (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      owner TEXT,
      reply_to TEXT NOT NULL,
      topic TEXT NOT NULL,
      acked_seq INTEGER NOT NULL CHECK (acked_seq >= 0),
      created_at INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT`.execute(db);
  await sql`CREATE INDEX operations_target ON operations (topic, reply_to)`.execute(db);
  await sql`CREATE INDEX operations_open ON operations (owner) WHERE ended_at IS NULL`.execute(db);
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('operations').execute();
}
