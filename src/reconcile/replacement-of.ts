import type { Action, Step } from '../plan/actions.ts';
import type { Desired } from '../plan/desired.ts';
import { healingNow, isHealingDue } from '../plan/healing.ts';
import { type Observed, oursOf } from '../plan/observed.ts';
import type { Replacing } from '../plan/replacement.ts';
import {
  begunReplacing,
  failedReplacing,
  isCutStep,
  isWatched,
  replacementDue,
  replacingNow,
  startsFirst,
  withCutDone,
} from '../plan/replacing.ts';
import { asideName, isUp } from '../plan/steps.ts';
import type { Performing } from './perform.ts';
import type { Found, SettledReplacement, Surroundings } from './surroundings.ts';

/** The replacement that goes on while one row is worked on. What it has come to is stored before it is acted upon. */
export interface OngoingReplacement {
  /** What is wanted, with how far the replacement is now; `lost` when that could not be stored. */
  look(observed: Observed): Desired | 'lost';
  /** Before these steps are done. False when what must be known of them could not be stored. */
  begins(observed: Observed, steps: readonly Step[]): boolean;
  /** It is given up: from now on the former container comes back, whoever goes on. False as before. */
  fails(why: NonNullable<Replacing['failed']>): boolean;
  /** Nothing goes on any more. False as before. */
  ends(): boolean;
  /** What is wanted, as of the last look. */
  desired(): Desired;
  /** So that it knows what failed. */
  watching(surroundings: Surroundings): Surroundings;
  /** These steps were done. */
  done(steps: readonly Step[]): void;
  /** Whether the step that just failed can be done without: the former container then stays off that network. */
  forgives(): boolean;
  settled(observed: Observed): SettledReplacement | undefined;
}

const NOT_WELL = 'not well';

export function replacementOf(given: Desired, surroundings: Surroundings): OngoingReplacement {
  let desired = given;
  const found = ({ replacing, leaving, healing }: Desired): Found => ({
    replacing: replacing ?? null,
    leaving: leaving ?? null,
    healing: healing ?? null,
  });
  let stored = JSON.stringify(found(given));
  let last: Action | undefined;
  const markCut = (network: string): void => {
    const { replacing } = desired;
    if (replacing !== undefined) desired = { ...desired, replacing: withCutDone(replacing, network) };
  };
  const store = (): boolean => {
    const now = JSON.stringify(found(desired));
    if (now !== stored && !surroundings.remember(found(desired))) return false;
    stored = now;
    return true;
  };
  return {
    begins: (observed, steps) => {
      const seen = oursOf(observed);
      if (seen !== undefined && setsAside(desired, steps))
        desired = { ...desired, replacing: begunReplacing(desired, seen) };
      else desired = withLeaving(desired, leavingIn(steps));
      return store();
    },
    fails: (why) => {
      desired = { ...desired, replacing: failedReplacing(desired, why) };
      return store();
    },
    ends: () => {
      const { replacing: _, ...rest } = desired;
      desired = rest;
      return store();
    },
    look: (observed) => {
      last = undefined;
      const { replacing: _, healing: _was, ...rest } = desired;
      const replacing = replacingNow(desired, observed);
      const watched = { ...desired, ...(replacing && { replacing }) };
      const seen = oursOf(observed);
      const healing = seen && healingNow(watched, seen, observed.at);
      const heals = seen?.started_at !== undefined && isHealingDue(watched, seen, observed.at);
      desired = { ...rest, ...(replacing && { replacing }), ...(healing && { healing }) };
      if (!store()) return 'lost';
      return heals ? { ...desired, restart_from: seen.started_at, restart_cause: NOT_WELL } : desired;
    },
    desired: () => desired,
    watching: (around) => ({
      ...around,
      onStep: (action, cause) => {
        last = action;
        around.onStep(action, cause);
      },
    }),
    done: (steps) => {
      const gone = leavingIn(steps);
      desired = withLeaving(
        desired,
        (desired.leaving ?? []).filter((volume) => !gone.includes(volume)),
      );
      for (const { action } of steps)
        if (isCutStep(desired, action) && action.type === 'connect_network') markCut(action.network);
    },
    forgives: () => {
      if (last === undefined || !isCutStep(desired, last)) return false;
      markCut(last.network);
      return true;
    },
    settled: ({ set_aside }) => {
      const { replacing } = desired;
      if (!isWatched(desired) || replacing === undefined || set_aside === undefined) return undefined;
      const beside = isUp(set_aside) ? set_aside.id : undefined;
      return { at: replacing, due_at: replacementDue(desired), beside };
    },
  };
}

/** The container that is replaced while these steps are done, and whether it goes on running beside the new one. */
export function formerOf(desired: Desired, observed: Observed, steps: readonly Step[]): Performing['former'] {
  const seen = setsAside(desired, steps) ? oursOf(observed) : observed.set_aside;
  if (seen === undefined) return undefined;
  return { engine_id: seen.id, runs: isUp(seen) && startsFirst(desired) };
}

function leavingIn(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ action }) => (action.type === 'remove_volume' ? [action.volume] : []));
}

function withLeaving({ leaving: _, ...desired }: Desired, volumes: readonly string[]): Desired {
  return volumes.length === 0 ? desired : { ...desired, leaving: volumes };
}

function setsAside({ name }: Desired, steps: readonly Step[]): boolean {
  return steps.some(({ action }) => action.type === 'rename_container' && action.to === asideName(name));
}
