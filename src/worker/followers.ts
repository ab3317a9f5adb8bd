import { timestamp } from '../runtime/clock.ts';
import type { ClaimedRow } from '../store/container-row.ts';
import type { NewEvent } from '../store/journal.ts';
import { type Follower, startFollower } from './follow/follower.ts';
import type { WorkerParts } from './worker-parts.ts';

interface Held {
  readonly token: number;
  readonly follower: Follower | undefined;
}

/** The follow leases of one worker and what reads under them. */
export interface Followers {
  follower(claimed: ClaimedRow, engineId: string): Promise<Follower | undefined>;
  teller(claimed: ClaimedRow): Promise<((events: readonly NewEvent[]) => Promise<boolean>) | undefined>;
  unfollow(id: string): Promise<void>;
  /** Stores what is read. The leases stay, to be freed with everything else of this worker, so that their rows fall due. */
  stopAll(): Promise<void>;
}

export function followers(parts: Omit<WorkerParts, 'pulls'>, leaseMs: number): Followers {
  const { name, store, journal, engine, publisher, clock, log } = parts;
  const held = new Map<string, Held>();

  const lease = (claimed: ClaimedRow): Held | undefined => {
    const known = held.get(claimed.row.id);
    if (known !== undefined && claimed.row.follower === name && claimed.row.follow_token === known.token)
      return known;
    if (known?.follower !== undefined) void known.follower.stop();
    const taken = store.containers.takeFollow(claimed.claim, clock.now(), leaseMs);
    if (taken === undefined) return undefined;
    const fresh = { token: taken.token, follower: undefined };
    held.set(claimed.row.id, fresh);
    return fresh;
  };

  const ours = (id: string): Held | undefined => held.get(id);

  const unfollow = async (id: string): Promise<void> => {
    const known = held.get(id);
    if (known === undefined) return;
    held.delete(id);
    await known.follower?.stop();
    store.containers.dropFollow(id, name, known.token);
  };

  return {
    teller: async (claimed) => {
      const { id } = claimed.row;
      const mine = lease(claimed);
      if (mine === undefined || (await journal.open(id, mine.token)) === 'fenced') return undefined;
      return async (events) => {
        const now = ours(id);
        if (now?.follower !== undefined) return now.follower.tell(events);
        const stored = await journal.append(id, mine.token, events);
        if (stored === 'fenced') return false;
        publisher.publish({ kind: 'events', container_id: id, events: stored });
        return true;
      };
    },
    follower: async (claimed, engineId) => {
      const { id, attempt } = claimed.row;
      const mine = ours(id);
      if (mine === undefined) return undefined;
      if (mine.follower?.engine_id === engineId) return mine.follower;
      await mine.follower?.stop();
      const seen = await engine.containers.inspect(engineId);
      const started = await startFollower(
        {
          container_id: id,
          engine_id: engineId,
          token: mine.token,
          tty: seen?.tty ?? false,
          source: {
            readLog: (query, signal) => engine.containers.logs(engineId, query, signal),
            inspect: (signal) => engine.containers.inspect(engineId, signal),
          },
          journal,
          publisher,
          log,
          timestamp: () => timestamp(clock.now()),
        },
        attempt,
      );
      if (started === 'fenced') return undefined;
      held.set(id, { token: mine.token, follower: started });
      return started;
    },
    unfollow,
    stopAll: async () => {
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map(({ follower }) => follower?.stop()));
    },
  };
}
