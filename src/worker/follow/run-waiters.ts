import { compareTimes } from '../../plan/compare-times.ts';

/** Those who wait for the end of a run’s log. Runs are named by when they began, as the engine says it. */
export interface RunWaiters {
  /** Resolves with true when that run is settled, with false when nobody will settle it any more. */
  wait(started_at: string): Promise<boolean>;
  /** That run and all before it were read to their ends, or given up. */
  settle(started_at: string): void;
  /** A later run is on: those before it are over. */
  settleBefore(started_at: string): void;
  settleAll(outcome: boolean): void;
}

interface Waiter {
  readonly started_at: string;
  readonly resolve: (outcome: boolean) => void;
}

export function runWaiters(): RunWaiters {
  const waiters = new Set<Waiter>();
  const resolve = (outcome: boolean, which: (started_at: string) => boolean): void => {
    for (const waiter of waiters) {
      if (!which(waiter.started_at)) continue;
      waiters.delete(waiter);
      waiter.resolve(outcome);
    }
  };
  return {
    wait: (started_at) => new Promise((done) => waiters.add({ started_at, resolve: done })),
    settle: (run) => resolve(true, (started_at) => compareTimes(started_at, run) <= 0),
    settleBefore: (run) => resolve(true, (started_at) => compareTimes(started_at, run) < 0),
    settleAll: (outcome) => resolve(outcome, () => true),
  };
}
