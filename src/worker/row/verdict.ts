import { ERRORS, type ErrorCode } from '../../../contracts/errors.ts';
import type { StatusReason } from '../../../contracts/events.ts';
import { backoff } from '../../plan/backoff.ts';
import type { Desired } from '../../plan/desired.ts';
import { healingReason, isHealed, isUnhealthy } from '../../plan/healing.ts';
import { HELD_BACK } from '../../plan/held-back.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import { wellness } from '../../plan/probes/wellness.ts';
import { countRepair, DRIFT, heldUntil, type Repair } from '../../plan/repair.ts';
import { runsOnce } from '../../plan/restart-policy.ts';
import { restingStatus } from '../../plan/resting-status.ts';
import type { Outcome } from '../../reconcile/surroundings.ts';
import type { ContainerRow, Millis, ProgressPatch } from '../../store/container-row.ts';

/** What to write of an outcome, when to look again, and whether the container’s stream ends here. */
export interface Verdict {
  readonly patch: ProgressPatch;
  readonly due_at: Millis | null;
  /** No restart is due: `done` follows the status. */
  readonly resting: boolean;
}

/** An engine that does not answer is asked again so soon, and changes nothing. */
const UNREACHABLE_MS = 2000;
/** One that waits for others is woken when they change; should that be lost, it looks by itself after so long. */
const LOST_WAKE_UP_MS = 30_000;

/** Judge an outcome. Pure: `now` and `jitter` are given. */
export function verdictOf(
  row: ContainerRow,
  desired: Desired,
  outcome: Exclude<Outcome, { kind: 'lost' }>,
  now: Millis,
  jitter: number,
): Verdict {
  switch (outcome.kind) {
    case 'waiting':
      return {
        patch: {
          status: desired.state === 'stopped' || desired.state === 'removed' ? 'stopping' : 'waiting',
          reason: { code: 'waiting', message: outcome.message },
          ...waitingFor(row, outcome, now),
        },
        due_at:
          outcome.waits_for === undefined
            ? now + 5000
            : Math.min(now + LOST_WAKE_UP_MS, outcome.until ?? Number.POSITIVE_INFINITY),
        resting: false,
      };
    case 'held':
      return held(row, desired, outcome, now);
    case 'failed':
      return failure(row, outcome, now, jitter);
    case 'settled':
      return settled(row, desired, outcome, now);
  }
}

/** Who has to change for it to be looked at again, and since when it waits. */
function waitingFor(
  row: ContainerRow,
  { waits_for }: { readonly waits_for?: readonly string[] },
  now: Millis,
): Pick<ProgressPatch, 'waits_for' | 'waits_since'> {
  if (waits_for === undefined) return { waits_for: null };
  return { waits_for, waits_since: row.waits_since ?? now };
}

function settled(
  row: ContainerRow,
  desired: Desired,
  {
    container,
    started,
    image_id,
    replacing,
    healing,
    accepted,
    repaired,
  }: Extract<Outcome, { kind: 'settled' }>,
  now: Millis,
): Verdict {
  const isUnproven = replacing !== undefined && !replacing.at.proven;
  const common: ProgressPatch = {
    applied_hash: row.spec_hash,
    // The former one can still be had back.
    ...(!isUnproven && { applied_generation: row.generation }),
    replacing: replacing?.at ?? null,
    healing: healing ?? null,
    failures: 0,
    next_attempt_at: null,
    waits_for: null,
    waits_since: null,
    observed_at: now,
    observed: container === undefined ? null : stored(container),
    engine_id: container?.id ?? null,
    accepted: accepted ?? null,
    ...(repaired && { repairs: countRepair(row.repairs, now) }),
    // A change of mind begins anew.
    ...(!desired.reached && { repairs: null }),
    attempt: row.attempt + (started ? 1 : 0),
    ...(started && { completed: false }),
  };
  if (container === undefined) {
    if (desired.state === 'removed')
      return {
        patch: { ...common, status: 'removed', removed_at: now, health: 'none', ready: false, reason: null },
        due_at: null,
        resting: true,
      };
    if (desired.completed && desired.state === 'running')
      return {
        patch: { ...common, status: 'stopped', exit_code: 0, health: 'none', ready: false, reason: null },
        due_at: null,
        resting: true,
      };
    return {
      patch: { ...common, status: 'stopped', health: 'none', ready: false, reason: null },
      due_at: desired.state === 'running' ? now : null,
      resting: desired.state !== 'running',
    };
  }
  const { resting, completed, ...seen } = restingStatus(container, desired.state);
  const once =
    completed && seen.exit_code === 0 && runsOnce(row.spec) ? { completed_hash: row.spec_hash } : {};
  // Whatever the former container does meanwhile: without its reason it would be replaced again, and fail again.
  const held = desired.held_back ? { reason: row.reason } : {};
  const said = seen.status === 'running' ? driftReason(row, desired, repaired) : undefined;
  const well = wellness(row.spec, row.probe_state, container);
  const healed = healedOf({ ...desired, ...(healing && { healing }) }, container);
  const proving = isUnproven && seen.status === 'running' ? provingOf(desired) : {};
  return {
    patch: {
      ...common,
      ...seen,
      ...well,
      ...(said && { reason: said }),
      ...healed.patch,
      ...held,
      ...once,
      ...proving,
      image_id: image_id ?? null,
    },
    due_at: earlier(replacing?.due_at ?? null, healed.due_at),
    resting: resting && replacing === undefined,
  };
}

/** What was done about its not being well, and when the next thing is. */
function healedOf(
  desired: Desired,
  seen: ObservedContainer,
): { readonly patch: Pick<ProgressPatch, 'reason' | 'next_attempt_at'>; readonly due_at: Millis | null } {
  const reason = healingReason(desired, seen);
  const waits = desired.healing !== undefined && isHealed(desired) && isUnhealthy(desired, seen);
  const due_at = waits ? (desired.healing?.next_at ?? null) : null;
  return { patch: reason === undefined ? {} : { reason, next_attempt_at: due_at }, due_at };
}

function earlier(a: Millis | null, b: Millis | null): Millis | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** It is up, but does not count yet. */
function provingOf({ replacement }: Desired): Pick<ProgressPatch, 'status' | 'reason'> {
  const message = `has to be ready for ${replacement?.monitor ?? 0} s; the container that it replaces is kept until then`;
  return { status: 'starting', reason: { code: 'proving', message } };
}

/** Said until the next change of mind: who looks later wants to know, too. */
function driftReason(
  { reason }: ContainerRow,
  { reached }: Desired,
  repaired: Repair | undefined,
): StatusReason | undefined {
  if (repaired !== undefined) return { code: DRIFT, message: `${repaired.found}; ${repaired.done}` };
  return reached && reason?.code === DRIFT ? reason : undefined;
}

/** It stays as somebody else has it, for a while. */
function held(
  row: ContainerRow,
  desired: Desired,
  { repair, container }: Extract<Outcome, { kind: 'held' }>,
  now: Millis,
): Verdict {
  const due_at = heldUntil(row.repairs, now) ?? now;
  const times = row.repairs?.count ?? 0;
  const until = desired.held_until ?? '';
  const message = `${repair.found}; it was set right ${times} times, and will be again at ${until}`;
  const seen = container && restingStatus(container, desired.state);
  return {
    patch: {
      status: seen?.status ?? 'failed',
      health: seen?.health ?? 'none',
      exit_code: seen?.exit_code ?? null,
      reason: { code: DRIFT, message },
      next_attempt_at: due_at,
      observed_at: now,
      ...(container && {
        observed: stored(container),
        engine_id: container.id,
        image_id: container.image_id,
      }),
    },
    due_at,
    resting: false,
  };
}

/** Without what may hold secrets. */
function stored({ settings: _, ...seen }: ObservedContainer): ObservedContainer {
  return seen;
}

function failure(
  row: ContainerRow,
  outcome: Extract<Outcome, { kind: 'failed' }>,
  now: Millis,
  jitter: number,
): Verdict {
  const { code, message, container, rolled_back, waits_for } = outcome;
  // An outage is never a death: the status stays, and the row is looked at again soon.
  if (isOutage(code))
    return {
      patch: { reason: row.status === 'running' ? row.reason : { code, message } },
      due_at: now + UNREACHABLE_MS,
      resting: false,
    };
  const seen: ProgressPatch = {
    observed_at: now,
    ...(container && { observed: stored(container), engine_id: container.id, image_id: container.image_id }),
  };
  if (rolled_back) {
    const reason = { code: HELD_BACK, message: `${message}; the former container runs again` };
    return {
      patch: {
        ...seen,
        status: 'running',
        ...(container ? wellness(row.spec, row.probe_state, container) : { health: 'none', ready: false }),
        reason,
        applied_generation: row.generation,
        replacing: null,
        failures: 0,
        next_attempt_at: null,
        completed: false,
      },
      due_at: null,
      resting: false,
    };
  }
  // It is not its own fault: nothing is tried again until what is to blame has changed.
  if (waits_for !== undefined)
    return {
      patch: {
        ...seen,
        ...waitingFor(row, { waits_for }, now),
        status: 'failed',
        health: 'none',
        ready: false,
        reason: { code, message },
        next_attempt_at: null,
      },
      due_at: now + LOST_WAKE_UP_MS,
      resting: !row.declared,
    };
  const failures = row.failures + 1;
  const final = !row.declared && !ERRORS[code].retryable;
  const next = final ? null : now + backoff(failures, jitter);
  const status = row.desired_state === 'removed' ? ('stopping' as const) : ('failed' as const);
  return {
    patch: {
      ...seen,
      status,
      health: 'none',
      ready: false,
      reason: { code, message },
      failures,
      next_attempt_at: next,
      waits_for: null,
    },
    due_at: next,
    resting: final,
  };
}

const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_version',
]);

function isOutage(code: ErrorCode): boolean {
  return OUTAGES.has(code);
}
