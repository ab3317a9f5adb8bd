import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Step } from '../plan/actions.ts';
import type { Desired } from '../plan/desired.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import { isUp, planContainer, planRollback } from '../plan/plan-container.ts';
import { apply, PHASE } from './apply.ts';
import { observe } from './observe.ts';
import { type Outcome, PullElsewhere, type Surroundings } from './surroundings.ts';

const ROUNDS = 5;
/** A start counts when it is still up after so many milliseconds. */
const SETTLE_MS = 200;
/** The world is not what was observed: look again. */
const SURPRISES: ReadonlySet<ErrorCode> = new Set(['not_found', 'name_conflict']);
/** A replacement that fails so will fail again: the former container comes back. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set([
  'start_failed',
  'port_conflict',
  'engine_refused',
  'unsupported',
  'image_not_found',
]);

/** Take one row’s container from what is to what is wanted: observe, plan, apply, observe. Never throws but for a defect. */
export async function reconcile(
  desired: Desired,
  known: { readonly engine_id: string | null },
  surroundings: Surroundings,
): Promise<Outcome> {
  let surprise: ContractError | undefined;
  let started = false;
  for (let round = 0; round < ROUNDS; round++) {
    if (isOver(surroundings)) return { kind: 'lost' };
    try {
      const observed = await observe(desired, known, surroundings);
      const plan = planContainer(desired, observed);
      if (plan.kind === 'refused')
        return {
          kind: 'failed',
          code: plan.code,
          message: plan.message,
          container: undefined,
          rolled_back: false,
        };
      const done = await performAll(plan.steps, desired, surroundings);
      if (done === 'lost') return { kind: 'lost' };
      started ||= plan.steps.some(({ action }) => action.type === 'start_container');
      return await settled(desired, known, surroundings, {
        started,
        changed: plan.steps.length > 0 ? undefined : observed.container?.seen,
      });
    } catch (error) {
      if (isOver(surroundings)) return { kind: 'lost' };
      if (error instanceof PullElsewhere) return { kind: 'waiting', message: error.message };
      if (!(error instanceof ContractError)) throw error;
      surprise = error;
      if (!SURPRISES.has(error.code)) return await failed(error, desired, known, surroundings);
    }
  }
  return await failed(
    surprise ?? new ContractError('internal', 'no round was made'),
    desired,
    known,
    surroundings,
  );
}

async function performAll(
  steps: readonly Step[],
  desired: Desired,
  surroundings: Surroundings,
): Promise<'done' | 'lost'> {
  for (const { action, cause } of steps) {
    if (isOver(surroundings)) return 'lost';
    const phase = PHASE[action.type];
    if (phase !== undefined && !surroundings.entering(phase)) return 'lost';
    surroundings.onStep(action, cause);
    await apply(action, desired.id, surroundings);
    if (action.type === 'start_container') await settle(desired, steps, surroundings);
  }
  return 'done';
}

/** A container that ends at once has run; only as a replacement is that a failed start, since the former one still can be had back. */
async function settle(
  desired: Desired,
  steps: readonly Step[],
  { engine, signal }: Surroundings,
): Promise<void> {
  await pause(SETTLE_MS, undefined, { signal });
  const seen = await engine.containers.inspect(desired.name, signal);
  const replaces =
    steps.some(({ action }) => action.type === 'rename_container') &&
    steps.some(({ action }) => action.type === 'remove_container');
  if (!replaces || seen === undefined) return;
  const fell = !isUp(seen) && seen.exit_code !== 0;
  if (fell || seen.restart_count > 0 || seen.state === 'restarting') {
    throw new ContractError(
      'start_failed',
      `the new container of ${desired.name} ended at once with exit code ${seen.exit_code ?? 'unknown'}`,
    );
  }
}

async function settled(
  desired: Desired,
  known: { readonly engine_id: string | null },
  { engine, signal }: Surroundings,
  { started, changed }: { readonly started: boolean; readonly changed: ObservedContainer | undefined },
): Promise<Outcome> {
  if (desired.state === 'removed')
    return { kind: 'settled', container: undefined, started, image_id: undefined };
  const container =
    changed ??
    (await engine.containers.inspect(desired.name, signal)) ??
    (known.engine_id === null ? undefined : await engine.containers.inspect(known.engine_id, signal));
  return { kind: 'settled', container, started, image_id: container?.image_id };
}

/** Says why, after taking a hopeless replacement back. */
async function failed(
  error: ContractError,
  desired: Desired,
  known: { readonly engine_id: string | null },
  surroundings: Surroundings,
): Promise<Outcome> {
  const failure = { kind: 'failed', code: error.code, message: error.message } as const;
  if (error.code === 'engine_unreachable') return { ...failure, container: undefined, rolled_back: false };
  try {
    const observed = await observe(desired, known, surroundings);
    const steps =
      HOPELESS.has(error.code) && desired.state === 'running' ? planRollback(desired, observed) : [];
    if (steps.length > 0 && (await performAll(steps, desired, surroundings)) === 'lost')
      return { kind: 'lost' };
    const container =
      steps.length > 0
        ? await surroundings.engine.containers.inspect(desired.name, surroundings.signal)
        : observed.container?.ownership === 'ours'
          ? observed.container.seen
          : undefined;
    return { ...failure, container, rolled_back: steps.length > 0 };
  } catch (later) {
    if (isOver(surroundings)) return { kind: 'lost' };
    if (!(later instanceof ContractError)) throw later;
    return {
      ...failure,
      message: `${error.message}; then ${later.message}`,
      container: undefined,
      rolled_back: false,
    };
  }
}

function isOver({ signal, holds }: Surroundings): boolean {
  return signal.aborted || !holds();
}
