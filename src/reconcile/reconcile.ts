import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { acceptedAfter } from '../plan/accepted.ts';
import type { Step } from '../plan/actions.ts';
import type { Desired } from '../plan/desired.ts';
import { driftOf } from '../plan/drift.ts';
import { imageOf } from '../plan/mentioned.ts';
import { type Observed, type ObservedContainer, oursOf } from '../plan/observed.ts';
import { planContainer } from '../plan/plan-container.ts';
import { failedReplacement, planRollback } from '../plan/plan-replacement.ts';
import { type Repair, repairOf } from '../plan/repair.ts';
import { isWatched } from '../plan/replacing.ts';
import { isUp } from '../plan/steps.ts';
import type { Accepted } from '../plan/unaccepted.ts';
import { goesAway } from './goes-away.ts';
import { lastHealthOutput } from './last-health-output.ts';
import { observe } from './observe.ts';
import { isOver, performAll } from './perform.ts';
import { formerOf, type OngoingReplacement, replacementOf } from './replacement-of.ts';
import { type Outcome, PullElsewhere, type Surroundings } from './surroundings.ts';

const ROUNDS = 5;
/** A name of which the container is being removed is asked for again so soon, and then less and less often. */
const GOING_MS = 50;
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
  given: Desired,
  known: { readonly engine_id: string | null },
  surroundings: Surroundings,
): Promise<Outcome> {
  let surprise: ContractError | undefined;
  let started = false;
  const replacement = replacementOf(given, surroundings);
  let repaired: Repair | undefined;
  const tried: Step[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (isOver(surroundings)) return { kind: 'lost' };
    try {
      const observed = await observe(given, known, surroundings);
      const desired = replacement.look(observed);
      if (desired === 'lost') return { kind: 'lost' };
      await refuseFallen(desired, observed, surroundings);
      const plan = planContainer(desired, observed);
      if (plan.kind === 'refused') {
        const { kind: _, ...why } = plan;
        return { ...why, kind: 'failed', container: oursOf(observed), rolled_back: false };
      }
      if (plan.kind === 'waiting') return plan;
      const repair = repairOf(desired, observed, plan.steps);
      if (repair !== undefined && desired.held_until !== undefined)
        return { kind: 'held', repair, container: oursOf(observed) };
      repaired ??= repair;
      tried.push(...plan.steps);
      if (!replacement.begins(observed, plan.steps)) return { kind: 'lost' };
      const former = formerOf(desired, observed, plan.steps);
      const done = await performAll(plan.steps, desired, replacement.watching(surroundings), {
        former,
        onStarted: () => {
          started = true;
        },
      });
      if (done === 'lost') return { kind: 'lost' };
      replacement.done(plan.steps);
      // Two that go at once each saw the other on their network: whoever is the last sees it only when it is gone itself.
      const goesOn = desired.state === 'removed' || (isWatched(desired) && former !== undefined);
      if (goesOn && plan.steps.length > 0 && round < ROUNDS - 1) continue;
      const container =
        plan.steps.length === 0 ? oursOf(observed) : await lastSeen(desired, known, surroundings);
      const accepted =
        container && (await acceptedNow(desired, { container, observed, steps: tried }, surroundings));
      const replacing = replacement.settled(observed);
      const { healing } = replacement.desired();
      return {
        kind: 'settled',
        container,
        started,
        image_id: container?.image_id,
        accepted,
        repaired,
        ...(replacing && { replacing }),
        ...(healing && { healing }),
      };
    } catch (error) {
      if (isOver(surroundings)) return { kind: 'lost' };
      if (error instanceof PullElsewhere) return { kind: 'waiting', message: error.message };
      if (!(error instanceof ContractError)) throw error;
      surprise = error;
      if (await goesAway(error, surroundings)) {
        if (round === ROUNDS - 1)
          return { kind: 'waiting', message: `${error.message}, which is being removed` };
        // Looked at again when it may be gone.
        await pause(GOING_MS * 2 ** round, undefined, { signal: surroundings.signal }).catch(() => undefined);
        continue;
      }
      if (OUTAGES.has(error.code) || !(SURPRISES.has(error.code) || replacement.forgives()))
        return await failed(error, replacement, known, surroundings);
    }
  }
  return await failed(
    surprise ?? new ContractError('internal', 'no round was made'),
    replacement,
    known,
    surroundings,
  );
}

/** Once it is as it should be, what the engine still shows otherwise is how it shows it. */
async function acceptedNow(
  desired: Desired,
  done: {
    readonly container: ObservedContainer;
    readonly observed: Observed;
    readonly steps: readonly Step[];
  },
  { engine, signal }: Surroundings,
): Promise<Accepted> {
  const { container, observed, steps } = done;
  const isPulled = steps.some(({ action: { type } }) => type === 'pull_image' || type === 'build_image');
  const image = isPulled ? await engine.images.inspect(imageOf(desired.spec), signal) : observed.image;
  return acceptedAfter(steps, desired, container, image);
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

/** A replacement that has fallen since its start, or is no good, has failed as one that does not start. */
async function refuseFallen(desired: Desired, observed: Observed, surroundings: Surroundings): Promise<void> {
  const given_up = desired.replacing?.failed;
  if (given_up) throw new ContractError(given_up.code, given_up.message);
  const fall = desired.state === 'running' ? failedReplacement(desired, observed) : undefined;
  if (fall === undefined) return;
  const said = await lastHealthOutput(desired, oursOf(observed), surroundings);
  throw new ContractError(
    'start_failed',
    `the new container of ${desired.name} does not stay up: ${fall}${said === undefined ? '' : `: ${said}`}`,
  );
}

/** Says why, after a replacement was taken back. */
async function failed(
  error: ContractError,
  replacement: OngoingReplacement,
  known: { readonly engine_id: string | null },
  surroundings: Surroundings,
): Promise<Outcome> {
  const failure = { kind: 'failed', code: error.code, message: error.message } as const;
  if (OUTAGES.has(error.code)) return { ...failure, container: undefined, rolled_back: false };
  try {
    const observed = await observe(replacement.desired(), known, surroundings);
    const desired = replacement.look(observed);
    if (desired === 'lost') return { kind: 'lost' };
    const takesBack = desired.state === 'running' || desired.state === 'created';
    const steps = takesBack ? planRollback(desired, observed) : [];
    if (steps.length === 0) {
      const rolled_back = isUntouched(error, desired, observed);
      const isOverNow = !rolled_back && observed.set_aside === undefined;
      if (isOverNow && !replacement.ends()) return { kind: 'lost' };
      return { ...failure, container: oursOf(observed), rolled_back };
    }
    const { code, message } = error;
    if (!replacement.fails({ code, message })) return { kind: 'lost' };
    if ((await performAll(steps, desired, surroundings)) === 'lost') return { kind: 'lost' };
    const container = await surroundings.engine.containers.inspect(desired.name, surroundings.signal);
    const holds = HOPELESS.has(error.code) && container !== undefined && isUp(container);
    if (!holds && !replacement.ends()) return { kind: 'lost' };
    return { ...failure, container, rolled_back: holds };
  } catch (later) {
    if (isOver(surroundings)) return { kind: 'lost' };
    if (!(later instanceof ContractError)) throw later;
    const message = `${error.message}; then ${later.message}`;
    return { ...failure, message, container: undefined, rolled_back: false };
  }
}

/** Nothing was begun yet, and it would fail again: the former container serves on as it is. */
function isUntouched({ code }: ContractError, desired: Desired, observed: Observed): boolean {
  const seen = oursOf(observed);
  const isGivenUp = desired.replacing?.failed != null;
  if (!(isWatched(desired) || isGivenUp) || !HOPELESS.has(code)) return false;
  if (seen === undefined || !isUp(seen)) return false;
  return observed.set_aside === undefined && driftOf(desired, seen, observed).recreate !== undefined;
}
