import Database from 'better-sqlite3';
import { ContractError } from '../../contracts/contract-error.ts';

/** What SQLite threw, as a ContractError: database_busy, database_failed; anything else as it is. */
export function databaseError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (isBusy(error))
    return new ContractError('database_busy', `${path} is locked by another process`, { cause: error });
  return new ContractError('database_failed', `${path}: ${error.message} (${error.code})`, { cause: error });
}

export function isBusy(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'))
  );
}
