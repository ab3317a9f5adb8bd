import type { BerthEvent } from '../../contracts/berth-event.ts';

/**
 * What a worker tells the supervisor: hints. A lost one costs a moment, since the hub reads what it missed from the
 * journal. `events` are consecutive and already stored.
 */
export type Notice =
  | { readonly kind: 'events'; readonly stream_id: string; readonly events: readonly BerthEvent[] }
  /** Somebody else should look for work now. */
  | { readonly kind: 'poke' };

/** Workers publish to it; the hub of the supervisor process is its other end. Never blocks the publisher, and holds no more than its own bound. */
export interface Publisher {
  publish(notice: Notice): void;
}
