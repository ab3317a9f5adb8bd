import type { Claim, ClaimedRow } from '../store/container-row.ts';
import { ahead } from './ahead.ts';
import { type Builder, startBuilder } from './builds/builder.ts';
import type { FollowTiming } from './follow/follow-state.ts';
import { type Followers, followers } from './followers.ts';
import { leaseKeeper } from './lease-keeper.ts';
import { lookout } from './lookout.ts';
import { probers } from './probes/probers.ts';
import { pullOnce } from './pull-once.ts';
import { turn } from './row/start-in-turn.ts';
import { workRow } from './row/work-row.ts';
import { slots } from './slots.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface WorkerSettings {
  /** Rows that work on the engine at once; those that only wait (for a pull, for the end of a log) do not count. */
  readonly concurrency: number;
  readonly lease_ms: number;
  /** How often leases are renewed. */
  readonly renew_ms: number;
  /** A lost wake-up costs so much. */
  readonly fallback_ms: number;
  readonly follow_timing?: FollowTiming;
}

export const WORKER_SETTINGS: WorkerSettings = {
  concurrency: 4,
  lease_ms: 30_000,
  renew_ms: 10_000,
  fallback_ms: 1000,
};

/** Rows held at once, waiting ones too. */
const MOST_HELD = 64;
/** A row whose work failed for a defect, or for the database, is looked at again after so long. */
const AFTER_DEFECT_MS = 5000;

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
  const { name, store, publisher, clock, log } = given;
  const { lease_ms, renew_ms, fallback_ms, concurrency, follow_timing } = settings;
  const ending = new AbortController();
  const active = new Map<string, Promise<void>>();
  const following = followers(given, { lease_ms, ...(follow_timing && { timing: follow_timing }) });
  const places = slots(concurrency, () => poke());
  const leases = leaseKeeper(given, lease_ms);
  const pulls = pullOnce({
    ...given,
    worker: name,
    now: clock.now,
    lease_ms,
    onDone: (image) => {
      store.containers.touchWaiting(image, clock.now());
      publisher.publish({ kind: 'poke' });
      poke();
    },
  });
  const bringing = ahead({
    ...given,
    pulls,
    onWritten: (id) => {
      store.containers.touch([id], clock.now());
      poke();
    },
  });
  const probing = probers({ ...given, pulls, poke: () => poke() });
  const around = {
    ...given,
    pulls,
    signal: ending.signal,
    followers: following,
    probers: probing,
    ahead: bringing,
    slots: places,
    turn: turn(),
    holds: leases.holds,
  };
  const builder: Builder | undefined =
    given.builds_folder === undefined
      ? undefined
      : startBuilder({ ...given, folder: given.builds_folder }, { lease_ms, renew_ms, fallback_ms });
  const looking = lookout(look);

  const work = async (claimed: ClaimedRow): Promise<void> => {
    const { id } = claimed.row;
    try {
      await workRow(claimed, around);
    } catch (error) {
      log.error({ container: id, error }, 'working on a row failed');
      await letGo(given, following, claimed.claim);
    } finally {
      active.delete(id);
      leases.over(claimed.claim);
      places.give();
      poke();
    }
  };

  /** Takes what is due and free, and says when to look again. */
  function look(): number {
    try {
      const now = clock.now();
      const limit = Math.min(places.free, MOST_HELD - active.size);
      const holding = [...active.keys()];
      const claimed =
        limit > 0 ? store.containers.claim({ worker: name, limit, now, lease_ms, holding }) : [];
      for (const one of claimed) {
        leases.taken(one.claim);
        places.take();
        active.set(one.row.id, work(one));
      }
      if (places.free === 0 || active.size >= MOST_HELD) return fallback_ms;
      const due = store.containers.nextDue({ worker: name, now, holding: [...active.keys()] });
      return due === undefined ? fallback_ms : Math.min(fallback_ms, Math.max(0, due - clock.now()));
    } catch (error) {
      log.warn({ error }, 'looking for work failed');
      return fallback_ms;
    }
  }

  function poke(): void {
    if (!ending.signal.aborted) looking.now();
  }

  const renewal = setInterval(leases.renew, renew_ms);
  poke();
  return {
    poke: () => {
      poke();
      builder?.poke();
    },
    stop: async () => {
      ending.abort();
      looking.end();
      await Promise.all(active.values());
      await bringing.stopAll();
      await builder?.stop();
      await probing.stopAll();
      await following.stopAll();
      clearInterval(renewal);
      store.containers.free(name, clock.now());
      store.pulls.free(name);
    },
  };
}

/** The follow lease too, since what was told is no longer known. Never throws: what cannot be let go runs out by itself. */
async function letGo(
  { store, clock, log }: Pick<WorkerParts, 'store' | 'clock' | 'log'>,
  following: Followers,
  claim: Claim,
): Promise<void> {
  try {
    await following.unfollow(claim.id);
    store.containers.release(claim, {}, clock.now() + AFTER_DEFECT_MS, clock.now());
  } catch (error) {
    log.warn({ container: claim.id, error }, 'a claim could not be let go; it runs out by itself');
  }
}
