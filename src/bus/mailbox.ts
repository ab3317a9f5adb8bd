import type { BerthEvent } from '../../contracts/berth-event.ts';

const MOST_EVENTS = 2000;
const MOST_BYTES = 1024 * 1024;
/** What an event weighs beside its text. */
const EVENT_BYTES = 200;

/** Where a receiver’s events land: bounded, so that a slow reader costs its own lines’ delay and nobody’s memory. */
export interface Mailbox {
  /** How many of them it took, from the first on: all, or as many as there was room for. */
  push(events: readonly BerthEvent[]): number;
  /** Everything in it, as soon as there is something; undefined once it is closed. */
  take(): Promise<readonly BerthEvent[] | undefined>;
  /** What was in it and not taken is its answer. */
  close(): readonly BerthEvent[];
  readonly full: boolean;
  readonly closed: boolean;
}

/** `onRoom` is told when a reader has emptied it. */
export function mailbox(onRoom: () => void): Mailbox {
  let held: BerthEvent[] = [];
  let bytes = 0;
  let closed = false;
  let wake: (() => void) | undefined;
  const isFull = (): boolean => held.length >= MOST_EVENTS || bytes >= MOST_BYTES;
  return {
    push: (events) => {
      if (closed) return 0;
      let taken = 0;
      for (const event of events) {
        if (isFull()) break;
        held.push(event);
        bytes += weightOf(event);
        taken += 1;
      }
      if (taken > 0) wake?.();
      return taken;
    },
    take: async () => {
      while (held.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (closed) return undefined;
      const taken = held;
      held = [];
      bytes = 0;
      queueMicrotask(onRoom);
      return taken;
    },
    close: () => {
      closed = true;
      wake?.();
      const left = held;
      held = [];
      return left;
    },
    get full() {
      return isFull();
    },
    get closed() {
      return closed;
    },
  };
}

function weightOf(event: BerthEvent): number {
  return event.type === 'log'
    ? EVENT_BYTES + event.line.length + (event.bytes?.length ?? 0)
    : 2 * EVENT_BYTES;
}
