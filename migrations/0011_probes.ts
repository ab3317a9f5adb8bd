import { type Kysely, sql } from 'kysely';

/** Whether a container can be used, and what our own looks at it have shown. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN ready INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1))`.execute(
    db,
  );
  await sql`ALTER TABLE containers ADD COLUMN probe_state TEXT CHECK (probe_state IS NULL OR json_valid(probe_state))`.execute(
    db,
  );
  await sql`UPDATE containers SET ready = 1 WHERE status = 'running' AND health IN ('none', 'healthy')`.execute(
    db,
  );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const column of ['probe_state', 'ready'])
    await sql`ALTER TABLE containers DROP COLUMN ${sql.raw(column)}`.execute(db);
}
