import type { ClaimedRow } from '../../store/container-row.ts';
import { untilAborted } from '../until-aborted.ts';
import type { RowWork } from './row-work.ts';

/** A follower that ended by itself is replaced so often. */
const TRIES = 3;

/**
 * Wait until the log of a run that is over is stored to its end, without a slot. A container that never ran has none. False
 * when that cannot be waited for: this worker ends, or the follow lease is another’s.
 */
export async function drained(
  claimed: ClaimedRow,
  { followers, slots, signal }: Pick<RowWork, 'followers' | 'slots' | 'signal'>,
  run: { readonly engine_id: string; readonly started_at: string | undefined },
): Promise<boolean> {
  const { engine_id, started_at } = run;
  if (started_at === undefined) return true;
  for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
    const follower = await followers.either(claimed, engine_id);
    if (follower === undefined) return false;
    const outcome = await slots.aside(() => untilAborted(follower.drained(started_at), signal));
    if (outcome === true) return true;
  }
  return false;
}
