import type { Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { driftOf } from './drift.ts';
import { type Observed, type ObservedContainer, oursOf } from './observed.ts';
import { isUp } from './steps.ts';

/** What somebody else did to a container that was as it should be, and what is done about it. */
export interface Repair {
  /** Like `stopped by somebody else at … (exit code 143)`. */
  readonly found: string;
  /** Like `started again`. */
  readonly done: string;
}

/** Why a row shows what somebody else did: said with its status. */
export const DRIFT = 'drift';

/** What `steps` set right. Undefined when it was not as it should be before, or nobody did anything. */
export function repairOf(desired: Desired, observed: Observed, steps: readonly Step[]): Repair | undefined {
  if (!desired.reached || desired.state !== 'running') return undefined;
  const done = doneBy(steps);
  const found = foundAs(desired, observed, steps);
  return done === undefined || found.length === 0 ? undefined : { found: found.join('; '), done };
}

function foundAs(desired: Desired, observed: Observed, steps: readonly Step[]): readonly string[] {
  const seen = oursOf(observed);
  if (seen === undefined || seen.state === 'removing') return ['removed by somebody else'];
  const { recreate, limits } = driftOf(desired, seen, observed);
  return [
    ...(seen.name === desired.name ? [] : [`renamed to ${seen.name} by somebody else`]),
    ...(recreate === undefined ? [] : [recreate.cause]),
    ...(limits === undefined ? [] : [limits.cause]),
    ...(recreate === undefined ? steps : []).flatMap(({ action, cause }) =>
      action.type === 'connect_network' ? [`${cause} (${action.network})`] : [],
    ),
    ...(recreate === undefined && !isUp(seen) ? [endOf(seen)] : []),
  ];
}

/** The engine itself starts again what ends: what it leaves so was stopped. */
function endOf({ state, error, exit_code, finished_at }: ObservedContainer): string {
  if (state === 'created') return 'made anew by somebody else, and not started';
  if (error !== undefined) return `the engine did not start it again: ${error}`;
  const at = finished_at === undefined ? '' : ` at ${finished_at.replace(/\.\d+Z$/, 'Z')}`;
  return `stopped by somebody else${at} (exit code ${exit_code ?? 'unknown'})`;
}

/** Nothing, when all that is done is to put away what is left over. */
function doneBy(steps: readonly Step[]): string | undefined {
  const types = new Set(steps.map(({ action }) => action.type));
  if (types.has('create_container')) return 'made anew';
  const done = [
    types.has('rename_container') && 'named again',
    types.has('update_container') && 'set back',
    types.has('connect_network') && 'joined again',
    types.has('start_container') && 'started again',
  ].filter((one) => one !== false);
  return done.length === 0 ? undefined : done.join(', ');
}

/** How often somebody else’s changes were set right, and when last. Milliseconds. */
export interface Repairs {
  readonly count: number;
  readonly at: number;
}

/** Who was left alone for so long begins anew. */
const FORGOTTEN_MS = 10 * 60_000;
/** So many are set right at once; who goes on changing it is given way to, for longer and longer. */
const AT_ONCE = 2;
const LONGEST_MS = 5 * 60_000;

/** One more, now. */
export function countRepair(before: Repairs | null, now: number): Repairs {
  return { count: before === null || now - before.at > FORGOTTEN_MS ? 1 : before.count + 1, at: now };
}

/** Until when nothing is set right; undefined when it may be. Two that undo each other’s work must not do so all day. */
export function heldUntil(repairs: Repairs | null, now: number): number | undefined {
  if (repairs === null || repairs.count < AT_ONCE) return undefined;
  const until = repairs.at + Math.min(LONGEST_MS, 1000 * 2 ** (repairs.count - AT_ONCE + 1));
  return until > now ? until : undefined;
}
