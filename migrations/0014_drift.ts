import { type Kysely, sql } from 'kysely';

/** How an engine shows otherwise what it was asked for, and how often what somebody else changed was set right. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN accepted TEXT CHECK (accepted IS NULL OR json_valid(accepted))`.execute(
    db,
  );
  await sql`ALTER TABLE containers ADD COLUMN repairs TEXT CHECK (repairs IS NULL OR json_valid(repairs))`.execute(
    db,
  );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers DROP COLUMN repairs`.execute(db);
  await sql`ALTER TABLE containers DROP COLUMN accepted`.execute(db);
}
