import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Action, Step } from '../plan/actions.ts';
import type { Desired } from '../plan/desired.ts';
import { fallOf } from '../plan/plan-replacement.ts';
import { apply, PHASE } from './apply.ts';
import { type Former, overBefore } from './over-before.ts';
import type { Surroundings } from './surroundings.ts';

/** A start counts when it is still up after so many milliseconds. */
const SETTLE_MS = 300;

/** Whether nothing more may be done: the claim went to somebody else, or the process is ending. */
export function isOver({ signal, holds }: Surroundings): boolean {
  return signal.aborted || !holds();
}

export interface Performing {
  readonly onStarted?: () => void;
  /** The one that is replaced, and whether it goes on running while the new one starts. */
  readonly former?: Former | undefined;
}

/** Perform steps in order, asking before each whether the claim still holds. Throws what the engine’s port throws, and start_failed for a replacement that falls. */
export async function performAll(
  steps: readonly Step[],
  desired: Desired,
  surroundings: Surroundings,
  { onStarted = () => undefined, former }: Performing = {},
): Promise<'done' | 'lost'> {
  const drained = new Set<string>();
  for (const [index, { action, cause }] of steps.entries()) {
    if (isOver(surroundings)) return 'lost';
    await prepare(action, { ahead: steps.slice(index), drained, former }, surroundings);
    // What was prepared may have taken long.
    if (isOver(surroundings)) return 'lost';
    const phase = action.type === 'stop_container' && action.quiet ? undefined : PHASE[action.type];
    if (phase !== undefined && !surroundings.entering(phase)) return 'lost';
    surroundings.onStep(action, cause);
    await apply(action, desired.id, surroundings);
    surroundings.onDone?.(action);
    if (action.type !== 'start_container') continue;
    onStarted();
    await settle(desired, steps.slice(index), surroundings);
  }
  return 'done';
}

/** The log of what will be removed is read to its end before another one starts, so that lines come in their order. */
async function prepare(
  action: Action,
  {
    ahead,
    drained,
    former,
  }: Pick<Performing, 'former'> & {
    readonly ahead: readonly Step[];
    readonly drained: Set<string>;
  },
  { engine, beforeStart, beforeRemove, signal }: Surroundings,
): Promise<void> {
  if (action.type !== 'start_container' && action.type !== 'remove_container') return;
  for (const engine_id of overBefore(action, ahead, former)) {
    if (drained.has(engine_id)) continue;
    drained.add(engine_id);
    await beforeRemove(engine_id);
  }
  if (action.type === 'remove_container') return;
  const container = await engine.containers.inspect(action.name, signal);
  if (container === undefined)
    throw new ContractError('not_found', `the container ${action.name} went before it was started`);
  await beforeStart(container, former?.runs ? former.engine_id : undefined);
}

/** A container that ends at once has run; only as a replacement is that a failed start, since the former one still can be had back. */
async function settle(
  desired: Desired,
  ahead: readonly Step[],
  { engine, signal }: Surroundings,
): Promise<void> {
  await pause(SETTLE_MS, undefined, { signal });
  if (!ahead.some(({ action }) => action.type === 'remove_container')) return;
  const seen = await engine.containers.inspect(desired.name, signal);
  const fall = seen === undefined ? 'it is gone' : fallOf(seen);
  if (fall !== undefined)
    throw new ContractError('start_failed', `the new container of ${desired.name} does not stay up: ${fall}`);
}
