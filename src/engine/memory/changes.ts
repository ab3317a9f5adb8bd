import { ContractError } from '../../../contracts/contract-error.ts';
import type { EngineEvent } from '../port/system-calls.ts';
import type { World } from './world.ts';

/** Events that may wait for a slow reader; then its stream breaks, so that it lists anew. */
const MOST_WAITING = 10_000;

/** Why a signal was aborted: its own reason when that is a failure of ours, else aborted. */
export function reasonOf({ reason }: AbortSignal, what: string): ContractError {
  return reason instanceof ContractError ? reason : new ContractError('aborted', what, { cause: reason });
}

/** Wakes that are never lost between two waits; many in between are one. */
export interface Pulse {
  readonly beat: () => void;
  /** Resolves once it beat since the last wait, or the signal is aborted. */
  next(): Promise<void>;
  end(): void;
}

export function pulse(signal: AbortSignal): Pulse {
  let beaten = false;
  let wake = (): void => undefined;
  const beat = (): void => {
    beaten = true;
    wake();
  };
  signal.addEventListener('abort', beat, { once: true });
  return {
    beat,
    next: async () => {
      if (!beaten)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      beaten = signal.aborted;
    },
    end: () => signal.removeEventListener('abort', beat),
  };
}

/** The world’s events from now on, after `connected`. Throws why the signal was aborted, and when nobody reads them for long. */
export async function* worldEvents(
  world: World,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent | { readonly type: 'connected' }> {
  let waiting: EngineEvent[] = [];
  const heart = pulse(signal);
  const listener = (event: EngineEvent): void => {
    if (waiting.length <= MOST_WAITING) waiting.push(event);
    heart.beat();
  };
  world.listeners.add(listener);
  try {
    yield { type: 'connected' };
    for (;;) {
      if (signal.aborted) throw reasonOf(signal, 'nobody listens to the engine any more');
      if (waiting.length > MOST_WAITING)
        throw new ContractError('engine_unreachable', 'the engine’s events were not read for too long');
      const batch = waiting;
      waiting = [];
      yield* batch;
      if (waiting.length === 0) await heart.next();
    }
  } finally {
    world.listeners.delete(listener);
    heart.end();
  }
}
