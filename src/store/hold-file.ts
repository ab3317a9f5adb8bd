import Database from 'better-sqlite3';
import { ContractError } from '../../contracts/contract-error.ts';

export interface Hold {
  release(): void;
}

/**
 * Hold a file against every other process, and every other holder of this one; undefined when another holds it. It is made and stays
 * empty. The kernel keeps the lock, so it ends with this process however that dies. Throws database_failed when it cannot be made.
 */
export function holdFile(path: string): Hold | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw new ContractError(
      'database_failed',
      `${path} cannot be locked: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const held = db;
  return { release: () => void held.close() };
}
