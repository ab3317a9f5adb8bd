import Database from 'better-sqlite3';
import { ContractError } from '../../contracts/contract-error.ts';

const NEXT: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'Free some space on the disk of the state folder.',
  SQLITE_READONLY: 'Make the state folder writable, or use another --state.',
  SQLITE_NOTADB: 'Move that file away, or use another --state.',
  SQLITE_CORRUPT: 'Move that file away: `berth adopt` makes the rows anew from what the engine has.',
};

/** What SQLite or the file system threw, as a ContractError: database_busy, database_failed; anything else as it is. */
export function databaseError(error: unknown, path: string): unknown {
  if (isBusy(error))
    return new ContractError('database_busy', `${path} is locked by another process`, { cause: error });
  const code = codeOf(error);
  if (code === undefined) return error;
  const [family = ''] = /^SQLITE_[A-Z]+/.exec(code) ?? [];
  const next = NEXT[family];
  return new ContractError('database_failed', `${path}: ${messageOf(error)} (${code})`, {
    cause: error,
    ...(next !== undefined && { next }),
  });
}

export function isBusy(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'))
  );
}

/** SQLite’s code, or the file system’s; better-sqlite3 refuses a missing folder with a TypeError that has none. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof Database.SqliteError) return error.code;
  if (error instanceof Error && 'syscall' in error && 'code' in error) return String(error.code);
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
