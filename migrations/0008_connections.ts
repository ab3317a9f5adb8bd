import { type Kysely, sql } from 'kysely';

/** Networks that a call had a container join, beside those of its spec. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE connections (
      container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
      network TEXT NOT NULL,
      joining TEXT NOT NULL CHECK (json_valid(joining)),
      container_created_at INTEGER NOT NULL,
      PRIMARY KEY (container_id, network)
    ) STRICT`.execute(db);
  await sql`CREATE INDEX connections_network ON connections (network)`.execute(db);
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('connections').execute();
}
