import { type Kysely, sql } from 'kysely';

/** Networks, volumes and images that entries declare, and networks that a call asked to be kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE resources (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('network', 'volume', 'image')),
      name TEXT NOT NULL,
      settings TEXT NOT NULL CHECK (json_valid(settings)),
      entry_source TEXT,
      wanted INTEGER NOT NULL CHECK (wanted IN (0, 1)),
      status TEXT NOT NULL CHECK (status IN ('pending', 'ready', 'failed')),
      reason TEXT CHECK (reason IS NULL OR json_valid(reason)),
      updated_at INTEGER NOT NULL,
      CHECK ((status = 'failed') = (reason IS NOT NULL))
    ) STRICT`.execute(db);
  await sql`CREATE INDEX resources_name ON resources (kind, name)`.execute(db);
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('resources').execute();
}
