import { ContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Desired } from '../plan/desired.ts';
import { type Observed, type ObservedContainer, oursOf } from '../plan/observed.ts';
import { planContainer } from '../plan/plan-container.ts';
import { failedReplacement, planRollback } from '../plan/plan-replacement.ts';
import { isUp } from '../plan/steps.ts';
import { observe } from './observe.ts';
import { isOver, performAll } from './perform.ts';
import { type Outcome, PullElsewhere, type Surroundings } from './surroundings.ts';

const ROUNDS = 5;
/** The world is not what was observed: look again. */
const SURPRISES: ReadonlySet<ErrorCode> = new Set(['not_found', 'name_conflict']);
/** Nothing can be done about these on the engine now; what is half done is left for a later try. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_version',
  'aborted',
]);
/** A replacement that fails so will fail again: the former container stays until the next change of mind. */
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
      refuseFallen(desired, observed);
      const plan = planContainer(desired, observed);
      if (plan.kind === 'refused') {
        const { code, message } = plan;
        return { kind: 'failed', code, message, container: oursOf(observed), rolled_back: false };
      }
      if (plan.kind === 'waiting') return plan;
      const done = await performAll(plan.steps, desired, surroundings, () => {
        started = true;
      });
      if (done === 'lost') return { kind: 'lost' };
      // Two that go at once each saw the other on their network: whoever is the last sees it only when it is gone itself.
      if (desired.state === 'removed' && plan.steps.length > 0 && round < ROUNDS - 1) continue;
      const container =
        plan.steps.length === 0 ? oursOf(observed) : await lastSeen(desired, known, surroundings);
      return { kind: 'settled', container, started, image_id: container?.image_id };
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

async function lastSeen(
  desired: Desired,
  known: { readonly engine_id: string | null },
  { engine, signal }: Surroundings,
): Promise<ObservedContainer | undefined> {
  if (desired.state === 'removed') return undefined;
  const named = await engine.containers.inspect(desired.name, signal);
  if (named !== undefined || known.engine_id === null) return named;
  return engine.containers.inspect(known.engine_id, signal);
}

/** A replacement that was broken off after its start, and has fallen since, failed as one that is seen to fall. */
function refuseFallen(desired: Desired, observed: Observed): void {
  const fall = desired.state === 'running' ? failedReplacement(desired, observed) : undefined;
  if (fall !== undefined)
    throw new ContractError('start_failed', `the new container of ${desired.name} does not stay up: ${fall}`);
}

/** Says why, after a replacement was taken back. */
async function failed(
  error: ContractError,
  desired: Desired,
  known: { readonly engine_id: string | null },
  surroundings: Surroundings,
): Promise<Outcome> {
  const failure = { kind: 'failed', code: error.code, message: error.message } as const;
  if (OUTAGES.has(error.code)) return { ...failure, container: undefined, rolled_back: false };
  try {
    const observed = await observe(desired, known, surroundings);
    const takesBack = desired.state === 'running' || desired.state === 'created';
    const steps = takesBack ? planRollback(desired, observed) : [];
    if (steps.length === 0) return { ...failure, container: oursOf(observed), rolled_back: false };
    if ((await performAll(steps, desired, surroundings, () => undefined)) === 'lost') return { kind: 'lost' };
    const container = await surroundings.engine.containers.inspect(desired.name, surroundings.signal);
    const holds = HOPELESS.has(error.code) && container !== undefined && isUp(container);
    return { ...failure, container, rolled_back: holds };
  } catch (later) {
    if (isOver(surroundings)) return { kind: 'lost' };
    if (!(later instanceof ContractError)) throw later;
    const message = `${error.message}; then ${later.message}`;
    return { ...failure, message, container: undefined, rolled_back: false };
  }
}
