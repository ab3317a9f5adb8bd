import type { Publisher } from '../../bus/bus.ts';
import type { Journal, LogCursor, NewEvent } from '../../store/journal.ts';

const MOST_EVENTS = 2000;
const MOST_BYTES = 512 * 1024;
const LINGER_MS = 25;

/**
 * Events of one container on their way: gathered for a moment, stored together with the cursor, then published. `add` waits
 * when two batches are under way, so that memory stays bounded however fast the container writes. Throws what the journal
 * threw; nothing is stored by this writer after that, since what follows would leave a hole.
 */
export interface EventWriter {
  /** Resolves when there is room for more; false when a newer follower has taken over. */
  add(events: readonly NewEvent[], cursor?: LogCursor): Promise<boolean>;
  /** Everything added so far is stored and published; false when a newer follower has taken over. */
  flush(): Promise<boolean>;
  readonly broken: boolean;
  /** Ends when nothing more will be stored: fenced, or broken. */
  readonly over: AbortSignal;
}

export interface WriterParts {
  readonly journal: Journal;
  readonly publisher: Publisher;
  readonly container_id: string;
  readonly token: number;
}

export function eventWriter({ journal, publisher, container_id, token }: WriterParts): EventWriter {
  let events: NewEvent[] = [];
  let cursor: LogCursor | undefined;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let fenced = false;
  const over = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  let under_way: Promise<void> = Promise.resolve();
  let waiting = 0;

  const store = async (batch: readonly NewEvent[], at: LogCursor | undefined): Promise<void> => {
    try {
      if (fenced || failure !== undefined) return;
      const stored = await journal.append(container_id, token, batch, at);
      fenced = stored === 'fenced';
      if (stored === 'fenced') over.abort();
      else if (stored.length > 0)
        publisher.publish({ kind: 'events', stream_id: container_id, events: stored });
    } catch (error) {
      failure = { error };
      over.abort();
    } finally {
      waiting -= 1;
    }
  };

  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (events.length === 0 && cursor === undefined) return under_way;
    const batch = events;
    const at = cursor;
    events = [];
    cursor = undefined;
    bytes = 0;
    waiting += 1;
    under_way = under_way.then(() => store(batch, at));
    return under_way;
  };

  const outcome = (): boolean => {
    if (failure !== undefined) throw failure.error;
    return !fenced;
  };

  return {
    add: async (more, at) => {
      for (const event of more) {
        events.push(event);
        bytes += sizeOf(event);
      }
      cursor = at ?? cursor;
      if (events.length >= MOST_EVENTS || bytes >= MOST_BYTES) {
        const writing = write();
        if (waiting > 1) await writing;
      } else {
        timer ??= setTimeout(() => void write(), LINGER_MS);
      }
      return outcome();
    },
    flush: async () => {
      await write();
      return outcome();
    },
    get broken() {
      return failure !== undefined;
    },
    over: over.signal,
  };
}

function sizeOf(event: NewEvent): number {
  return event.type === 'log' ? event.line.length + (event.bytes?.length ?? 0) + 64 : 256;
}
