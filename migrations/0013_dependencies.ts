import { type Kysely, sql } from 'kysely';

/** What somebody who waits for this row calls it. */
const CALLED = '(NEW.id, NEW.name, NEW.service, NEW.group_name)';
const WAKE = `
  UPDATE containers SET due_at = min(ifnull(due_at, NEW.updated_at), NEW.updated_at), touched = touched + 1
  WHERE waits_for IS NOT NULL AND removed_at IS NULL AND id <> NEW.id
    AND EXISTS (SELECT 1 FROM json_each(waits_for) WHERE value IN ${CALLED});`;

/**
 * Rows wait for rows, and inits and jobs that have ended well are remembered. Whoever writes what others wait for wakes them in the same
 * statement: a trigger, so that no writer can forget.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN waits_for TEXT CHECK (waits_for IS NULL OR json_valid(waits_for))`.execute(
    db,
  );
  await sql`ALTER TABLE containers ADD COLUMN waits_since INTEGER`.execute(db);
  await sql`ALTER TABLE containers ADD COLUMN completed_hash TEXT`.execute(db);
  await sql`CREATE INDEX containers_waiting ON containers (id) WHERE waits_for IS NOT NULL`.execute(db);
  await sql`
    ALTER TABLE containers ADD COLUMN needs INTEGER GENERATED ALWAYS AS (CASE WHEN NOT json_valid(spec) THEN 0 ELSE
      json_extract(spec, '$.depends_on') IS NOT NULL OR json_extract(spec, '$.volumes_from') IS NOT NULL
      OR json_extract(spec, '$.links') IS NOT NULL
      OR ifnull(json_extract(spec, '$.network_mode'), '') LIKE 'container:%'
      OR ifnull(json_extract(spec, '$.ipc'), '') LIKE 'container:%'
      OR ifnull(json_extract(spec, '$.pid'), '') LIKE 'container:%' END) VIRTUAL`.execute(db);
  await sql`CREATE INDEX containers_needs ON containers (desired_state) WHERE needs = 1 AND removed_at IS NULL`.execute(
    db,
  );
  await sql
    .raw(
      `CREATE TRIGGER containers_changed AFTER UPDATE OF status, health, ready, exit_code, reason, completed, completed_hash, desired_state, generation, removed_at, name
       ON containers BEGIN ${WAKE} END`,
    )
    .execute(db);
  await sql.raw(`CREATE TRIGGER containers_added AFTER INSERT ON containers BEGIN ${WAKE} END`).execute(db);
}

/** Rows wait for nobody again. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const one of ['containers_changed', 'containers_added'])
    await sql`DROP TRIGGER ${sql.raw(one)}`.execute(db);
  for (const one of ['containers_needs', 'containers_waiting'])
    await sql`DROP INDEX ${sql.raw(one)}`.execute(db);
  for (const column of ['needs', 'completed_hash', 'waits_since', 'waits_for'])
    await sql`ALTER TABLE containers DROP COLUMN ${sql.raw(column)}`.execute(db);
}
