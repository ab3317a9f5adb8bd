import type { Dependency } from '../../contracts/container-fields/convergence.ts';
import type { Plan, Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { HELD_BACK } from './held-back.ts';
import type { Dependencies, Needed } from './needed.ts';

type Judgement =
  | { readonly kind: 'met' }
  | { readonly kind: 'waits'; readonly text: string; readonly until?: number }
  | { readonly kind: 'failed'; readonly text: string };

/** Why the steps may not be done yet, or not at all: others come first, up and down. */
export function gate(desired: Desired, steps: readonly Step[]): Plan | undefined {
  const { dependencies, state } = desired;
  if (dependencies === undefined) return undefined;
  const does = (...types: readonly string[]) => steps.some(({ action }) => types.includes(action.type));
  if (state === 'stopped' || state === 'removed')
    return does('stop_container') ? stopGate(dependencies) : undefined;
  if (state === 'running' && does('create_container', 'start_container'))
    return startGate(desired, dependencies);
  return undefined;
}

function stopGate({ dependents }: Dependencies): Plan | undefined {
  if (dependents.length === 0) return undefined;
  const names = dependents.map(({ name }) => name).join(', ');
  return {
    kind: 'waiting',
    message: `waits for ${names} to stop`,
    waits_for: dependents.map(({ id }) => id),
  };
}

function startGate(desired: Desired, dependencies: Dependencies): Plan | undefined {
  const judged = dependencies.needs.map((need) => ({ need, ...judge(need, desired, dependencies) }));
  const keyOf = ({ need }: (typeof judged)[number]): string => need.row?.id ?? need.name;
  const failed = judged.filter(({ kind }) => kind === 'failed');
  const [first] = failed;
  if (first !== undefined)
    return {
      kind: 'refused',
      code: 'dependency_failed',
      message: failed.map((one) => ('text' in one ? one.text : '')).join('; '),
      waits_for: [...new Set(judged.filter(({ kind }) => kind !== 'met').map(keyOf))],
      ...(first.need.row && { culprit: first.need.row.id }),
    };
  const waits = judged.flatMap((one) => (one.kind === 'waits' ? [one] : []));
  if (waits.length === 0) return undefined;
  const until = Math.min(...waits.map((one) => one.until ?? Number.POSITIVE_INFINITY));
  return {
    kind: 'waiting',
    message: `waits for ${[...new Set(waits.map(({ text }) => text))].join(', ')}`,
    waits_for: [...new Set(waits.map((one) => one.need.row?.id ?? one.need.name))],
    ...(Number.isFinite(until) && { until }),
  };
}

function judge(need: Needed, desired: Desired, { waits_since, now }: Dependencies): Judgement {
  const { required = true, timeout } = need.dependency;
  const judged = judgeAlone(need, desired);
  if (judged.kind === 'met') return judged;
  const isOnItsWay = need.row?.wanted === 'running';
  if (!required && (judged.kind === 'failed' || !isOnItsWay)) return { kind: 'met' };
  if (judged.kind === 'failed' || timeout === undefined) return judged;
  const until = (waits_since ?? now) + timeout * 1000;
  if (now < until) return { ...judged, until };
  if (!required) return { kind: 'met' };
  const text = `needs ${need.name} ${goalOf(need)}, which it was not within ${timeout} s (${stateOf(need)})`;
  return { kind: 'failed', text };
}

function judgeAlone(need: Needed, desired: Desired): Judgement {
  const { row } = need;
  const condition = need.dependency.condition ?? 'started';
  const waits: Judgement = { kind: 'waits', text: `${need.name} ${goalOf(need)} (${stateOf(need)})` };
  if (row === undefined || row.wanted === 'removed') return waits;
  if (row.completed && condition !== 'healthy') return { kind: 'met' };
  if (row.wanted !== 'running') return waits;
  const why = fallOf(row, condition, desired);
  if (why !== undefined) return { kind: 'failed', text: `needs ${need.name} ${goalOf(need)}, but it ${why}` };
  if (condition === 'completed') return waits;
  const isMet = condition === 'healthy' ? row.ready : row.status === 'running';
  return isMet ? { kind: 'met' } : waits;
}

/** Why it will not come to be so of itself. */
function fallOf(
  { status, health, exit_code, reason, final, completed }: NonNullable<Needed['row']>,
  condition: NonNullable<Dependency['condition']>,
  desired: Desired,
): string | undefined {
  // What was there before comes back without it: only what is new needs the new one.
  if (reason?.code === HELD_BACK && desired.applied !== true) return `was not replaced: ${reason.message}`;
  if (status === 'failed' && final) {
    if (reason !== null) return reason.code === 'exited' ? reason.message : `failed: ${reason.message}`;
    return exit_code === null ? 'failed' : `exited with code ${exit_code}`;
  }
  if (condition === 'healthy' && status === 'running' && health === 'unhealthy') return 'is unhealthy';
  if (condition === 'healthy' && (completed || (status === 'stopped' && final))) return 'has ended';
  return undefined;
}

function goalOf({ dependency: { condition = 'started' } }: Needed): string {
  if (condition === 'started') return 'to run';
  return condition === 'healthy' ? 'to be healthy' : 'to end with exit code 0';
}

function stateOf({ row }: Needed): string {
  if (row === undefined) return 'not there';
  if (row.wanted === 'removed') return 'being removed';
  if (row.wanted !== 'running') return `${row.status}, and not asked to run`;
  if (row.status !== 'running')
    return row.status === 'failed' && row.reason ? `failed: ${row.reason.message}` : row.status;
  return row.health === 'none' ? 'running' : row.health;
}
