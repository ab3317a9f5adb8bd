/** A flag that one side waits for and the other raises; raising it twice is once. */
export interface WakeUp {
  raise(): void;
  /** Resolves when it was raised, after so many milliseconds (Infinity: never by time), or when the signal ends. */
  next(ms: number, signal: AbortSignal): Promise<void>;
}

export function wakeUp(): WakeUp {
  let raised = false;
  let wake: (() => void) | undefined;
  return {
    raise: () => {
      raised = true;
      wake?.();
    },
    next: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          wake = undefined;
          raised = false;
          resolve();
        };
        const timer = Number.isFinite(ms) ? setTimeout(end, ms) : undefined;
        if (raised || signal.aborted) {
          end();
          return;
        }
        signal.addEventListener('abort', end, { once: true });
        wake = end;
      }),
  };
}
