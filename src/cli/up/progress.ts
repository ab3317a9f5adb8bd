import type { ContainerView } from '../../../contracts/container-view.ts';
import { ERRORS, errorCode } from '../../../contracts/errors.ts';

/** How far a container is: it is as it should be, it is on its way, or it will not come to be so of itself. */
export type Progress = 'up' | 'coming' | 'failed';

/** Tried again and again, and in vain until somebody does something about it; what may be there a moment later is left out. */
function isHopeless({ reason }: ContainerView): boolean {
  const { data: code } = errorCode.safeParse(reason?.code);
  return code !== undefined && !ERRORS[code].retryable && code !== 'not_found' && code !== 'wrong_state';
}

/** How far each is, by id; what waits for one that has failed will not come either. */
export function progressOfAll(containers: readonly ContainerView[]): ReadonlyMap<string, Progress> {
  const all = new Map(containers.map((view) => [view.id, progressOf(view)]));
  const idOf = new Map(containers.flatMap(({ id, name }) => [[name, id] as const, [id, id] as const]));
  const waiting = containers.filter(({ status }) => status === 'waiting');
  const isLost = (key: string): boolean => all.get(idOf.get(key) ?? '') === 'failed';
  for (let before = -1, lost = 0; lost > before; ) {
    before = lost;
    for (const { id, waits_for = [] } of waiting)
      if (all.get(id) !== 'failed' && waits_for.some(isLost)) {
        all.set(id, 'failed');
        lost += 1;
      }
  }
  return all;
}

export function progressOf(view: ContainerView): Progress {
  const { status, health = 'none', next_attempt_at } = view;
  switch (status) {
    case 'running':
      return health === 'unhealthy' ? 'failed' : health === 'starting' ? 'coming' : 'up';
    case 'paused':
    case 'stopped':
    case 'removed':
      return 'up';
    case 'failed':
      return next_attempt_at === undefined || isHopeless(view) ? 'failed' : 'coming';
    default:
      return 'coming';
  }
}

/** A container’s state in a few words. */
export function stateText({ status, health = 'none', exit_code, reason }: ContainerView): string {
  return [
    status,
    exit_code === undefined || (status !== 'stopped' && status !== 'failed') ? '' : `exit code ${exit_code}`,
    health === 'none' ? '' : health,
    status === 'running' ? '' : (reason?.message ?? ''),
  ]
    .filter(Boolean)
    .join(', ');
}
