import type { ContainerEvent } from '../../contracts/events.ts';

const MOST_EVENTS = 4000;
const MOST_BYTES = 4 * 1024 * 1024;

/** Where a receiver’s events land: bounded, so that a slow reader costs its own lines’ delay and nobody’s memory. */
export interface Mailbox {
  /** False when it is full: nothing of it was taken. */
  push(events: readonly ContainerEvent[]): boolean;
  /** Everything in it, as soon as there is something; undefined once it is closed and empty. */
  take(): Promise<readonly ContainerEvent[] | undefined>;
  close(): void;
  readonly closed: boolean;
}

/** `onRoom` is told when a reader has emptied it. */
export function mailbox(onRoom: () => void): Mailbox {
  let held: ContainerEvent[] = [];
  let bytes = 0;
  let closed = false;
  let wake: (() => void) | undefined;
  return {
    push: (events) => {
      if (closed || (held.length > 0 && (held.length + events.length > MOST_EVENTS || bytes > MOST_BYTES)))
        return false;
      held.push(...events);
      for (const event of events) bytes += event.type === 'log' ? event.line.length + 100 : 200;
      wake?.();
      return true;
    },
    take: async () => {
      while (held.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (held.length === 0) return undefined;
      const taken = held;
      held = [];
      bytes = 0;
      queueMicrotask(onRoom);
      return taken;
    },
    close: () => {
      closed = true;
      wake?.();
    },
    get closed() {
      return closed;
    },
  };
}
