import type { Engine } from '../engine/engine.ts';
import type { PullProgress } from '../engine/port/image-calls.ts';
import { PullElsewhere } from '../reconcile/surroundings.ts';
import type { Store } from '../store/store.ts';
import { untilAborted } from './until-aborted.ts';

export interface WantedImage {
  readonly image: string;
  readonly platform?: string | undefined;
}

type OnProgress = (progress: PullProgress) => void;

/** One pull an image however many rows want it: shared within this worker, left to the other worker that has it already. */
export interface PullOnce {
  /** Resolves when the image is there. Throws PullElsewhere, what the engine’s pull throws, and the signal’s reason when only this waiter’s signal ends. */
  pull(wanted: WantedImage, onProgress: OnProgress, signal: AbortSignal): Promise<void>;
}

interface Flight {
  readonly done: Promise<void>;
  readonly listeners: Set<OnProgress>;
  readonly ending: AbortController;
}

export function pullOnce(options: {
  readonly engine: Engine;
  readonly store: Store;
  readonly worker: string;
  readonly now: () => number;
  readonly lease_ms: number;
  /** The pull of that image is over, well or badly. */
  readonly onDone: (image: string) => void;
}): PullOnce {
  const { engine, store, worker, now, lease_ms, onDone } = options;
  const flights = new Map<string, Flight>();

  const fly = async (
    { image, platform }: WantedImage,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      await engine.images.pull(image, { onProgress, ...(platform && { platform }) }, signal);
    } finally {
      flights.delete(keyOf({ image, platform }));
      store.pulls.release(keyOf({ image, platform }), worker);
      onDone(image);
    }
  };

  const begin = (wanted: WantedImage, onProgress: OnProgress): Flight => {
    const { image } = wanted;
    if (!store.pulls.acquire(keyOf(wanted), worker, now(), lease_ms))
      throw new PullElsewhere(`${image} is being pulled by another worker`);
    const listeners = new Set([onProgress]);
    const ending = new AbortController();
    const tellAll: OnProgress = (progress) => {
      for (const listener of listeners) listener(progress);
    };
    const flight = { done: fly(wanted, tellAll, ending.signal), listeners, ending };
    flights.set(keyOf(wanted), flight);
    return flight;
  };

  return {
    pull: async (wanted, onProgress, signal) => {
      const flight = flights.get(keyOf(wanted)) ?? begin(wanted, onProgress);
      flight.listeners.add(onProgress);
      try {
        if ((await untilAborted(flight.done, signal)) === 'aborted') throw signal.reason;
      } finally {
        flight.listeners.delete(onProgress);
        // The pull itself ends only when its last waiter leaves.
        if (flight.listeners.size === 0) flight.ending.abort();
      }
    },
  };
}

/** One image for two platforms is two pulls. */
function keyOf({ image, platform }: WantedImage): string {
  return platform === undefined ? image : `${image} (${platform})`;
}
