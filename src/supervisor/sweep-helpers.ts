import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import { sweepHelpers } from '../engine/probe-helper.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';

const EVERY_MS = 60_000;

/** Removes the helpers for probes that a killed worker has left: at the start, and now and then. */
export function startHelperSweep({
  engine,
  identity,
  store,
  log,
}: {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly store: Store;
  readonly log: Log;
}): { stop(): Promise<void> } {
  const ending = new AbortController();
  const { signal } = ending;
  const isLookedAt = (engine_id: string): boolean => {
    const row = store.containers.byEngineId(engine_id);
    return row?.spec.probes !== undefined && row.observed?.state === 'running';
  };
  const sweep = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const count = await sweepHelpers(engine, identity, isLookedAt, signal);
        if (count > 0) log.info({ count }, 'helpers for probes that nobody used any more were removed');
      } catch (error) {
        if (!signal.aborted)
          log.debug({ error }, 'helpers for probes could not be swept; tried again in a minute');
      }
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const done = sweep();
  return {
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}
