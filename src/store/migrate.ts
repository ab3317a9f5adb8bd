import type Database from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Migration } from '../../migrations/index.ts';

interface Applied {
  readonly number: number;
  readonly name: string;
}

/** What migrating needs of a connection. */
export interface MigratedDatabase {
  readonly db: Database.Database;
  readonly path: string;
  run<T>(work: () => T): T;
}

/**
 * Bring the schema up to date, all or nothing, in one immediate transaction; one that is up to date is only read. Throws
 * schema_newer, and database_failed for a database that is not the one of these migrations.
 */
export async function migrate(
  { db, path, run }: MigratedDatabase,
  migrations: readonly Migration[],
  now: () => number,
): Promise<void> {
  if (run(() => appliedTo(db, path, migrations)).length === migrations.length) return;
  run(() => db.exec('BEGIN IMMEDIATE'));
  try {
    // Read again under the lock: another process may have been faster.
    const done = appliedTo(db, path, migrations).length;
    await applyFrom(db, migrations, done, now);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

async function applyFrom(
  db: Database.Database,
  migrations: readonly Migration[],
  done: number,
  now: () => number,
): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) });
  await sql`CREATE TABLE IF NOT EXISTS berth_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`.execute(
    kysely,
  );
  const record = db.prepare('INSERT INTO berth_migrations (number, name, applied_at) VALUES (?, ?, ?)');
  for (const [index, migration] of migrations.entries()) {
    if (index < done) continue;
    await migration.up(kysely);
    record.run(index + 1, migration.name, now());
  }
}

function appliedTo(
  db: Database.Database,
  path: string,
  migrations: readonly Migration[],
): readonly Applied[] {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (tables.length === 0) return [];
  if (!tables.includes('berth_migrations')) throw foreign(path);
  const applied = db.prepare<[], Applied>('SELECT number, name FROM berth_migrations ORDER BY number').all();
  if (applied.some(({ name }, index) => name !== (migrations[index]?.name ?? name))) throw foreign(path);
  const newest = applied.at(-1);
  if (newest !== undefined && newest.number > migrations.length)
    throw new ContractError(
      'schema_newer',
      `${path} has schema ${newest.number} (${newest.name}); this Berth knows up to ${migrations.length} (${migrations.at(-1)?.name})`,
      { details: { found: newest.number, known: migrations.length } },
    );
  return applied;
}

function foreign(path: string): ContractError {
  return new ContractError('database_failed', `${path} is a database of something else`, {
    next: 'Move that file away, or use another --state.',
  });
}
