import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Migration } from '../../migrations/index.ts';
import { databaseError, isBusy } from './database-error.ts';

const TRIES = 8;

/** One SQLite connection: WAL, prepared statements, and writes that begin immediate and are tried again when the file is locked. */
export interface Connection {
  readonly db: Database.Database;
  readonly path: string;
  /** The statement of that text, prepared once. For texts that the code varies, not its callers. */
  prepared(text: string): Database.Statement<unknown[], unknown>;
  /** Run synchronously, retried with jitter while another process writes. Throws database_busy, database_failed. */
  run<T>(work: () => T): T;
  /** The same inside BEGIN IMMEDIATE … COMMIT. Never awaits. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Open and migrate. The file is the owner’s alone (0600). Throws schema_newer, database_failed, database_busy. */
export async function openConnection(
  path: string,
  migrations: readonly Migration[],
  options: { readonly busy_ms?: number } = {},
): Promise<Connection> {
  const connection = connect(path, options.busy_ms ?? 250);
  try {
    await migrate(connection, migrations);
    return connection;
  } catch (error) {
    connection.close();
    throw databaseError(error, path);
  }
}

function connect(path: string, busyMs: number): Connection {
  try {
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    const db = new Database(path, { timeout: Math.max(busyMs, 5000) });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.pragma(`busy_timeout = ${busyMs}`);
    return connectionOver(db, path);
  } catch (error) {
    const known = databaseError(error, path);
    throw known instanceof ContractError
      ? known
      : new ContractError(
          'database_failed',
          `${path} cannot be opened: ${error instanceof Error ? error.message : ''}`,
          { cause: error },
        );
  }
}

function connectionOver(db: Database.Database, path: string): Connection {
  const run = <T>(work: () => T): T => {
    for (let tries = 1; ; tries++) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || tries === TRIES) throw databaseError(error, path);
        // A short synchronous wait: the other writer’s transaction is a few milliseconds.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 10 * tries);
      }
    }
  };
  const statements = new Map<string, Database.Statement<unknown[], unknown>>();
  const prepared = (text: string): Database.Statement<unknown[], unknown> => {
    const known = statements.get(text) ?? db.prepare<unknown[], unknown>(text);
    statements.set(text, known);
    return known;
  };
  return {
    db,
    path,
    prepared,
    run,
    transaction: (work) => run(() => db.transaction(work).immediate()),
    close: () => db.close(),
  };
}

async function migrate({ db, path, run }: Connection, migrations: readonly Migration[]): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) });
  run(() => db.exec('BEGIN IMMEDIATE'));
  try {
    await sql`CREATE TABLE IF NOT EXISTS berth_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT`.execute(
      kysely,
    );
    const applied = db
      .prepare<[], { number: number; name: string }>(
        'SELECT number, name FROM berth_migrations ORDER BY number',
      )
      .all();
    const newest = applied.at(-1);
    if (newest !== undefined && newest.number > migrations.length) {
      throw new ContractError(
        'schema_newer',
        `${path} has schema ${newest.number} (${newest.name}); this Berth knows up to ${migrations.length}`,
      );
    }
    for (const [index, migration] of migrations.entries()) {
      if (index < applied.length) continue;
      await migration.up(kysely);
      db.prepare('INSERT INTO berth_migrations (number, name, applied_at) VALUES (?, ?, ?)').run(
        index + 1,
        migration.name,
        new Date().toISOString(),
      );
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
