import { type Kysely, sql } from 'kysely';

/** Groups of made containers: what was asked for together, and goes together. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE groups (
      name TEXT PRIMARY KEY,
      network TEXT NOT NULL,
      auto_network INTEGER NOT NULL CHECK (auto_network IN (0, 1)),
      members TEXT NOT NULL CHECK (json_valid(members)),
      created_at INTEGER NOT NULL
    ) STRICT`.execute(db);
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('groups').execute();
}
