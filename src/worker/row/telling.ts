import type { NewEvent } from '../../store/journal.ts';
import type { Tell } from '../followers.ts';

/** Events one after the other, without waiting for each. */
export interface Telling {
  add(events: readonly NewEvent[]): void;
  /** Resolves once all are stored. Throws what any of them threw. */
  flushed(): Promise<void>;
}

export function tellingInOrder(tell: Tell): Telling {
  let last: Promise<unknown> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  return {
    add: (events) => {
      last = last
        .then(() => tell(events))
        .catch((error: unknown) => {
          failure ??= { error };
        });
    },
    flushed: async () => {
      await last;
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** At most one in so many milliseconds; the rest is dropped, since the next one says more. */
export function throttled<T>(every_ms: number, tell: (value: T) => void): (value: T) => void {
  let next = 0;
  return (value) => {
    const now = performance.now();
    if (now < next) return;
    next = now + every_ms;
    tell(value);
  };
}
