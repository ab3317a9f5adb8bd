import type { BerthEvent } from '../../contracts/berth-event.ts';
import type { StatusEvent } from '../../contracts/events.ts';
import type { Journal } from '../store/journal.ts';

/** A status is looked for among so many last events; one that was told before that was told long ago. */
const FAR_ENOUGH = 200;

/** The status that was told last, if not long ago. */
export async function lastStatus(
  journal: Pick<Journal, 'state' | 'read'>,
  id: string,
): Promise<StatusEvent | undefined> {
  return (await lastEvents(journal, id, FAR_ENOUGH)).findLast((event) => event.type === 'status');
}

/** Whether nothing was told after a `done`. */
export async function endsWithDone(journal: Pick<Journal, 'state' | 'read'>, id: string): Promise<boolean> {
  return (await lastEvents(journal, id, 1)).at(-1)?.type === 'done';
}

async function lastEvents(
  journal: Pick<Journal, 'state' | 'read'>,
  id: string,
  count: number,
): Promise<readonly BerthEvent[]> {
  const { next_seq } = await journal.state(id);
  return next_seq === 1 ? [] : journal.read(id, Math.max(1, next_seq - count), count);
}
