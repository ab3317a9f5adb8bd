import type { ContainerView } from '../../../contracts/container-view.ts';

/** How far a container is: it is as it should be, it is on its way, or it will not come to be so of itself. */
export type Progress = 'up' | 'coming' | 'failed';

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
      return next_attempt_at === undefined ? 'failed' : 'coming';
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
