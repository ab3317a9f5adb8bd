import type { BerthEvent } from '../contracts/berth-event.ts';
import type { ListenRequest } from './bus/hub.ts';

export interface ListenOptions {
  /** Every container of the topic from this event on, instead of from the last ack. */
  readonly from_seq?: number;
  readonly signal?: AbortSignal;
}

/** What a program is on the bus: its own id, and the events that reach it. */
export interface ProcessApi {
  /** The id of this connection: what others name in `reply_to`. */
  self(): string;
  /** Events of a topic, in order per container, until the loop is left. Held for the first who listens, as long as they are stored. */
  listen(topic: string, options?: ListenOptions): AsyncIterable<BerthEvent>;
}

/** Batches of events for one target, until the signal ends. */
export type Batches = (request: ListenRequest, signal: AbortSignal) => AsyncIterable<readonly BerthEvent[]>;

/** Listening begins when `listen` is called, not when the loop begins: nothing is missed in between. */
export function processApi(self: string, batches: Batches): ProcessApi {
  return {
    self: () => self,
    listen: (topic, { from_seq, signal } = {}) => {
      const ending = new AbortController();
      const all = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
      return oneByOne(batches({ reply_to: self, topic, from_seq }, all), ending);
    },
  };
}

/** Leaving it, even before its first event, ends the listening. */
function oneByOne(
  batches: AsyncIterable<readonly BerthEvent[]>,
  ending: AbortController,
): AsyncIterableIterator<BerthEvent> {
  const events = flat(batches);
  const iterator: AsyncIterableIterator<BerthEvent> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () => events.next(),
    return: async () => {
      ending.abort();
      return await events.return(undefined);
    },
  };
  return iterator;
}

async function* flat(batches: AsyncIterable<readonly BerthEvent[]>): AsyncGenerator<BerthEvent, undefined> {
  for await (const batch of batches) yield* batch;
}
