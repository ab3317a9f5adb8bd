import { z } from 'zod';
import { CALL_ERRORS } from './error-table/call-errors.ts';
import { DAEMON_ERRORS } from './error-table/daemon-errors.ts';
import { ENGINE_ERRORS } from './error-table/engine-errors.ts';
import { IMAGE_ERRORS } from './error-table/image-errors.ts';

/**
 * The one error table: code → HTTP status, exit code, whether the same call may succeed later, what it means, and what
 * to do next. Exit codes: 2 usage and input, 3 not found, 4 conflict, 5 refused, 6 engine, 7 state folder, 8 image, 9 deployment, 1 else;
 * 124, 126 and 127 as shells have them: out of time, not runnable, not found.
 */
export const ERRORS = {
  ...CALL_ERRORS,
  ...ENGINE_ERRORS,
  ...IMAGE_ERRORS,
  ...DAEMON_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERRORS;

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const errorCode: z.ZodEnum<{ [K in ErrorCode]: K }> = z.enum(CODES) as never;

/** Codes that any method may answer: what the door, the state folder or the engine can run into. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'invalid_input',
  'unknown_method',
  'aborted',
  'internal',
  'database_busy',
  'database_failed',
  'daemon_not_running',
  'engine_unreachable',
  'engine_denied',
  'engine_version',
  'engine_timeout',
  'engine_refused',
  'engine_failed',
  'no_space',
  'too_many',
];
