import type { EngineEvent } from '../engine.ts';
import type { World } from './world.ts';

/** The world’s events from now on, none missed between two asks; undefined once the signal is aborted. */
export interface Changes {
  next(): Promise<EngineEvent | undefined>;
  end(): void;
}

export function changes(world: World, signal: AbortSignal): Changes {
  const waiting: EngineEvent[] = [];
  let wake = (): void => undefined;
  const listener = (event: EngineEvent | undefined): void => {
    if (event !== undefined) waiting.push(event);
    wake();
  };
  world.listeners.add(listener);
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted, { once: true });
  return {
    next: async () => {
      while (waiting.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return signal.aborted ? undefined : waiting.shift();
    },
    end: () => {
      world.listeners.delete(listener);
      signal.removeEventListener('abort', aborted);
    },
  };
}
