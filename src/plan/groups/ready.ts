import type { Health, Status } from '../../../contracts/events.ts';

/** Whether a container runs, and is well by all that is asked of it. */
export function isReady({ status, health }: { readonly status: Status; readonly health: Health }): boolean {
  return status === 'running' && (health === 'none' || health === 'healthy');
}
