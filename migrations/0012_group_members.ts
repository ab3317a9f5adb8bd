import { type Kysely, sql } from 'kysely';
import { up as groupsOfMembers } from './0007_groups.ts';

/** Members know their group, and a group has releases, and deployments that move it from one to another. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE containers ADD COLUMN group_name TEXT`.execute(db);
  await sql`ALTER TABLE containers ADD COLUMN service TEXT`.execute(db);
  await sql`ALTER TABLE containers ADD COLUMN replica INTEGER CHECK (replica >= 1)`.execute(db);
  await sql`ALTER TABLE containers ADD COLUMN release INTEGER CHECK (release >= 1)`.execute(db);
  await sql`CREATE INDEX containers_group ON containers (group_name) WHERE group_name IS NOT NULL`.execute(
    db,
  );
  await sql`
    CREATE TABLE releases (
      group_name TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      services TEXT NOT NULL CHECK (json_valid(services)),
      cause TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (group_name, number)
    ) STRICT, WITHOUT ROWID`.execute(db);
  await sql`
    CREATE TABLE deployments (
      id TEXT PRIMARY KEY,
      group_name TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('deploy', 'update', 'rollback', 'scale', 'registry')),
      from_release INTEGER NOT NULL,
      to_release INTEGER NOT NULL,
      targets TEXT NOT NULL CHECK (json_valid(targets)),
      config TEXT CHECK (config IS NULL OR json_valid(config)),
      state TEXT NOT NULL CHECK (state IN ('running', 'rolling_back', 'succeeded', 'failed', 'rolled_back', 'paused', 'superseded')),
      progress TEXT NOT NULL CHECK (json_valid(progress)),
      reason TEXT CHECK (reason IS NULL OR json_valid(reason)),
      by TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      due_at INTEGER,
      ended_at INTEGER,
      CHECK ((ended_at IS NULL) = (state IN ('running', 'rolling_back')))
    ) STRICT`.execute(db);
  await sql`CREATE UNIQUE INDEX deployments_active ON deployments (group_name) WHERE ended_at IS NULL`.execute(
    db,
  );
  await sql`CREATE INDEX deployments_newest ON deployments (group_name, started_at DESC)`.execute(db);
  await sql`
    UPDATE containers SET group_name = one.group_name, release = 1, service = CASE
        WHEN substr(name, 1, length(one.group_name) + 1) = one.group_name || '-' THEN substr(name, length(one.group_name) + 2)
        ELSE name END
    FROM (SELECT groups.name AS group_name, value AS id FROM groups, json_each(groups.members)) AS one
    WHERE containers.id = one.id`.execute(db);
  await sql`
    INSERT INTO releases (group_name, number, services, cause, created_at)
    SELECT groups.name, 1, json_group_object(containers.service, json_object(
        'name', containers.name, 'spec', json(containers.spec), 'replicas', NULL,
        'start', json(CASE containers.desired_state WHEN 'created' THEN 'false' ELSE 'true' END))), 'compose', groups.created_at
    FROM groups JOIN containers ON containers.group_name = groups.name GROUP BY groups.name`.execute(db);
  await sql`
    CREATE TABLE groups_anew (
      name TEXT PRIMARY KEY,
      network TEXT NOT NULL,
      auto_network INTEGER NOT NULL CHECK (auto_network IN (0, 1)),
      declared INTEGER NOT NULL CHECK (declared IN (0, 1)),
      labels TEXT NOT NULL CHECK (json_valid(labels)),
      update_config TEXT CHECK (update_config IS NULL OR json_valid(update_config)),
      entry_hashes TEXT NOT NULL CHECK (json_valid(entry_hashes)),
      desired_state TEXT NOT NULL CHECK (desired_state IN ('running', 'stopped', 'removed')),
      release INTEGER NOT NULL CHECK (release >= 1),
      created_at INTEGER NOT NULL
    ) STRICT`.execute(db);
  await sql`
    INSERT INTO groups_anew SELECT name, network, auto_network, 0, '{}', NULL, '{}', 'running', 1, created_at FROM groups
    WHERE EXISTS (SELECT 1 FROM releases WHERE group_name = groups.name)`.execute(db);
  await db.schema.dropTable('groups').execute();
  await sql`ALTER TABLE groups_anew RENAME TO groups`.execute(db);
}

/** Back to groups that know their members. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE groups_kept AS SELECT name, network, auto_network,
      (SELECT json_group_array(id) FROM containers WHERE group_name = groups.name) AS members, created_at
    FROM groups WHERE declared = 0`.execute(db);
  for (const table of ['groups', 'releases', 'deployments']) await db.schema.dropTable(table).execute();
  await groupsOfMembers(db);
  await sql`INSERT INTO groups SELECT * FROM groups_kept`.execute(db);
  await db.schema.dropTable('groups_kept').execute();
  await sql`DROP INDEX containers_group`.execute(db);
  for (const column of ['release', 'replica', 'service', 'group_name'])
    await sql`ALTER TABLE containers DROP COLUMN ${sql.raw(column)}`.execute(db);
}
