/** Time that calls back, handed in, so that what waits for it can be tested without waiting. */
export interface Timers {
  /** Milliseconds that only go forward. */
  monotonic(): number;
  /** Calls once, after so many milliseconds. Returns what calls it off. */
  after(ms: number, call: () => void): () => void;
}

export const systemTimers: Timers = {
  monotonic: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
