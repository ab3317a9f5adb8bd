import { backoff } from './backoff.ts';
import type { Desired } from './desired.ts';
import type { Healing } from './healing-state.ts';
import { wellnessOf } from './is-ready.ts';
import type { ObservedContainer } from './observed.ts';
import { isWatched } from './replacing.ts';

/** One that was well for so long begins anew: its next restart is its first. */
const FORGET_MS = 10 * 60_000;
/** A restart is rarer than this, whatever its health check says. */
const LEAST_MS = 10_000;

/** Whether it runs, and its health check or its `live` probe has failed. */
export function isUnhealthy(
  desired: Pick<Desired, 'spec' | 'probe_state'>,
  seen: ObservedContainer,
): boolean {
  return seen.state === 'running' && wellnessOf(desired, seen).health === 'unhealthy';
}

/** Whether one that is not well is restarted: by its `on_unhealthy`. A member of a group that is to be rolled back is its group’s. */
export function isHealed({ spec, state, member }: Desired): boolean {
  if (state !== 'running') return false;
  const { on_unhealthy = 'none' } = spec;
  return on_unhealthy === 'restart' || (on_unhealthy === 'rollback' && member === undefined);
}

/** Whether it is to be restarted now for not being well. One that replaces another, and is not proven, is taken back instead. */
export function isHealingDue(desired: Desired, seen: ObservedContainer, at: number): boolean {
  if (!isHealed(desired) || !isUnhealthy(desired, seen) || isProving(desired, seen)) return false;
  return desired.healing === undefined || at >= desired.healing.next_at;
}

function isProving(desired: Desired, seen: ObservedContainer): boolean {
  const { replacing } = desired;
  return isWatched(desired) && replacing?.engine_id === seen.id && !replacing.proven;
}

/** Whether it is to be stopped now for not being well. */
export function isStopDue(desired: Desired, seen: ObservedContainer): boolean {
  const { spec, state } = desired;
  if (state !== 'running' || spec.on_unhealthy !== 'stop') return false;
  return isUnhealthy(desired, seen) && !isProving(desired, seen);
}

/** What is remembered of its restarts, given what was; undefined: nothing. */
export function healingNow(desired: Desired, seen: ObservedContainer, at: number): Healing | undefined {
  const { healing, state } = desired;
  if (state === 'stopped') return healing?.stopped ? healing : undefined;
  if (isStopDue(desired, seen)) return { restarts: 0, last_at: at, next_at: at, stopped: true };
  if (!isHealed(desired)) return undefined;
  if (isHealingDue(desired, seen, at)) {
    const restarts = (healing?.restarts ?? 0) + 1;
    return { restarts, last_at: at, next_at: at + Math.max(LEAST_MS, backoff(restarts, 0)) };
  }
  const isWell = !isUnhealthy(desired, seen);
  return isWell && healing !== undefined && at - healing.last_at >= FORGET_MS ? undefined : healing;
}

/** Its restarts in words, for the row; undefined when there is nothing to say. */
export function healingReason(
  desired: Desired,
  seen: ObservedContainer | undefined,
): { readonly code: string; readonly message: string } | undefined {
  const { healing, state } = desired;
  if (healing === undefined) return undefined;
  if (healing.stopped)
    return state === 'stopped' ? { code: 'unhealthy', message: 'stopped, since it was not well' } : undefined;
  if (seen === undefined) return undefined;
  const { health } = wellnessOf(desired, seen);
  if (health !== 'unhealthy' && health !== 'starting') return undefined;
  const times = healing.restarts === 1 ? 'once' : `${healing.restarts} times`;
  const next = isUnhealthy(desired, seen) ? `, next at ${new Date(healing.next_at).toISOString()}` : '';
  return { code: 'unhealthy', message: `was not well, and was restarted ${times} for it${next}` };
}
