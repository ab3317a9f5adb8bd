import type { ErrorRow } from './error-row.ts';

/** What the state folder and its daemon can run into. */
export const DAEMON_ERRORS = {
  daemon_not_running: {
    status: 503,
    exit: 7,
    retryable: true,
    meaning: 'No `berth up` runs on this state folder.',
    next: 'Run `berth up`, or name the folder with --state.',
  },
  daemon_running: {
    status: 409,
    exit: 7,
    retryable: false,
    meaning: 'A `berth up` already runs on this state folder.',
    next: 'Stop it first (its pid is named), or use another --state.',
  },
  schema_newer: {
    status: 500,
    exit: 7,
    retryable: false,
    meaning: 'The database was written by a newer Berth.',
    next: 'Use that version, or another --state.',
  },
  database_busy: {
    status: 503,
    exit: 7,
    retryable: true,
    meaning: 'The database is locked by another process.',
    next: 'Try again.',
  },
  database_failed: {
    status: 500,
    exit: 7,
    retryable: false,
    meaning: 'The database cannot be read or written.',
    next: 'Check the disk and the rights on the state folder.',
  },
} as const satisfies Record<string, ErrorRow>;
