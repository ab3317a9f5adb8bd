import { EventEmitter } from 'eventemitter3';
import type { ContainerEvent } from '../../contracts/events.ts';
import type { Log } from '../runtime/log.ts';
import type { Notice, Publisher } from './bus.ts';
import { type Mailbox, mailbox } from './mailbox.ts';

const PAGE = 500;

/** A stored wish for a container’s events, as far as the hub needs it. */
export interface Subscription {
  readonly container_id: string;
  /** '' is whoever listens to the topic. */
  readonly reply_to: string;
  readonly topic: string;
  readonly acked_seq: number;
}

export interface HubParts {
  /** Stored events from a seq on, in order; empty when there are no more. */
  readonly replay: (
    container_id: string,
    from_seq: number,
    limit: number,
  ) => Promise<readonly ContainerEvent[]>;
  readonly nextSeq: (container_id: string) => Promise<number>;
  /** Subscriptions of a topic for that receiver and for whoever listens. */
  readonly subscriptionsOf: (target: {
    readonly reply_to: string;
    readonly topic: string;
  }) => readonly Subscription[];
  readonly onPoke: () => void;
  readonly log: Log;
}

export interface ListenRequest {
  readonly reply_to: string;
  readonly topic: string;
  /** Every container of the topic from this seq on. Left out: after the last ack; for topics without a receiver, what is new. */
  readonly from_seq?: number | undefined;
  /** Last seq that was received, per container: a listener that comes back. */
  readonly resume?: Readonly<Record<string, number>> | undefined;
}

/** The events of one target, in batches. */
export interface Listener {
  /** Undefined once it is closed. */
  take(): Promise<readonly ContainerEvent[] | undefined>;
  close(): void;
}

/** One container’s events on their way to one mailbox: live while it keeps up, from the journal while it does not. */
interface Feed {
  readonly container_id: string;
  readonly listening: Listening;
  next_seq: number;
  /** Live events are left to the replay. */
  behind: boolean;
  /** Live events were left while a replay was under way: look once more. */
  dirty: boolean;
  pumping: boolean;
}

interface Listening {
  readonly request: ListenRequest;
  readonly box: Mailbox;
  readonly feeds: Map<string, Feed>;
}

/**
 * Brings events to whoever listens. Every event is stored before it is told, so a lost notice, a full mailbox or a listener that
 * comes late only means reading from the journal: nothing is skipped that is still stored, nothing is told twice.
 */
export interface Hub extends Publisher {
  listen(request: ListenRequest): Promise<Listener>;
  /** A subscription was made: those who listen already get it too. */
  subscribed(subscription: Subscription): Promise<void>;
  unsubscribed(subscription: Pick<Subscription, 'container_id' | 'reply_to' | 'topic'>): void;
  /** Told of every live event, synchronously. Returns how to stop. */
  observe(observer: (event: ContainerEvent) => void): () => void;
  isListening(reply_to: string): boolean;
  close(): void;
}

export function createHub({ replay, nextSeq, subscriptionsOf, onPoke, log }: HubParts): Hub {
  const listenings = new Set<Listening>();
  const feeds = new Map<string, Set<Feed>>();
  const observers = new EventEmitter<{ event: [ContainerEvent] }>();

  const deliver = (feed: Feed, events: readonly ContainerEvent[]): void => {
    const first = events[0]?.seq ?? 0;
    const last = events.at(-1)?.seq ?? 0;
    if (last < feed.next_seq) return;
    if (feed.behind) {
      feed.dirty = true;
      return;
    }
    const fresh = first >= feed.next_seq ? events : events.filter(({ seq }) => seq >= feed.next_seq);
    if (first <= feed.next_seq && feed.listening.box.push(fresh)) {
      feed.next_seq = last + 1;
      return;
    }
    feed.behind = true;
    void pump(feed);
  };

  /** Reads what is missing until the mailbox is full (its reader calls again) or the feed is level. */
  const pump = async (feed: Feed): Promise<void> => {
    if (feed.pumping) return;
    feed.pumping = true;
    try {
      while (feed.behind && !feed.listening.box.closed) {
        feed.dirty = false;
        const page = await replay(feed.container_id, feed.next_seq, PAGE);
        if (page.length === 0) {
          if (!feed.dirty) feed.behind = false;
          continue;
        }
        if (!feed.listening.box.push(page)) return;
        feed.next_seq = (page.at(-1)?.seq ?? feed.next_seq) + 1;
      }
    } catch (error) {
      log.warn(
        { container: feed.container_id, error },
        'missed events could not be read; tried again with the next one',
      );
      feed.behind = false;
    } finally {
      feed.pumping = false;
    }
  };

  const feedFrom = async (
    listening: Listening,
    { container_id, reply_to, acked_seq }: Subscription,
  ): Promise<void> => {
    if (listening.feeds.has(container_id)) return;
    const { from_seq, resume } = listening.request;
    const feed: Feed = {
      container_id,
      listening,
      next_seq: Number.MAX_SAFE_INTEGER,
      behind: true,
      dirty: false,
      pumping: false,
    };
    listening.feeds.set(container_id, feed);
    const all = feeds.get(container_id) ?? new Set();
    feeds.set(container_id, all.add(feed));
    const seen =
      resume !== undefined && Object.hasOwn(resume, container_id) ? resume[container_id] : undefined;
    feed.next_seq =
      seen !== undefined
        ? seen + 1
        : (from_seq ?? (reply_to === '' ? await nextSeq(container_id) : acked_seq + 1));
    await pump(feed);
  };

  const unfeed = (listening: Listening, container_id: string): void => {
    const feed = listening.feeds.get(container_id);
    if (feed === undefined) return;
    listening.feeds.delete(container_id);
    const all = feeds.get(container_id);
    all?.delete(feed);
    if (all?.size === 0) feeds.delete(container_id);
  };

  const close = (listening: Listening): void => {
    listening.box.close();
    listenings.delete(listening);
    for (const id of [...listening.feeds.keys()]) unfeed(listening, id);
  };

  const isFor = (
    { request }: Listening,
    { reply_to, topic }: { readonly reply_to: string; readonly topic: string },
  ): boolean => request.topic === topic && (reply_to === '' || request.reply_to === reply_to);

  return {
    publish: (notice: Notice) => {
      if (notice.kind === 'poke') {
        onPoke();
        return;
      }
      for (const feed of feeds.get(notice.container_id) ?? []) deliver(feed, notice.events);
      if (observers.listenerCount('event') > 0)
        for (const event of notice.events) observers.emit('event', event);
    },
    listen: async (request) => {
      const listening: Listening = {
        request,
        feeds: new Map(),
        box: mailbox(() => {
          for (const feed of listening.feeds.values()) if (feed.behind) void pump(feed);
        }),
      };
      listenings.add(listening);
      for (const subscription of subscriptionsOf(request)) await feedFrom(listening, subscription);
      return { take: listening.box.take, close: () => close(listening) };
    },
    subscribed: async (subscription) => {
      for (const listening of [...listenings].filter((one) => isFor(one, subscription)))
        await feedFrom(listening, subscription);
    },
    unsubscribed: (subscription) => {
      for (const listening of [...listenings].filter((one) => isFor(one, subscription)))
        unfeed(listening, subscription.container_id);
    },
    observe: (observer) => {
      observers.on('event', observer);
      return () => void observers.off('event', observer);
    },
    isListening: (reply_to) => [...listenings].some(({ request }) => request.reply_to === reply_to),
    close: () => {
      for (const listening of [...listenings]) close(listening);
    },
  };
}
