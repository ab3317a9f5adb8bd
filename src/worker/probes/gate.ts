/** So many at once, in their turn. */
export interface Gate {
  /** Waits for its turn; what the signal ends before it began is not begun. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | 'ended'>;
}

export function gate(most: number): Gate {
  const waiting = new Set<() => void>();
  let running = 0;
  const next = (): void => {
    const [first] = waiting;
    if (first === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(first);
    first();
  };
  return {
    run: async (work, signal) => {
      if (running < most) running += 1;
      else if (!(await turn(waiting, signal))) return 'ended';
      try {
        return signal.aborted ? 'ended' : await work();
      } finally {
        next();
      }
    },
  };
}

/** False when the signal ended first. */
function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const begin = (): void => {
      signal.removeEventListener('abort', end);
      resolve(true);
    };
    const end = (): void => {
      waiting.delete(begin);
      resolve(false);
    };
    if (signal.aborted) return resolve(false);
    waiting.add(begin);
    signal.addEventListener('abort', end, { once: true });
  });
}
