import { type Kysely, sql } from 'kysely';

/** Whether a removal leaves the anonymous volumes there, so that whoever carries it out knows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN keep_volumes INTEGER NOT NULL DEFAULT 0 CHECK (keep_volumes IN (0, 1))`.execute(
    db,
  );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers DROP COLUMN keep_volumes`.execute(db);
}
