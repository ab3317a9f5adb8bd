import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Migration } from '../../migrations/index.ts';
import { databaseError, isBusy } from './database-error.ts';
import { migrate } from './migrate.ts';

const TRIES = 8;
/** Opening may wait longer than a statement: the first of several processes writes the schema meanwhile. */
const OPEN_BUSY_MS = 5000;

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
  /** Several reads of one and the same state. Writes nothing. */
  snapshot<T>(work: () => T): T;
  close(): void;
}

export interface ConnectionOptions {
  /** How long a statement waits for another process’s write before it is tried again, in milliseconds. */
  readonly busy_ms: number;
  readonly now: () => number;
}

/** Open and migrate. The file is the owner’s alone (0600). Throws schema_newer, database_failed, database_busy. */
export async function openConnection(
  path: string,
  migrations: readonly Migration[],
  { busy_ms, now }: ConnectionOptions,
): Promise<Connection> {
  const connection = connectionOver(openFile(path), path);
  try {
    connection.run(() => {
      connection.db.pragma('journal_mode = WAL');
      connection.db.pragma('synchronous = NORMAL');
      connection.db.pragma('foreign_keys = ON');
    });
    await migrate(connection, migrations, now);
    connection.db.pragma(`busy_timeout = ${busy_ms}`);
    return connection;
  } catch (error) {
    connection.close();
    throw databaseError(error, path);
  }
}

function openFile(path: string): Database.Database {
  try {
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    return new Database(path, { timeout: OPEN_BUSY_MS });
  } catch (error) {
    throw databaseError(error, path);
  }
}

function connectionOver(db: Database.Database, path: string): Connection {
  const statements = new Map<string, Database.Statement<unknown[], unknown>>();
  const prepared = (text: string): Database.Statement<unknown[], unknown> => {
    const known = statements.get(text) ?? db.prepare<unknown[], unknown>(text);
    statements.set(text, known);
    return known;
  };
  const run = <T>(work: () => T): T => {
    for (let tries = 1; ; tries++) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || tries === TRIES) throw databaseError(error, path);
        pause(Math.random() * 10 * tries);
      }
    }
  };
  return {
    db,
    path,
    prepared,
    run,
    transaction: (work) => run(() => db.transaction(work).immediate()),
    snapshot: (work) => run(() => db.transaction(work).deferred()),
    close: () => db.close(),
  };
}

/** Synchronous, as better-sqlite3 is; a few milliseconds, the length of another writer’s transaction. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
