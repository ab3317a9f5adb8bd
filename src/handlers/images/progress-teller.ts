import { setTimeout as pause } from 'node:timers/promises';
import type { PullProgress } from '../../engine/port/image-calls.ts';
import type { Operation } from '../operations.ts';

type Event = Parameters<Operation['tell']>[0][number];

/** What is heard meanwhile is told together. */
const BATCH_MS = 150;

/**
 * Tells the progress of a pull or push: an event a layer, and one without a layer for the whole. Of what is heard while
 * something is being told only the latest of each layer counts, so that neither memory nor the engine waits for a listener.
 */
export function progressTeller(
  image: string,
  tell: Operation['tell'],
  now: () => string,
): {
  readonly hear: (progress: PullProgress) => void;
  /** All of it is told. Throws what the telling threw. */
  readonly end: () => Promise<void>;
} {
  const waiting = new Map<string, Event>();
  const ending = new AbortController();
  let telling: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  const tellAll = async (): Promise<void> => {
    while (waiting.size > 0) {
      await pause(BATCH_MS, undefined, { signal: ending.signal }).catch(() => undefined);
      const events = [...waiting.values()];
      waiting.clear();
      await tell(events);
    }
  };
  return {
    hear: ({ phase, layer, current, total, rate, in_layer }) => {
      const event = (more: object): Event =>
        ({ type: 'progress', attempt: 1, ts: now(), image, phase, ...more }) as Event;
      if (layer !== undefined && in_layer !== undefined) waiting.set(layer, event({ layer, ...in_layer }));
      waiting.set('', event({ current, total, ...(rate !== undefined && { rate: Math.max(0, rate) }) }));
      telling ??= tellAll()
        .catch((error: unknown) => {
          failure = { error };
        })
        .finally(() => {
          telling = undefined;
        });
    },
    end: async () => {
      ending.abort();
      await telling;
      if (failure !== undefined) throw failure.error;
    },
  };
}
