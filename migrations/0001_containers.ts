import { type Kysely, sql } from 'kysely';

/** Rows of containers with their claims, subscriptions, last good registry files, and who pulls which image. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE containers (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      entry_source TEXT,
      declared INTEGER NOT NULL CHECK (declared IN (0, 1)),
      aliases TEXT NOT NULL CHECK (json_valid(aliases)),
      spec TEXT NOT NULL CHECK (json_valid(spec)),
      spec_hash TEXT NOT NULL,
      recreate_hash TEXT NOT NULL,
      desired_state TEXT NOT NULL CHECK (desired_state IN ('running', 'created', 'stopped', 'removed')),
      stop_timeout REAL CHECK (stop_timeout >= 0),
      restart_from TEXT,
      generation INTEGER NOT NULL CHECK (generation >= 1),
      created_at INTEGER NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('pending', 'waiting', 'pulling', 'creating', 'starting', 'running', 'restarting', 'paused', 'stopping', 'stopped', 'failed', 'removed')),
      health TEXT NOT NULL CHECK (health IN ('none', 'starting', 'healthy', 'unhealthy')),
      exit_code INTEGER,
      reason TEXT CHECK (reason IS NULL OR json_valid(reason)),
      attempt INTEGER NOT NULL CHECK (attempt >= 0),
      failures INTEGER NOT NULL CHECK (failures >= 0),
      next_attempt_at INTEGER,
      completed INTEGER NOT NULL CHECK (completed IN (0, 1)),
      engine_id TEXT,
      image_id TEXT,
      applied_hash TEXT,
      applied_generation INTEGER NOT NULL,
      observed TEXT CHECK (observed IS NULL OR json_valid(observed)),
      observed_at INTEGER,
      removed_at INTEGER,
      due_at INTEGER,
      touched INTEGER NOT NULL,
      claimed_by TEXT,
      claim_token INTEGER NOT NULL,
      claim_generation INTEGER NOT NULL,
      claim_expires_at INTEGER,
      follower TEXT,
      follow_token INTEGER NOT NULL,
      follow_expires_at INTEGER,
      updated_at INTEGER NOT NULL,
      CHECK ((claimed_by IS NULL) = (claim_expires_at IS NULL)),
      CHECK ((follower IS NULL) = (follow_expires_at IS NULL)),
      CHECK ((status = 'removed') = (removed_at IS NOT NULL)),
      CHECK (applied_generation <= generation)
    ) STRICT`.execute(db);
  await sql`CREATE UNIQUE INDEX containers_name ON containers (name) WHERE removed_at IS NULL`.execute(db);
  await sql`CREATE INDEX containers_any_name ON containers (name)`.execute(db);
  await sql`CREATE INDEX containers_due ON containers (due_at) WHERE due_at IS NOT NULL`.execute(db);
  await sql`CREATE INDEX containers_engine_id ON containers (engine_id) WHERE engine_id IS NOT NULL`.execute(
    db,
  );
  await sql`CREATE INDEX containers_newest ON containers (created_at DESC, id DESC)`.execute(db);
  await statusMoves(db);
  await sql`
    CREATE TABLE subscriptions (
      id TEXT PRIMARY KEY,
      container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
      reply_to TEXT NOT NULL,
      topic TEXT NOT NULL,
      acked_seq INTEGER NOT NULL CHECK (acked_seq >= 0),
      created_at INTEGER NOT NULL,
      UNIQUE (container_id, reply_to, topic)
    ) STRICT`.execute(db);
  await sql`CREATE INDEX subscriptions_target ON subscriptions (topic, reply_to)`.execute(db);
  await sql`
    CREATE TABLE entry_files (
      path TEXT PRIMARY KEY,
      root TEXT NOT NULL,
      content_hash TEXT NOT NULL,
      entries TEXT NOT NULL CHECK (json_valid(entries)),
      read_at INTEGER NOT NULL
    ) STRICT`.execute(db);
  await sql`
    CREATE TABLE pulls (
      image TEXT PRIMARY KEY,
      worker TEXT NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT`.execute(db);
}

/** Which status may follow which within a generation; the trigger refuses the rest, whoever writes. */
const MOVES: Readonly<Record<string, string>> = {
  pending: 'waiting pulling creating starting running restarting paused stopping stopped failed removed',
  waiting: 'pending pulling creating starting running restarting paused stopping stopped failed removed',
  pulling: 'pending waiting creating starting running restarting paused stopping stopped failed removed',
  creating: 'pending waiting pulling starting running restarting paused stopping stopped failed removed',
  starting: 'pending waiting pulling creating running restarting paused stopping stopped failed removed',
  running: 'waiting pulling creating starting restarting paused stopping stopped failed removed',
  restarting: 'waiting pulling creating starting running paused stopping stopped failed removed',
  paused: 'waiting pulling creating starting running restarting stopping stopped failed removed',
  stopping: 'waiting pulling creating starting running restarting paused stopped failed removed',
  stopped: 'waiting pulling creating starting running restarting paused stopping failed removed',
  failed: 'pending waiting pulling creating starting running restarting paused stopping stopped removed',
};

async function statusMoves(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE status_moves (from_status TEXT NOT NULL, to_status TEXT NOT NULL, PRIMARY KEY (from_status, to_status)) STRICT, WITHOUT ROWID`.execute(
    db,
  );
  for (const [from, all] of Object.entries(MOVES))
    for (const to of all.split(' ')) await sql`INSERT INTO status_moves VALUES (${from}, ${to})`.execute(db);
  await sql`
    CREATE TRIGGER containers_status BEFORE UPDATE OF status ON containers
    WHEN NEW.generation = OLD.generation AND NEW.status <> OLD.status
      AND NOT EXISTS (SELECT 1 FROM status_moves WHERE from_status = OLD.status AND to_status = NEW.status)
    BEGIN SELECT raise(ABORT, 'a status move that is not allowed'); END`.execute(db);
}

/** Back to an empty database. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['pulls', 'entry_files', 'subscriptions', 'containers', 'status_moves'])
    await db.schema.dropTable(table).execute();
}
