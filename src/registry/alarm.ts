export interface Alarm {
  /** Ends the wait that runs, or else the next one at once. */
  ring(): void;
  /** Until it rings, but `ms` milliseconds at most; at once when the signal has ended. True when it rang. */
  wait(ms: number): Promise<boolean>;
}

/** Many rings while nobody waits are one. */
export function alarm(signal: AbortSignal): Alarm {
  let rung = false;
  let end: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      end?.();
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          end = undefined;
          const rang = rung;
          rung = false;
          resolve(rang);
        };
        const timer = setTimeout(finish, ms);
        end = finish;
        signal.addEventListener('abort', finish);
        if (rung || signal.aborted) finish();
      }),
  };
}
