import { type BerthEvent, streamOf } from '../../contracts/berth-event.ts';
import type { Log } from '../runtime/log.ts';
import { type Mailbox, mailbox } from './mailbox.ts';

const PAGE = 500;

/** Stored events of a container from a seq on, in order; empty when there are no more. */
export type Replay = (stream_id: string, from_seq: number, limit: number) => Promise<readonly BerthEvent[]>;

/** One receiver’s events, of any number of containers: live while it keeps up, from the journal while it does not. */
export interface Listening {
  /** From that event of the container on; nothing happens when it is fed already. */
  feed(stream_id: string, next_seq: number): void;
  unfeed(stream_id: string): void;
  isFed(stream_id: string): boolean;
  fed(): Iterable<string>;
  /** Live events of a container, consecutive; those that were told before are left out. */
  deliver(stream_id: string, events: readonly BerthEvent[]): void;
  /** The journal has events up to `next_seq`, exclusive: those that were not told are read. */
  catchUp(stream_id: string, next_seq: number): void;
  take: Mailbox['take'];
  /** Per container, the first event that was not taken. */
  close(): ReadonlyMap<string, number>;
}

/** One container’s events on their way to the mailbox. */
interface Feed {
  next_seq: number;
  /** Live events are left to the replay. */
  behind: boolean;
  /** Live events were left while a page was being read: look once more. */
  dirty: boolean;
  page: number;
}

/** Nothing is skipped that is still stored, nothing is told twice; memory is the mailbox and a page of the journal. */
export function listening(replay: Replay, log: Log): Listening {
  const feeds = new Map<string, Feed>();
  let pumping = false;
  const box = mailbox(() => void pump());

  /** Reads what is missing, container by container, until the mailbox is full (its reader calls again) or all feeds are level. */
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    try {
      for (let next = behind(); next !== undefined && !box.full && !box.closed; next = behind())
        await refill(...next);
    } catch (error) {
      log.warn({ error }, 'missed events could not be read; tried again soon');
    } finally {
      pumping = false;
    }
  };

  const behind = (): readonly [string, Feed] | undefined => {
    for (const [id, feed] of feeds) if (feed.behind) return [id, feed];
    return undefined;
  };

  const refill = async (id: string, feed: Feed): Promise<void> => {
    feed.dirty = false;
    const page = await replay(id, feed.next_seq, feed.page);
    if (feeds.get(id) !== feed) return;
    if (page.length === 0) {
      feed.behind = feed.dirty;
      return;
    }
    const taken = push(feed, page);
    feed.page = taken < page.length ? Math.max(1, taken) : Math.min(PAGE, feed.page * 2);
    // To the end of the row, so that one container that never rests keeps no other waiting.
    feeds.delete(id);
    feeds.set(id, feed);
  };

  const push = (feed: Feed, events: readonly BerthEvent[]): number => {
    const taken = box.push(events);
    const last = events[taken - 1];
    if (last !== undefined) feed.next_seq = last.seq + 1;
    return taken;
  };

  const fallBehind = (feed: Feed): void => {
    feed.behind = true;
    feed.dirty = true;
    void pump();
  };

  return {
    feed: (id, next_seq) => {
      if (box.closed || feeds.has(id)) return;
      const feed: Feed = { next_seq, behind: true, dirty: false, page: PAGE };
      feeds.set(id, feed);
      void pump();
    },
    unfeed: (id) => void feeds.delete(id),
    isFed: (id) => feeds.has(id),
    fed: () => feeds.keys(),
    deliver: (id, events) => {
      const feed = feeds.get(id);
      const last = events.at(-1);
      if (feed === undefined || last === undefined || last.seq < feed.next_seq) return;
      if (feed.behind) {
        fallBehind(feed);
        return;
      }
      const fresh = events.filter(({ seq }) => seq >= feed.next_seq);
      const follows = (events[0]?.seq ?? 0) <= feed.next_seq;
      if (!follows || push(feed, fresh) < fresh.length) fallBehind(feed);
    },
    catchUp: (id, next_seq) => {
      const feed = feeds.get(id);
      if (feed !== undefined && (feed.behind || next_seq > feed.next_seq)) fallBehind(feed);
    },
    take: box.take,
    close: () => {
      const positions = new Map([...feeds].map(([id, { next_seq }]) => [id, next_seq]));
      for (const event of box.close().toReversed())
        if (positions.has(streamOf(event))) positions.set(streamOf(event), event.seq);
      feeds.clear();
      return positions;
    },
  };
}
