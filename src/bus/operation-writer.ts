import type { OperationEvent } from '../../contracts/operation-events.ts';
import type { Publisher } from './bus.ts';

/** More than this is not gathered while a write is under way: `tell` waits, so that memory stays bounded. */
const MOST_EVENTS = 5000;

export interface OperationWriter<E> {
  /** Resolves once they are stored and told: whoever awaits it is slowed to what can be stored. Throws what the journal threw, now and from then on. */
  tell(events: readonly E[]): Promise<void>;
}

/** Events of one operation: stored in order, then told. What comes while a write is under way is written together. */
export function operationWriter<E>(
  operation_id: string,
  append: (operation_id: string, events: readonly E[]) => Promise<readonly OperationEvent[]>,
  publisher: Publisher,
): OperationWriter<E> {
  let gathered: E[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const events = gathered;
    gathered = [];
    next = undefined;
    if (events.length === 0) return;
    const stored = await append(operation_id, events);
    publisher.publish({ kind: 'events', stream_id: operation_id, events: stored });
  };

  /** The write that will have what is gathered now. */
  const soon = (): Promise<void> => {
    next ??= writing.then(() => {
      writing = write();
      return writing;
    });
    return next;
  };

  return {
    tell: async (events) => {
      while (gathered.length >= MOST_EVENTS) await soon();
      gathered.push(...events);
      await soon();
    },
  };
}
