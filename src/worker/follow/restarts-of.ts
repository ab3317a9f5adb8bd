import type { ObservedContainer } from '../../plan/observed.ts';

/** How many of the runs so far the engine began by itself. It counts one before it begins. */
export function restartsOf({
  state,
  restart_count,
}: Pick<ObservedContainer, 'state' | 'restart_count'>): number {
  return state === 'restarting' ? Math.max(0, restart_count - 1) : restart_count;
}
