import type { Io } from './io.ts';
import type { Deps } from './session.ts';

/** What every command gets. `signal` ends at the first Ctrl-C. */
export interface Context {
  readonly io: Io;
  readonly deps: Deps;
  readonly signal: AbortSignal;
  /** From now on Ctrl-C and SIGTERM are told to that listener instead, until what is answered is called. */
  readonly takeSignals?: (listener: () => void) => () => void;
}
