import { EventEmitter } from 'eventemitter3';
import { type BerthEvent, isOperationId } from '../../contracts/berth-event.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { ContainerEvent } from '../../contracts/events.ts';
import type { Log } from '../runtime/log.ts';
import type { Notice, Publisher } from './bus.ts';
import { type Listening, listening, type Replay } from './listening.ts';
import { lookAgain } from './look-again.ts';
import { turns } from './turns.ts';

/** Pages of the journal that are read at once, for all listeners together. */
const MOST_REPLAYS = 4;
/** A notice that was lost is made up for after at most so long. */
const LOOK_MS = 1000;

/** A stored wish for the events of a container or an operation, as far as the hub needs it. */
export interface Subscription {
  readonly stream_id: string;
  /** '' is whoever listens to the topic. */
  readonly reply_to: string;
  readonly topic: string;
  readonly acked_seq: number;
}

export interface Target {
  readonly reply_to: string;
  readonly topic: string;
}

export interface HubParts {
  readonly replay: Replay;
  readonly nextSeq: (stream_id: string) => Promise<number>;
  /** Subscriptions of a topic for that receiver and for whoever listens. */
  readonly subscriptionsOf: (target: Target) => readonly Subscription[];
  /** Everything up to that seq was heard by somebody who is gone now: of a topic without a receiver, or of an operation. */
  readonly onHeard: (subscription: Subscription, seq: number) => void;
  readonly onPoke: () => void;
  readonly log: Log;
  readonly look_ms?: number;
}

/** `reply_to` '' is a passer-by: it hears what is new in a topic without a receiver, and takes it from nobody. */
export interface ListenRequest extends Target {
  /** Every container of the topic from this seq on. Left out: after the last ack; of topics without a receiver, what nobody has heard yet. */
  readonly from_seq?: number | undefined;
  /** Last seq that was received, per container: a listener that comes back. */
  readonly resume?: Readonly<Record<string, number>> | undefined;
}

/** The events of one target, in batches. */
export interface Listener {
  /** Undefined once it is closed. */
  take(): Promise<readonly BerthEvent[] | undefined>;
  close(): void;
}

/**
 * Brings events to whoever listens. Every event is stored before it is told, so a lost notice, a full mailbox or a listener that
 * comes late only means reading from the journal: nothing is skipped that is still stored, nothing is told twice. What comes to a
 * topic that nobody listens to is held, as long as it is stored, for the first who does.
 */
export interface Hub extends Publisher {
  /** What is told after it resolves is heard. */
  listen(request: ListenRequest): Promise<Listener>;
  /** A subscription was made: those who listen already get it too, from its first event. */
  subscribed(subscription: Subscription): void;
  unsubscribed(subscription: Pick<Subscription, 'stream_id' | 'reply_to' | 'topic'>): void;
  /** Told of live events of containers, synchronously; a hint: what a worker could not tell is missing. Returns how to stop. */
  observe(observer: (event: ContainerEvent) => void): () => void;
  isListening(reply_to: string): boolean;
  close(): void;
  /** Ends when it is closed. */
  readonly closed: AbortSignal;
}

interface Entry {
  readonly request: ListenRequest;
  readonly events: Listening;
  /** What it takes of topics without a receiver, for as long as it listens. */
  readonly shared: Map<string, Subscription>;
  /** Operations told to itself: what it heard of them is over for it. */
  readonly operations: Map<string, Subscription>;
}

export function createHub(parts: HubParts): Hub {
  const { nextSeq, onPoke, log } = parts;
  const entries = new Set<Entry>();
  const observers = new EventEmitter<{ event: [ContainerEvent] }>();
  const closing = new AbortController();
  const inTurn = turns(MOST_REPLAYS);
  const replay: Replay = (id, from, limit) => inTurn(() => parts.replay(id, from, limit));
  const looking = lookAgain({
    every_ms: parts.look_ms ?? LOOK_MS,
    listenings: () => [...entries].map(({ events }) => events),
    nextSeq,
    log,
  });

  const feed = (entry: Entry, subscription: Subscription, from: number): void => {
    if (entry.events.isFed(subscription.stream_id)) return;
    if (subscription.reply_to === '' && entry.request.reply_to !== '')
      entry.shared.set(subscription.stream_id, subscription);
    else if (subscription.reply_to !== '' && isOperationId(subscription.stream_id))
      entry.operations.set(subscription.stream_id, subscription);
    entry.events.feed(subscription.stream_id, from);
  };

  const isTaken = ({ topic, stream_id }: Subscription): boolean =>
    [...entries].some(({ request, shared }) => request.topic === topic && shared.has(stream_id));

  const feedAll = async (entry: Entry): Promise<void> => {
    for (const subscription of parts.subscriptionsOf(entry.request)) {
      const from = firstWanted(entry.request, subscription, isTaken(subscription));
      feed(entry, subscription, from ?? (await nextSeq(subscription.stream_id)));
    }
  };

  const close = (entry: Entry): void => {
    if (!entries.delete(entry)) return;
    const positions = entry.events.close();
    for (const [id, subscription] of [...entry.shared, ...entry.operations]) {
      const heard = (positions.get(id) ?? 1) - 1;
      if (heard > subscription.acked_seq && (entry.operations.has(id) || !isTaken(subscription)))
        parts.onHeard(subscription, heard);
    }
  };

  return {
    publish: (notice: Notice) => {
      if (notice.kind === 'poke') {
        onPoke();
        return;
      }
      const { stream_id: id, events } = notice;
      looking.heard(id);
      for (const entry of entries) entry.events.deliver(id, events);
      if (observers.listenerCount('event') > 0 && !isOperationId(id))
        for (const event of events)
          if ('container_id' in event) observers.emit('event', event as ContainerEvent);
    },
    listen: async (request) => {
      const entry: Entry = {
        request,
        events: listening(replay, log),
        shared: new Map(),
        operations: new Map(),
      };
      entries.add(entry);
      try {
        await feedAll(entry);
      } catch (error) {
        close(entry);
        throw error;
      }
      if (closing.signal.aborted) close(entry);
      return { take: entry.events.take, close: () => close(entry) };
    },
    subscribed: (made) => {
      for (const entry of entries) if (isFor(entry.request, made)) feed(entry, made, made.acked_seq + 1);
    },
    unsubscribed: (gone) => {
      for (const { request, events, shared } of entries) {
        if (!isFor(request, gone)) continue;
        events.unfeed(gone.stream_id);
        shared.delete(gone.stream_id);
      }
    },
    observe: (observer) => {
      observers.on('event', observer);
      return () => void observers.off('event', observer);
    },
    isListening: (reply_to) => [...entries].some(({ request }) => request.reply_to === reply_to),
    close: () => {
      closing.abort(new ContractError('aborted', 'this Berth ends'));
      looking.stop();
      for (const entry of [...entries]) close(entry);
    },
    closed: closing.signal,
  };
}

function isFor(request: ListenRequest, { reply_to, topic }: Target): boolean {
  return request.topic === topic && (reply_to === '' || request.reply_to === reply_to);
}

/** Where a listener begins, of what was subscribed before it came; undefined is what comes from now on. */
function firstWanted(
  { reply_to: self, from_seq, resume }: ListenRequest,
  { stream_id, reply_to, acked_seq }: Subscription,
  taken: boolean,
): number | undefined {
  const received = resume !== undefined && Object.hasOwn(resume, stream_id) ? resume[stream_id] : undefined;
  if (received !== undefined) return received + 1;
  if (from_seq !== undefined) return from_seq;
  return reply_to === '' && (self === '' || taken) ? undefined : acked_seq + 1;
}
