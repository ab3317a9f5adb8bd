import { type Kysely, sql } from 'kysely';

/** The anonymous volumes that a removal takes along: the engine shows them no more once their container is gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN leaving TEXT CHECK (leaving IS NULL OR json_valid(leaving))`.execute(
    db,
  );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers DROP COLUMN leaving`.execute(db);
}
