import type { Desired } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import { type Wellness, wellness } from './probes/wellness.ts';

/** How a container of a row is now: by its health check and its probes together. */
export function wellnessOf(
  { spec, probe_state }: Pick<Desired, 'spec' | 'probe_state'>,
  seen: ObservedContainer,
): Wellness {
  return wellness(spec, probe_state ?? null, seen);
}

/** Whether it can be used: it runs, and is well by all that is asked of it. */
export function isReady(desired: Pick<Desired, 'spec' | 'probe_state'>, seen: ObservedContainer): boolean {
  return wellnessOf(desired, seen).ready;
}
