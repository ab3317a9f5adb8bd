import { z } from 'zod';
import { terminalSize } from './container-methods/sessions.ts';
import { wireError } from './contract-error.ts';

/** The first byte of each binary message of a session’s websocket says what the rest of it is. */
export const SESSION_BYTES = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** What who joined may say besides input, as JSON in a text message. */
export const sessionRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('end') }),
  z.strictObject({ type: z.literal('resize'), ...terminalSize.shape }),
  z.strictObject({ type: z.literal('detach') }),
]);
export type SessionRequest = z.infer<typeof sessionRequest>;

/** What a session says besides output, as JSON in a text message. After `exit`, `detached` and `error` nothing comes. */
export const sessionNotice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), exec_id: z.string().optional() }),
  z.object({
    type: z.literal('gap'),
    bytes: z.int().describe('Output left out, since it was not read in time; the log has it.'),
  }),
  z.object({
    type: z.literal('exit'),
    exit_code: z.int().describe('Left out when the engine does not say.').optional(),
  }),
  z.object({ type: z.literal('detached') }),
  z.object({ type: z.literal('error'), error: wireError }),
]);
export type SessionNotice = z.infer<typeof sessionNotice>;

export type SessionEvent =
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }
  | Exclude<SessionNotice, { type: 'error' }>;

/** One end of a session. Closing it, or aborting what it was joined with, ends a command in its container, and leaves a container’s main process alone. */
export interface JoinedSession {
  /** To be read once; the last is `exit` or `detached`. Throws what a call would throw. */
  readonly events: AsyncIterable<SessionEvent>;
  /** Resolves once it may be followed by more. */
  write(data: Uint8Array): Promise<void>;
  /** The end of the input. */
  end(): Promise<void>;
  resize(size: z.infer<typeof terminalSize>): Promise<void>;
  /** Leave it running. */
  detach(): Promise<void>;
  close(): void;
}
