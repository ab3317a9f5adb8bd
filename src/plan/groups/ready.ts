import type { Status } from '../../../contracts/events.ts';

/** Whether a container runs, and is well by all that is asked of it. `ready`: see `wellness`. */
export function isReady({ status, ready }: { readonly status: Status; readonly ready: boolean }): boolean {
  return status === 'running' && ready;
}
