import type { StatusEvent } from '../../contracts/events.ts';
import { timestamp } from '../runtime/clock.ts';
import type { ClaimedRow } from '../store/container-row.ts';
import type { NewEvent } from '../store/journal.ts';
import type { FollowTiming } from './follow/follow-state.ts';
import { type Follower, startFollower } from './follow/follower.ts';
import { restartsOf } from './follow/restarts-of.ts';
import { lastStatus } from './last-told.ts';
import type { WorkerParts } from './worker-parts.ts';

interface Held {
  readonly token: number;
  readonly follower: Follower | undefined;
  /** Nothing was told under this lease yet: what was told last is in the journal. */
  readonly is_new: boolean;
}

export type Tell = (events: readonly NewEvent[]) => Promise<boolean>;

export interface Teller {
  readonly tell: Tell;
  /** The status that was told last, when another worker may have told it, and may have died before it told the row’s. */
  readonly told_last: StatusEvent | undefined;
}

/** The follow leases of one worker and what reads under them. */
export interface Followers {
  /** The follower of that container; made when there is none, or when it is another container now. Undefined when the follow lease is another’s. */
  follower(claimed: ClaimedRow, engineId: string): Promise<Follower | undefined>;
  /** How to tell events of a row, with its follower or without, in their order. Undefined when the follow lease is another’s. */
  teller(claimed: ClaimedRow): Promise<Teller | undefined>;
  unfollow(id: string): Promise<void>;
  /** Stores what is read. The leases stay, to be freed with everything else of this worker, so that their rows fall due. */
  stopAll(): Promise<void>;
}

export function followers(
  parts: Omit<WorkerParts, 'pulls'>,
  { lease_ms, timing }: { readonly lease_ms: number; readonly timing?: FollowTiming },
): Followers {
  const { name, store, journal, publisher, clock } = parts;
  const held = new Map<string, Held>();

  /** A lease that ran out while this process slept is taken anew, and what read under it ends. */
  const lease = async ({ row, claim }: ClaimedRow): Promise<Held | undefined> => {
    const known = held.get(row.id);
    const isGood =
      row.follower === name &&
      row.follow_token === known?.token &&
      (row.follow_expires_at ?? 0) > clock.now();
    if (isGood) return known;
    held.delete(row.id);
    await known?.follower?.stop();
    const taken = store.containers.takeFollow(claim, clock.now(), lease_ms);
    if (taken === undefined) return undefined;
    const fresh = { token: taken.token, follower: undefined, is_new: true };
    held.set(row.id, fresh);
    return fresh;
  };

  const begin = (claimed: ClaimedRow, engineId: string, token: number): Promise<Follower | 'fenced'> => {
    const { id, attempt, engine_id, observed } = claimed.row;
    return startFollower(
      followingOf(parts, { id, engineId, token, timing, onEnded: () => lookAgain(id, token) }),
      { now: attempt, by_engine: observed !== null && engine_id === engineId ? restartsOf(observed) : 0 },
    );
  };

  /** A follower that ended by itself: whoever claims the row begins again from what is stored. */
  const lookAgain = (id: string, token: number): void => {
    if (held.get(id)?.token !== token) return;
    held.delete(id);
    try {
      store.containers.dropFollow(id, name, token);
      store.containers.touch([id], clock.now());
    } catch (error) {
      parts.log.warn({ container: id, error }, 'a follow lease could not be let go; it runs out by itself');
    }
  };

  return {
    teller: async (claimed) => {
      const { id } = claimed.row;
      const mine = await lease(claimed);
      if (mine === undefined || (await journal.open(id, mine.token)) === 'fenced') return undefined;
      const told_last = mine.is_new ? await lastStatus(journal, id) : undefined;
      held.set(id, { ...mine, is_new: false });
      const tell: Tell = async (events) => {
        const { follower } = held.get(id) ?? {};
        if (follower !== undefined && !follower.ended) return follower.tell(events);
        const stored = await journal.append(id, mine.token, events);
        if (stored === 'fenced') return false;
        publisher.publish({ kind: 'events', stream_id: id, events: stored });
        return true;
      };
      return { tell, told_last };
    },
    follower: async (claimed, engineId) => {
      const { id } = claimed.row;
      const mine = held.get(id);
      if (mine === undefined) return undefined;
      if (mine.follower?.engine_id === engineId && !mine.follower.ended) return mine.follower;
      await mine.follower?.stop();
      const started = await begin(claimed, engineId, mine.token);
      if (started === 'fenced') return undefined;
      held.set(id, { ...mine, follower: started });
      return started;
    },
    unfollow: async (id) => {
      const known = held.get(id);
      if (known === undefined) return;
      held.delete(id);
      await known.follower?.stop();
      store.containers.dropFollow(id, name, known.token);
    },
    stopAll: async () => {
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map(({ follower }) => follower?.stop()));
    },
  };
}

interface Followed {
  readonly id: string;
  readonly engineId: string;
  readonly token: number;
  readonly timing: FollowTiming | undefined;
  readonly onEnded: () => void;
}

function followingOf(
  { engine, journal, publisher, log, clock }: Omit<WorkerParts, 'pulls'>,
  { id, engineId, token, timing, onEnded }: Followed,
): Parameters<typeof startFollower>[0] {
  return {
    container_id: id,
    engine_id: engineId,
    token,
    source: {
      readLog: (query, signal) => engine.containers.logs(engineId, query, signal),
      inspect: (signal) => engine.containers.inspect(engineId, signal),
    },
    journal,
    publisher,
    log,
    timestamp: () => timestamp(clock.now()),
    onEnded,
    ...(timing && { timing }),
  };
}
