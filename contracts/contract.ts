import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';

/** One thing that can be asked: its input, its answer, the errors it may give and the events it may send. */
export interface Method<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly description: string;
  readonly input: I;
  readonly output: O;
  /** Codes of the error table that this method itself can answer; every method may also answer COMMON_ERRORS. */
  readonly errors: readonly ErrorCode[];
  /** The schema of the events that reach `stream`, for methods that take one. */
  readonly events?: z.ZodType;
  /** The field `tar` of the input or the output is a stream of bytes (byte-stream.ts). */
  readonly bytes?: 'in' | 'out';
  /** True when asking twice is as good as asking once, so that a transport may retry. */
  readonly idempotent: boolean;
}

export type Methods = Readonly<Record<string, Method>>;

/** A named set of methods; the id is what `contract.open('…')` takes. */
export interface Contract<M extends Methods = Methods> {
  readonly id: string;
  readonly description: string;
  readonly methods: M;
}

/** Give a contract its exact type. */
export function defineContract<const M extends Methods>(contract: Contract<M>): Contract<M> {
  return contract;
}

export type InputOf<M extends Method> = z.input<M['input']>;
export type ParsedInputOf<M extends Method> = z.output<M['input']>;
export type OutputOf<M extends Method> = z.output<M['output']>;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What a caller holds: one async function a method; failures are thrown as ContractError. */
export type Client<C extends Contract> = {
  readonly [K in keyof C['methods']]: (
    input: InputOf<C['methods'][K]>,
    options?: CallOptions,
  ) => Promise<OutputOf<C['methods'][K]>>;
};

/** Who asks. Grants and audit hang on it; today it is recorded and shown. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'component'; readonly name: string }
  | { readonly kind: 'plugin'; readonly name: string };

/** What a handler gets beside its input. `self` is the caller's own `reply_to`. */
export interface CallContext {
  readonly caller: Caller;
  readonly self: string;
  readonly signal: AbortSignal;
}

/** What implements a contract: every method, with parsed input in and the answer out. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C['methods']]: (
    input: ParsedInputOf<C['methods'][K]>,
    context: CallContext,
  ) => Promise<OutputOf<C['methods'][K]>>;
};
