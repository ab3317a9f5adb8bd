import type { StatusEvent } from '../../contracts/events.ts';
import { timestamp } from '../runtime/clock.ts';
import type { ClaimedRow } from '../store/container-row.ts';
import type { NewEvent } from '../store/journal.ts';
import type { FollowTiming } from './follow/follow-state.ts';
import { type Follower, startFollower } from './follow/follower.ts';
import { type Places, places } from './follow/places.ts';
import { restartsOf } from './follow/restarts-of.ts';
import { lastStatus } from './last-told.ts';
import type { WorkerParts } from './worker-parts.ts';

interface Held {
  readonly token: number;
  readonly follower: Follower | undefined;
  /** Of the former container, while that is there beside the one that replaces it. */
  readonly aside: Follower | undefined;
  /** Where both are in their logs. */
  readonly places: Places;
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
  /** Read that container's log beside the one that is followed, from where it was; with none, read only that one. */
  beside(claimed: ClaimedRow, engineId: string | undefined): Promise<void>;
  /** Whichever of the two reads that container; beside the other when there is another, else in its place. Undefined when the follow lease is another’s. */
  either(claimed: ClaimedRow, engineId: string): Promise<Follower | undefined>;
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
    await stopBoth(known);
    const taken = store.containers.takeFollow(claim, clock.now(), lease_ms);
    if (taken === undefined) return undefined;
    const fresh = {
      token: taken.token,
      follower: undefined,
      aside: undefined,
      places: places(),
      is_new: true,
    };
    held.set(row.id, fresh);
    return fresh;
  };

  const begin = (
    claimed: ClaimedRow,
    engineId: string,
    mine: Held,
    starts_ago = 0,
  ): Promise<Follower | 'fenced'> => {
    const { token } = mine;
    const { id, attempt, engine_id, observed } = claimed.row;
    const shared = { ...parts, journal: mine.places.over(parts.journal) };
    return startFollower(
      followingOf(shared, { id, engineId, token, timing, onEnded: () => lookAgain(id, token) }),
      {
        now: Math.max(0, attempt - starts_ago),
        by_engine: observed !== null && engine_id === engineId ? restartsOf(observed) : 0,
      },
    );
  };

  /** A follower that ended by itself: whoever claims the row begins again from what is stored. */
  const lookAgain = (id: string, token: number): void => {
    const mine = held.get(id);
    if (mine?.token !== token) return;
    held.delete(id);
    // Fenced as soon as the lease is taken anew; until then it reads on for nothing.
    stopBoth(mine).catch((error: unknown) =>
      parts.log.warn({ container: id, error }, 'a follower did not end well'),
    );
    try {
      store.containers.dropFollow(id, name, token);
      store.containers.touch([id], clock.now());
    } catch (error) {
      parts.log.warn({ container: id, error }, 'a follow lease could not be let go; it runs out by itself');
    }
  };

  const follower: Followers['follower'] = async (claimed, engineId) => {
    const { id } = claimed.row;
    const mine = held.get(id);
    if (mine === undefined) return undefined;
    if (mine.follower?.engine_id === engineId && !mine.follower.ended) return mine.follower;
    await mine.follower?.stop();
    // The former one is back in its place.
    if (mine.aside?.engine_id === engineId && !mine.aside.ended) {
      held.set(id, { ...mine, follower: mine.aside, aside: undefined });
      mine.places.follow(engineId, undefined);
      return mine.aside;
    }
    mine.places.follow(engineId, mine.aside?.engine_id);
    const started = await begin(claimed, engineId, mine);
    if (started === 'fenced') return undefined;
    held.set(id, { ...mine, follower: started });
    return started;
  };

  const beside: Followers['beside'] = async (claimed, engineId) => {
    const { id } = claimed.row;
    const mine = held.get(id);
    if (mine === undefined || (mine.aside?.engine_id === engineId && !mine.aside?.ended)) return;
    await mine.aside?.stop();
    // What was followed is now the former one: it reads on, and the place beside it is free.
    if (engineId !== undefined && mine.follower?.engine_id === engineId && !mine.follower.ended) {
      held.set(id, { ...mine, follower: undefined, aside: mine.follower });
      return;
    }
    mine.places.follow(mine.follower?.engine_id, engineId);
    const started = engineId === undefined ? undefined : await begin(claimed, engineId, mine, 1);
    held.set(id, { ...mine, aside: started === 'fenced' ? undefined : started });
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
    follower,
    beside,
    either: async (claimed, engineId) => {
      const mine = held.get(claimed.row.id);
      if (mine === undefined) return undefined;
      const { follower: main, aside } = mine;
      if (main === undefined || main.ended || main.engine_id === engineId) return follower(claimed, engineId);
      if (aside?.engine_id !== engineId || aside.ended) await beside(claimed, engineId);
      return held.get(claimed.row.id)?.aside;
    },
    unfollow: async (id) => {
      const known = held.get(id);
      if (known === undefined) return;
      held.delete(id);
      await stopBoth(known);
      store.containers.dropFollow(id, name, known.token);
    },
    stopAll: async () => {
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map(stopBoth));
    },
  };
}

async function stopBoth(held: Held | undefined): Promise<void> {
  await Promise.all([held?.follower?.stop(), held?.aside?.stop()]);
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
