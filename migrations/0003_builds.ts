import { type Kysely, sql } from 'kysely';

/** Builds of images: what is to be built, whose it is now (a lease with a token), and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE builds (
      id TEXT PRIMARY KEY,
      names TEXT NOT NULL CHECK (json_valid(names)),
      request TEXT NOT NULL CHECK (json_valid(request)),
      status TEXT NOT NULL CHECK (status IN ('pending', 'building', 'succeeded', 'failed')),
      attempt INTEGER NOT NULL CHECK (attempt >= 0),
      stopping INTEGER NOT NULL CHECK (stopping IN (0, 1)),
      worker TEXT,
      token INTEGER NOT NULL,
      expires_at INTEGER,
      image_id TEXT,
      error TEXT CHECK (error IS NULL OR json_valid(error)),
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      ended_at INTEGER,
      CHECK ((worker IS NULL) = (expires_at IS NULL)),
      CHECK ((status IN ('succeeded', 'failed')) = (ended_at IS NOT NULL)),
      CHECK ((status = 'succeeded') = (image_id IS NOT NULL)),
      CHECK ((status = 'failed') = (error IS NOT NULL))
    ) STRICT`.execute(db);
  await sql`CREATE INDEX builds_open ON builds (created_at) WHERE status = 'pending' OR worker IS NOT NULL`.execute(
    db,
  );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('builds').execute();
}
