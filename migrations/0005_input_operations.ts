import { type Kysely, sql } from 'kysely';

/** Input that was given a name by its sender, so that it is written once. `delivered` follows `dispatched` once it is written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE input_operations (
      id TEXT PRIMARY KEY,
      container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
      digest TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('dispatched', 'delivered')),
      created_at INTEGER NOT NULL
    ) STRICT`.execute(db);
  await sql`CREATE INDEX input_operations_container ON input_operations (container_id)`.execute(db);
  await sql`CREATE INDEX input_operations_age ON input_operations (created_at)`.execute(db);
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('input_operations').execute();
}
