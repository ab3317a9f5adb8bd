import type { Io } from './io.ts';
import type { Deps } from './session.ts';

/** What every command gets. `signal` ends at the first Ctrl-C. */
export interface Context {
  readonly io: Io;
  readonly deps: Deps;
  readonly signal: AbortSignal;
}
