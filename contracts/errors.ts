import { z } from 'zod';

interface ErrorRow {
  readonly status: number;
  readonly exit: number;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly next: string;
}

/**
 * The one error table: code → HTTP status, exit code, whether the same call may succeed later, what it means, and what
 * to do next. Exit codes: 2 usage and input, 3 not found, 4 conflict, 5 refused, 6 engine, 7 state folder, 8 image, 1 else.
 */
export const ERRORS = {
  invalid_input: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'The input does not fit the schema.',
    next: 'Mend the listed fields.',
  },
  invalid_registry: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'A registry file or entry is wrong.',
    next: 'Mend the file at the place named; `berth validate` checks it.',
  },
  invalid_config: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'A setting or environment variable is wrong.',
    next: 'Mend the setting named.',
  },
  unknown_method: {
    status: 404,
    exit: 2,
    retryable: false,
    meaning: 'No such contract or method.',
    next: 'Run `berth call` to list them.',
  },
  not_found: {
    status: 404,
    exit: 3,
    retryable: false,
    meaning: 'Nothing has that id or name.',
    next: 'Run `berth ps` to see what there is.',
  },
  ambiguous_name: {
    status: 409,
    exit: 4,
    retryable: false,
    meaning: 'The name fits more than one container.',
    next: 'Use one of the ids listed.',
  },
  name_conflict: {
    status: 409,
    exit: 4,
    retryable: false,
    meaning: 'The name is taken.',
    next: 'Choose another name, or remove what has it.',
  },
  port_conflict: {
    status: 409,
    exit: 4,
    retryable: true,
    meaning: 'A published port is taken.',
    next: 'Free the port, or publish another one.',
  },
  not_ours: {
    status: 403,
    exit: 5,
    retryable: false,
    meaning: 'It exists on the engine, but is not of this Berth.',
    next: 'Use the tool that made it.',
  },
  wrong_state: {
    status: 409,
    exit: 4,
    retryable: false,
    meaning: 'The container is not in a state that allows this.',
    next: 'Look at its status with `berth ps`.',
  },
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
  image_not_found: {
    status: 404,
    exit: 8,
    retryable: false,
    meaning: 'No registry has that image.',
    next: 'Check the name and the tag.',
  },
  image_denied: {
    status: 403,
    exit: 8,
    retryable: false,
    meaning: 'The registry refused access.',
    next: 'Log in to the registry.',
  },
  image_rate_limited: {
    status: 429,
    exit: 8,
    retryable: true,
    meaning: 'The registry allows no more pulls for now.',
    next: 'Wait, or log in.',
  },
  image_registry_unreachable: {
    status: 502,
    exit: 8,
    retryable: true,
    meaning: 'The registry does not answer.',
    next: 'Check the network and the registry’s name.',
  },
  image_stalled: {
    status: 504,
    exit: 8,
    retryable: true,
    meaning: 'The pull stopped making progress.',
    next: 'Try again.',
  },
  image_pull_failed: {
    status: 502,
    exit: 8,
    retryable: true,
    meaning: 'The pull failed.',
    next: 'Read the cause, and try again.',
  },
  logs_unavailable: {
    status: 409,
    exit: 6,
    retryable: false,
    meaning: 'The container’s log driver cannot be read.',
    next: 'Use the json-file or local driver.',
  },
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
  aborted: { status: 499, exit: 130, retryable: true, meaning: 'The caller gave up.', next: 'Call again.' },
  internal: {
    status: 500,
    exit: 1,
    retryable: false,
    meaning: 'A defect of Berth.',
    next: 'Report it with the log line of the same time.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const errorCode: z.ZodEnum<{ [K in ErrorCode]: K }> = z.enum(CODES) as never;

/** Codes that any method may answer. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'invalid_input',
  'unknown_method',
  'aborted',
  'internal',
  'database_busy',
  'database_failed',
  'daemon_not_running',
];
