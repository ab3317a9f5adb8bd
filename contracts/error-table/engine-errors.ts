import type { ErrorRow } from './error-row.ts';

/** What the engine answers, or cannot do. */
export const ENGINE_ERRORS = {
  unsupported: {
    status: 501,
    exit: 5,
    retryable: false,
    meaning: 'This engine cannot do that.',
    next: 'Leave out what is listed, or use an engine that has it.',
  },
  engine_unreachable: {
    status: 503,
    exit: 6,
    retryable: true,
    meaning: 'No Docker Engine answers.',
    next: 'Start Docker, set DOCKER_HOST, or run `berth engine start`.',
  },
  engine_denied: {
    status: 403,
    exit: 6,
    retryable: false,
    meaning: 'The engine refused access.',
    next: 'Run as a user who may use the engine’s socket.',
  },
  engine_version: {
    status: 501,
    exit: 6,
    retryable: false,
    meaning: 'The engine is too old or too new.',
    next: 'Use an engine with API 1.40 or later.',
  },
  engine_timeout: {
    status: 504,
    exit: 6,
    retryable: true,
    meaning: 'The engine did not answer in time.',
    next: 'Try again; look at the engine’s log if it stays.',
  },
  engine_refused: {
    status: 400,
    exit: 6,
    retryable: false,
    meaning: 'The engine refused the request as it stands.',
    next: 'Mend what the message names.',
  },
  engine_failed: {
    status: 502,
    exit: 6,
    retryable: true,
    meaning: 'The engine failed while doing it.',
    next: 'Look at the engine’s log.',
  },
  no_space: {
    status: 507,
    exit: 6,
    retryable: true,
    meaning: 'The disk is full.',
    next: 'Free some space; `docker system df` shows who uses it.',
  },
  start_failed: {
    status: 409,
    exit: 6,
    retryable: true,
    meaning: 'The container was made but does not stay up.',
    next: 'Read its log with `berth logs`.',
  },
  logs_unavailable: {
    status: 409,
    exit: 6,
    retryable: false,
    meaning: 'The container’s log driver cannot be read.',
    next: 'Use the json-file or local driver.',
  },
} as const satisfies Record<string, ErrorRow>;
