import { z } from 'zod';
import { ERRORS, type ErrorCode, errorCode } from './errors.ts';

/** One thing wrong, and where: `path` is the field in dots (`ports.0.host`). */
export const problem = z.object({
  path: z.string(),
  message: z.string(),
});
export type Problem = z.infer<typeof problem>;

/** The wire form of a failure. */
export const wireError = z.object({
  code: errorCode,
  message: z.string(),
  next: z.string(),
  retryable: z.boolean(),
  problems: z.array(problem).optional(),
  details: z.record(z.string(), z.json()).optional(),
});
export type WireError = z.infer<typeof wireError>;

export interface ErrorExtras {
  readonly cause?: unknown;
  /** What to type next, when it can be said better than the table does. */
  readonly next?: string;
  readonly problems?: readonly Problem[];
  /** Facts for programs (ids, ports, pids); JSON values only, nothing secret. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** The only error that crosses a contract: a code of the table, one line of cause, and what to do next. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: ErrorCode;
  readonly next: string;
  readonly problems: readonly Problem[] | undefined;
  readonly details: ErrorExtras['details'] | undefined;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.next = extras.next ?? ERRORS[code].next;
    this.problems = extras.problems;
    this.details = extras.details;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      next: this.next,
      retryable: this.retryable,
      ...(this.problems && { problems: [...this.problems] }),
      ...(this.details && { details: { ...this.details } }),
    };
  }

  static fromWire(wire: WireError): ContractError {
    return new ContractError(wire.code, wire.message, {
      next: wire.next,
      ...(wire.problems && { problems: wire.problems }),
      ...(wire.details && { details: wire.details as NonNullable<ErrorExtras['details']> }),
    });
  }
}

/** True when `error` is a ContractError, of `code` if one is given. */
export function isContractError(error: unknown, code?: ErrorCode): error is ContractError {
  return error instanceof ContractError && (code === undefined || error.code === code);
}
