import { type Kysely, sql } from 'kysely';

/** How a container is replaced, how far the replacement is that goes on, and what was done about its not being well, so that whoever takes over can go on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['replacement', 'replacing', 'healing'])
    await sql`ALTER TABLE containers ADD COLUMN ${sql.ref(column)} TEXT CHECK (${sql.ref(column)} IS NULL OR json_valid(${sql.ref(column)}))`.execute(
      db,
    );
}

/** Back to what was before it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers DROP COLUMN healing`.execute(db);
  await sql`ALTER TABLE containers DROP COLUMN replacing`.execute(db);
  await sql`ALTER TABLE containers DROP COLUMN replacement`.execute(db);
}
