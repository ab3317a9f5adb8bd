import type { ClaimedRow } from '../store/container-row.ts';
import { followers } from './followers.ts';
import { pullOnce } from './pull-once.ts';
import { workRow } from './work-row.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface WorkerSettings {
  /** Rows worked on at once. */
  readonly concurrency: number;
  readonly lease_ms: number;
  /** How often leases are renewed. */
  readonly renew_ms: number;
  /** A lost wake-up costs so much. */
  readonly fallback_ms: number;
}

export const WORKER_SETTINGS: WorkerSettings = {
  concurrency: 4,
  lease_ms: 30_000,
  renew_ms: 10_000,
  fallback_ms: 1000,
};

/** Claims rows and works on them until it is stopped. */
export interface Worker {
  /** There may be work. */
  poke(): void;
  /** Claims nothing more, ends what it does at the next boundary, stores what it has read, and lets everything go. Containers stay. */
  stop(): Promise<void>;
}

export function startWorker(
  given: Omit<WorkerParts, 'pulls'>,
  settings: WorkerSettings = WORKER_SETTINGS,
): Worker {
  const { name, store, engine, publisher, clock, log } = given;
  const { concurrency, lease_ms, renew_ms, fallback_ms } = settings;
  const ending = new AbortController();
  const active = new Map<string, Promise<void>>();
  const following = followers(given, lease_ms);
  const pulls = pullOnce({
    engine,
    store,
    worker: name,
    now: clock.now,
    lease_ms,
    onDone: (image) => {
      store.containers.touchWaiting(image, clock.now());
      publisher.publish({ kind: 'poke' });
      poke();
    },
  });
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  const work = async (claimed: ClaimedRow): Promise<void> => {
    const { id } = claimed.row;
    try {
      await workRow(claimed, {
        ...given,
        pulls,
        signal: ending.signal,
        follower: following.follower,
        teller: following.teller,
        unfollow: following.unfollow,
      });
    } catch (error) {
      log.error({ container: id, error }, 'working on a row failed');
      store.containers.release(claimed.claim, {}, clock.now() + 5000, clock.now());
    } finally {
      active.delete(id);
      poke();
    }
  };

  const look = (): void => {
    looking = false;
    if (ending.signal.aborted) return;
    try {
      const now = clock.now();
      const holding = [...active.keys()];
      const free = concurrency - active.size;
      const claimed =
        free > 0 ? store.containers.claim({ worker: name, limit: free, now, lease_ms, holding }) : [];
      for (const one of claimed) active.set(one.row.id, work(one));
      const due = store.containers.nextDue({ worker: name, now, holding: [...active.keys()] });
      sleep(
        due === undefined || active.size >= concurrency
          ? fallback_ms
          : Math.min(fallback_ms, Math.max(0, due - clock.now())),
      );
    } catch (error) {
      log.warn({ error }, 'looking for work failed');
      sleep(fallback_ms);
    }
  };

  const sleep = (ms: number): void => {
    clearTimeout(timer);
    if (!ending.signal.aborted) timer = setTimeout(poke, ms);
  };

  /** Several pokes are one look. */
  function poke(): void {
    if (looking || ending.signal.aborted) return;
    looking = true;
    setImmediate(look);
  }

  const renewal = setInterval(() => {
    try {
      store.containers.renew(name, clock.now(), lease_ms);
      store.pulls.renew(name, clock.now(), lease_ms);
    } catch (error) {
      log.warn({ error }, 'leases could not be renewed');
    }
  }, renew_ms);

  poke();
  return {
    poke,
    stop: async () => {
      ending.abort();
      clearTimeout(timer);
      await Promise.all(active.values());
      await following.stopAll();
      clearInterval(renewal);
      store.containers.free(name, clock.now());
      store.pulls.free(name);
    },
  };
}
