import { type Kysely, sql } from 'kysely';

/** Which start was about to be made, so that whoever takes over from a dead worker can tell that it was. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN begun TEXT CHECK (begun IS NULL OR json_valid(begun))`.execute(
    db,
  );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers DROP COLUMN begun`.execute(db);
}
