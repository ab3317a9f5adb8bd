import type { Handlers } from '../../contracts/contract.ts';
import type { system } from '../../contracts/system.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../runtime/clock.ts';

/** `userspace.docker:system` */
export function systemHandlers({
  engine,
  clock,
}: {
  readonly engine: Engine;
  readonly clock: Clock;
}): Handlers<typeof system> {
  return {
    ping: async (_, { signal }) => {
      const began = performance.now();
      const answer = (healthy: boolean, message: string) => ({
        healthy,
        message,
        latency_ms: performance.now() - began,
        checked_at: new Date(clock.now()).toISOString(),
      });
      try {
        await engine.system.ping(signal);
        return answer(true, 'OK');
      } catch (error) {
        return answer(false, error instanceof Error ? error.message : String(error));
      }
    },
    version: (_, { signal }) => engine.system.ping(signal),
  };
}
