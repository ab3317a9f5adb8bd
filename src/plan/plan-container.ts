import type { AheadStep, Plan, Step } from './actions.ts';
import { compareTimes } from './compare-times.ts';
import { connectionSteps } from './connections.ts';
import type { Desired } from './desired.ts';
import { driftOf } from './drift.ts';
import { gate } from './gates.ts';
import { handOver, restoreAliases, withAliases } from './hand-over.ts';
import { limitsOf } from './in-place.ts';
import { isExternal } from './mentioned.ts';
import { type Observed, type ObservedContainer, oursOf } from './observed.ts';
import { obstacle } from './obstacle.ts';
import { makeAnew, replacement, takeBack } from './plan-replacement.ts';
import { restartPolicyOf } from './restart-policy.ts';
import { restingStatus } from './resting-status.ts';
import {
  ASKED_AGAIN,
  asideName,
  filesStep,
  isUp,
  removeKeepingVolumes,
  removeWithVolumes,
  renameStep,
  step,
  stopIfUp,
  volumeSteps,
} from './steps.ts';

/** Decide the engine calls that take one container from what is observed to what is desired. */
export function planContainer(desired: Desired, observed: Observed): Plan {
  const steps = stepsOf(desired, observed);
  const going = steps.length > 0 ? onItsWayOut(desired, observed) : undefined;
  if (going !== undefined) return going;
  const refusal = needsNames(steps) ? refusalOf(desired, observed) : undefined;
  if (refusal !== undefined) return { kind: 'refused', code: 'name_conflict', message: refusal };
  const obstructed = obstacle(desired, observed, steps);
  if (obstructed?.kind === 'refused') return obstructed;
  const held = gate(desired, steps) ?? obstructed;
  if (held?.kind === 'waiting') return { ...held, ...ahead(steps) };
  return held ?? { kind: 'steps', steps };
}

/** One that is there, and is only to be asked for again, is asked for when it is needed. */
function ahead(steps: readonly Step[]): { readonly ahead?: AheadStep } {
  const found = steps.find(
    (one): one is AheadStep =>
      (one.action.type === 'pull_image' || one.action.type === 'build_image') && one.cause !== ASKED_AGAIN,
  );
  return found === undefined ? {} : { ahead: found };
}

/** Nothing is done with what the engine is removing: one that is renamed then leaves its name taken for good. */
function onItsWayOut({ state }: Desired, observed: Observed): Plan | undefined {
  if (state === 'removed') return undefined;
  const going = [oursOf(observed), observed.set_aside].find((seen) => seen?.state === 'removing');
  return going && { kind: 'waiting', message: `the engine is removing the container ${going.name}` };
}

function stepsOf(desired: Desired, observed: Observed): readonly Step[] {
  const current = oursOf(observed);
  switch (desired.state) {
    case 'removed':
      return removal(desired, observed, current);
    case 'stopped':
      return stopping(desired, observed, current);
    case 'created':
    case 'running':
      if (desired.completed) return leftovers(observed);
      return current === undefined ? missing(desired, observed) : present(desired, observed, current);
  }
}

/** An init or a job that has done its work is left as it is, and needs no container. */
function leftovers({ set_aside }: Observed): readonly Step[] {
  return set_aside === undefined ? [] : [removeKeepingVolumes(set_aside, 'replaced')];
}

/** What is somebody else’s stands in the way only of what would be made, named or joined so. */
function needsNames(steps: readonly Step[]): boolean {
  return steps.some(
    ({ action }) =>
      action.type === 'create_container' ||
      action.type === 'connect_network' ||
      action.type === 'rename_container',
  );
}

function refusalOf(desired: Desired, observed: Observed): string | undefined {
  const { container, aside_taken_by, networks, volumes } = observed;
  if (container?.ownership === 'foreign')
    return `the name ${desired.name} is taken by container ${container.seen.id.slice(0, 12)}, which is not of this Berth`;
  if (aside_taken_by !== undefined && oursOf(observed) !== undefined)
    return `the name ${asideName(desired.name)}, which a replacement needs, is taken by container ${aside_taken_by.slice(0, 12)}, which is not of this Berth`;
  for (const [name, network] of networks) {
    if (network.ownership === 'foreign' && !isExternal(desired.spec, 'network', name))
      return `the network ${name} (${network.seen.id.slice(0, 12)}) is there already and not of this Berth`;
  }
  for (const [name, volume] of volumes) {
    if (volume.ownership === 'foreign' && !isExternal(desired.spec, 'volume', name))
      return `the volume ${name} is there already and not of this Berth`;
  }
  return undefined;
}

/** A former container set aside is taken back when it is what is wanted (again), else it stays until the new one is up. */
function missing(desired: Desired, observed: Observed): readonly Step[] {
  const former = observed.set_aside;
  if (former === undefined) return makeAnew(desired, observed, undefined, { cause: 'missing', clear: [] });
  if (desired.held_back || driftOf(desired, former, observed).recreate === undefined)
    return [
      renameStep(former, desired.name, 'set aside, and the one that is wanted'),
      ...refresh(desired, { ...observed, set_aside: undefined }, { ...former, name: desired.name }),
    ];
  return makeAnew(desired, observed, former, { cause: 'replacement was broken off', clear: [] });
}

function present(desired: Desired, observed: Observed, current: ObservedContainer): readonly Step[] {
  const { recreate } = driftOf(desired, current, observed);
  if (recreate === undefined || desired.held_back || isResult(desired, current))
    return refresh(desired, observed, current);
  const former = observed.set_aside;
  if (former !== undefined && driftOf(desired, former, observed).recreate === undefined) {
    const restoring = restoreAliases(desired, former, observed);
    const whole = withAliases(desired, former, restoring);
    return [
      ...restoring,
      ...takeBack(desired, observed, { current, former }, recreate.cause),
      ...refresh(desired, { ...observed, set_aside: undefined }, { ...whole, name: desired.name }),
    ];
  }
  return replacement(desired, observed, current, recreate.cause);
}

/** What needs no other container: its name, limits, network, and that it runs. */
function refresh(desired: Desired, observed: Observed, current: ObservedContainer): readonly Step[] {
  const { limits, reconnect } = driftOf(desired, current, observed);
  const { name } = desired;
  const engine_id = current.id;
  const { before, after } = handOver(desired, observed, current);
  return [
    ...(current.name === name ? [] : [renameStep(current, name, 'name changed')]),
    ...(limits === undefined
      ? []
      : [step({ type: 'update_container', name, engine_id, limits: limitsOf(desired) }, limits.cause)]),
    ...reconnect.flatMap(({ wanted, connected, cause }) => {
      const { network } = wanted;
      return [
        ...(observed.networks.has(network)
          ? []
          : [step({ type: 'create_network', network }, 'network absent')]),
        ...(connected ? [step({ type: 'disconnect_network', name, engine_id, network }, cause)] : []),
        step({ type: 'connect_network', name, engine_id, ...wanted }, cause),
      ];
    }),
    ...connectionSteps(desired, observed, current),
    ...before,
    ...(isRestartDue(desired, current) ? stopIfUp(desired, current, restartCause(desired)) : []),
    ...(isStartDue(desired, current) ? starting(desired, current) : []),
    ...after,
  ];
}

function restartCause({ restart_cause = 'restart asked for' }: Desired): string {
  return restart_cause;
}

/** Only the run that somebody saw is ended: one that has begun since is the new one already. */
function isRestartDue({ state, restart_from }: Desired, current: ObservedContainer): boolean {
  if (state !== 'running' || restart_from === undefined || !isUp(current)) return false;
  return current.started_at !== undefined && compareTimes(current.started_at, restart_from) <= 0;
}

function starting(desired: Desired, current: ObservedContainer): readonly Step[] {
  const cause = startCause(desired, current);
  const { name } = desired;
  return [
    ...(current.state === 'created' ? filesStep(desired, cause) : []),
    ...volumeSteps(desired, cause),
    step({ type: 'start_container', name }, cause),
  ];
}

function startCause(desired: Desired, current: ObservedContainer): string {
  if (isUp(current)) return restartCause(desired);
  return current.state === 'created' ? 'not started yet' : 'meant to run';
}

/** It came to its end, and somebody changed something since: it is not run once more for that. */
function isResult(desired: Desired, current: ObservedContainer): boolean {
  return desired.reached === true && desired.started && restingStatus(current, 'running').completed;
}

/** An end that the policy allows is a result, and is not started again within its generation. */
function isStartDue(desired: Desired, current: ObservedContainer): boolean {
  if (isRestartDue(desired, current)) return true;
  if (desired.state !== 'running' || isUp(current) || current.state === 'removing') return false;
  // Its policy is brought to the desired one before the start, unless it is kept as it was.
  const restart_policy = desired.held_back
    ? current.restart_policy
    : restartPolicyOf(desired.spec, desired.declared);
  const { completed } = restingStatus({ ...current, restart_policy }, 'running');
  return !((desired.started || hasBegun(desired, current)) && completed);
}

/** Its worker may have died between the start and the row that tells of it. */
function hasBegun({ begun }: Desired, { id, started_at }: ObservedContainer): boolean {
  return begun?.engine_id === id && started_at !== undefined && started_at !== begun.started_at;
}

function stopping(
  desired: Desired,
  { container, set_aside: former }: Observed,
  current: ObservedContainer | undefined,
): readonly Step[] {
  const cause = 'desired stopped';
  const steps = [current, former].flatMap((seen) =>
    seen === undefined ? [] : stopIfUp(desired, seen, cause),
  );
  if (former === undefined) return steps;
  if (current !== undefined) return [...steps, removeKeepingVolumes(former, 'replaced')];
  const isNameFree = container === undefined;
  return isNameFree ? [...steps, renameStep(former, desired.name, 'replacement was broken off')] : steps;
}

/** Containers first, then what only they used: anonymous volumes (those kept over a replacement are not removed with it) and networks. */
function removal(
  desired: Desired,
  observed: Observed,
  current: ObservedContainer | undefined,
): readonly Step[] {
  const cause = 'no longer desired';
  const ours = [current, observed.set_aside].filter((seen) => seen !== undefined);
  const kept = desired.keep_volumes === true;
  const mounts = kept ? [] : ours.flatMap((seen) => seen.mounts.filter(({ anonymous }) => anonymous));
  // What its container showed before somebody else took that away, or who carried this out died.
  const leaving = kept ? [] : (desired.leaving ?? []);
  const volumes = new Set([...mounts.map(({ source }) => source), ...leaving]);
  return [
    ...ours.flatMap((seen) => stopIfUp(desired, seen, cause)),
    ...ours.map((seen) => (kept ? removeKeepingVolumes : removeWithVolumes)(seen, cause)),
    ...[...volumes].map((volume) => step({ type: 'remove_volume', volume }, 'anonymous')),
    ...[...observed.releasable].map((network) => step({ type: 'remove_network', network }, 'last user gone')),
  ];
}
