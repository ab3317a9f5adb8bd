import type { Step } from './actions.ts';
import { compareTimes } from './compare-times.ts';
import { connectionSteps } from './connections.ts';
import type { Desired } from './desired.ts';
import { driftOf } from './drift.ts';
import { releaseSteps } from './hand-over.ts';
import { type Observed, type ObservedContainer, oursOf } from './observed.ts';
import { isUnproven, isWatched, startsFirst, whyNoGood } from './replacing.ts';
import {
  asideName,
  createStep,
  filesStep,
  groundwork,
  isUp,
  removeKeepingVolumes,
  removeWithVolumes,
  renameStep,
  step,
  stopIfUp,
  stopQuietly,
  volumeSteps,
} from './steps.ts';

/**
 * Make it, on the volumes of the former one if there is one. That stays up until the new one is made, so that a spec which
 * the engine refuses stops nothing; and it stays there until the new one runs, or is proven, so that it can be had back.
 */
export function makeAnew(
  desired: Desired,
  observed: Observed,
  former: ObservedContainer | undefined,
  { cause, clear }: { readonly cause: string; readonly clear: readonly Step[] },
): readonly Step[] {
  const aside = former && { ...former, name: asideName(desired.name) };
  const isKept = isWatched(desired);
  return [
    ...groundwork(desired, observed),
    ...clear,
    createStep(desired, cause, former, observed),
    ...filesStep(desired, cause),
    ...volumeSteps(desired, cause),
    ...connectionSteps(desired, observed, undefined),
    ...(aside === undefined || startsFirst(desired) ? [] : stopIfUp(desired, aside, cause)),
    ...(desired.state === 'running' ? [step({ type: 'start_container', name: desired.name }, cause)] : []),
    ...(aside !== undefined && isKept ? [] : releaseSteps(desired, observed, undefined)),
    ...(aside === undefined || isKept ? [] : [removeKeepingVolumes(aside, cause)]),
  ];
}

/** Make it anew in place of `current`. Of two that are left from a replacement broken off, the better one stays until the new one runs. */
export function replacement(
  desired: Desired,
  observed: Observed,
  current: ObservedContainer,
  cause: string,
): readonly Step[] {
  const older = observed.set_aside;
  if (older !== undefined && (!runsWell(current) || isUnproven(desired, current)))
    return makeAnew(desired, observed, older, {
      cause,
      clear: clearing(desired, current),
    });
  return makeAnew(desired, observed, current, {
    cause,
    clear: [
      ...(older === undefined ? [] : clearing(desired, older)),
      renameStep(current, asideName(desired.name), cause),
    ],
  });
}

function clearing(desired: Desired, seen: ObservedContainer): readonly Step[] {
  const cause = 'left over from a replacement';
  return [...stopIfUp(desired, seen, cause), removeKeepingVolumes(seen, cause)];
}

/** The one that was set aside is what is wanted: it comes back in place of `current`. */
export function takeBack(
  desired: Desired,
  observed: Observed,
  { current, former }: { readonly current: ObservedContainer; readonly former: ObservedContainer },
  cause: string,
): readonly Step[] {
  return [
    ...stopIfUp(desired, current, cause),
    ...releaseSteps(desired, observed, former),
    removeKeepingVolumes(current, cause),
    renameStep(former, desired.name, cause),
  ];
}

/** What takes a failed replacement back: the new one goes, the former one gets its name again, and runs if it ran before. Nothing when the new one does well. */
export function planRollback(desired: Desired, observed: Observed): readonly Step[] {
  const former = observed.set_aside;
  if (former === undefined || former.state === 'removing') return [];
  const cause = 'the replacement failed';
  const failed = oursOf(observed);
  const { replacing } = desired;
  const isGood =
    failed !== undefined && isWanted(desired, failed, observed) && doesWell(desired, failed, observed);
  if (isGood && !replacing?.failed) return [];
  const stop = isUp(former) ? stopQuietly : stopIfUp;
  const ran =
    replacing?.former?.engine_id === former.id
      ? replacing.former.ran
      : failed !== undefined && endedAfter(former, failed.created_at);
  return [
    ...(failed === undefined ? [] : stop(desired, failed, cause)),
    ...madeForFailed(desired, observed, former),
    ...(failed === undefined ? [] : [removeWithVolumes(failed, cause)]),
    renameStep(former, desired.name, cause),
    ...(!isUp(former) && ran && desired.state === 'running'
      ? [step({ type: 'start_container', name: desired.name }, cause)]
      : []),
  ];
}

/** Networks that only the one that failed was on, or was to be on. Should it be tried again, they are made again. */
function madeForFailed(
  { connections = [] }: Desired,
  { releasable }: Observed,
  former: ObservedContainer,
): readonly Step[] {
  const kept = new Set([...former.networks, ...connections].map(({ network }) => network));
  return [...releasable]
    .filter((network) => !kept.has(network))
    .map((network) => step({ type: 'remove_network', network }, 'last user gone'));
}

/** How a replacement that was started has fallen, seen while the former one can still be had back; undefined when it has not. */
export function failedReplacement(desired: Desired, observed: Observed): string | undefined {
  const seen = oursOf(observed);
  if (observed.set_aside === undefined || seen === undefined) return undefined;
  if (!isWanted(desired, seen, observed)) return undefined;
  if (isWatched(desired)) return whyNoGood(desired, seen, observed.at);
  return seen.state === 'running' ? undefined : fallOf(seen);
}

/** How a container that was just started falls: ended with an error, or again and again. Undefined while it does well, or ended well. */
export function fallOf(seen: ObservedContainer): string | undefined {
  if (seen.started_at === undefined) return undefined;
  if (seen.state === 'restarting' || seen.restart_count > 0)
    return `it ended ${seen.restart_count === 0 ? '' : `${seen.restart_count} times `}and was started again`;
  const failed = seen.state === 'dead' || (seen.state === 'exited' && seen.exit_code !== 0);
  return failed ? `it ended at once with exit code ${seen.exit_code ?? 'unknown'}` : undefined;
}

function isWanted(desired: Desired, seen: ObservedContainer, observed: Observed): boolean {
  return driftOf(desired, seen, observed).recreate === undefined;
}

/** Runs, or ran to a good end. */
function doesWell(desired: Desired, seen: ObservedContainer, { at }: Observed): boolean {
  const fall = isWatched(desired) ? whyNoGood(desired, seen, at) : fallOf(seen);
  return seen.started_at !== undefined && fall === undefined;
}

function runsWell(seen: ObservedContainer): boolean {
  return isUp(seen) && fallOf(seen) === undefined;
}

function endedAfter({ finished_at }: ObservedContainer, time: string): boolean {
  return finished_at !== undefined && compareTimes(finished_at, time) > 0;
}
