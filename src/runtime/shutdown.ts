import { ContractError } from '../../contracts/contract-error.ts';
import type { Log } from './log.ts';

/** How long what is held may take to be let go after a defect. */
const RELEASE_MS = 5000;

/** What a process’s signals do. */
export interface Shutdown {
  /** The first SIGTERM or SIGINT (or of `names`) aborts it, the second ends the process at once. */
  readonly signal: AbortSignal;
  /** From now on they are told to that listener instead, until what is answered is called. */
  take(listener: (name: NodeJS.Signals) => void): () => void;
}

/** One signal a process. */
export function shutdownSignal(...given: Parameters<typeof shutdown>): AbortSignal {
  return shutdown(...given).signal;
}

export function shutdown(
  onSecond: () => void = () => undefined,
  names: readonly ('SIGTERM' | 'SIGINT')[] = ['SIGTERM', 'SIGINT'],
): Shutdown {
  const ending = new AbortController();
  const takers: ((name: NodeJS.Signals) => void)[] = [];
  for (const name of names) {
    process.on(name, () => {
      const taker = takers.at(-1);
      if (taker !== undefined) {
        taker(name);
        return;
      }
      if (ending.signal.aborted) {
        onSecond();
        process.exit(130);
      }
      ending.abort(new ContractError('aborted', `ended by ${name}`));
    });
  }
  return {
    signal: ending.signal,
    take: (listener) => {
      takers.push(listener);
      return () => {
        takers.splice(takers.indexOf(listener), 1);
      };
    },
  };
}

/** A defect that nobody caught: it is logged, what is held is let go (bounded), and the process ends with 1. */
export function dieOnDefects(log: Log, release: () => Promise<void>): void {
  let dying = false;
  const die = (what: string) => (error: unknown) => {
    log.fatal({ error }, `${what}; this process ends`);
    // Others often follow the first; they do not cut its release short.
    if (dying) return;
    dying = true;
    const end = (): void => process.exit(1);
    setTimeout(end, RELEASE_MS);
    // In a promise, so that a release that throws at once is no further defect.
    new Promise<void>((resolve) => resolve(release())).then(end, end);
  };
  process.on('uncaughtException', die('an error was caught by nobody'));
  process.on('unhandledRejection', die('a rejection was handled by nobody'));
}
