import type { ActionOf, Step } from '../plan/actions.ts';

/** Of a replacement under way: the former container, and whether it goes on running while the new one starts. */
export interface Former {
  readonly engine_id: string;
  readonly runs: boolean;
}

/**
 * The containers whose runs are over before an action, so that their logs can be read to the end first: before a start all that
 * go, before a removal the one that is removed. What is stopped only later is up still, and waiting for its log would not end.
 */
export function overBefore(
  action: ActionOf<'start_container'> | ActionOf<'remove_container'>,
  ahead: readonly Step[],
  former?: Former,
): readonly string[] {
  if (action.type === 'remove_container') return [action.engine_id];
  const later = ahead.map((step) => step.action);
  const up = new Set(later.flatMap((one) => (one.type === 'stop_container' ? [one.engine_id] : [])));
  const going = later.flatMap((one) => (one.type === 'remove_container' ? [one.engine_id] : []));
  const over = former === undefined || former.runs ? going : [...going, former.engine_id];
  return over.filter((engine_id) => !up.has(engine_id));
}
