import type { Timers } from '../../src/runtime/timers.ts';

/** Time that passes only when a test says so. */
export interface FakeTimers extends Timers {
  /** How many calls are waited for. */
  waiting(): number;
  /** So many milliseconds go by: what falls due is called in its turn, and what that sets off goes on before the next. */
  pass(ms: number): Promise<void>;
}

export function fakeTimers(): FakeTimers {
  const waiting = new Set<{ readonly at: number; readonly call: () => void }>();
  let now = 0;
  return {
    monotonic: () => now,
    after: (ms, call) => {
      const one = { at: now + ms, call };
      waiting.add(one);
      return () => void waiting.delete(one);
    },
    waiting: () => waiting.size,
    pass: async (ms) => {
      const end = now + ms;
      for (;;) {
        await settled();
        const [next] = [...waiting].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        waiting.delete(next);
        now = Math.max(now, next.at);
        next.call();
      }
      now = end;
    },
  };
}

/** Once every promise that could go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
