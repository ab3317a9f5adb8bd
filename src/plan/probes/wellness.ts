import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Health } from '../../../contracts/events.ts';
import type { ObservedContainer } from '../observed.ts';
import { hasStarted, isOf, type Probes, stateFor } from './probe-judgement.ts';
import type { ProbeRecord, ProbeState } from './probe-state.ts';

/** How a container is, by its engine’s health check and by our probes together. */
export interface Wellness {
  /** The worst of all of them; `ready` probes say nothing of health. */
  readonly health: Health;
  /** It runs, is well, has started, and its `ready` probe is good. */
  readonly ready: boolean;
}

type Seen = Pick<ObservedContainer, 'id' | 'state' | 'health' | 'started_at'>;

/** Judge a container by what is seen of it and by what its probes have shown: of a run that was not looked at yet, nothing. */
export function wellness(
  { probes = {} }: Pick<ContainerSpec, 'probes'>,
  known: ProbeState | null,
  seen: Seen,
): Wellness {
  if (seen.state !== 'running' && seen.state !== 'paused') return { health: healthOf(seen), ready: false };
  const state = stateOf(probes, known, seen);
  const started = hasStarted(state);
  const { startup, ready, live } = state.records;
  const health = worst([
    seen.health,
    startup === undefined ? 'none' : HEALTH_OF[startup.verdict],
    live === undefined || !started ? 'none' : HEALTH_OF[live.verdict],
  ]);
  const isWell = (seen.health === 'none' || seen.health === 'healthy') && live?.verdict !== 'failed';
  const isGood = started && (ready === undefined || ready.verdict === 'good');
  return { health, ready: seen.state === 'running' && isWell && isGood };
}

/** What of it is known of the run that is seen. */
export function stateOf(probes: Probes, known: ProbeState | null, seen: Seen): ProbeState {
  const run = { engine_id: seen.id, started_at: seen.started_at ?? '' };
  return stateFor(probes, run, isOf(known, run) ? known : null, 0);
}

function healthOf({ state, health }: Seen): Health {
  return state === 'restarting' ? health : 'none';
}

const HEALTH_OF: { readonly [V in ProbeRecord['verdict']]: Health } = {
  pending: 'starting',
  good: 'healthy',
  failed: 'unhealthy',
};

const WORST_FIRST = ['unhealthy', 'starting', 'healthy', 'none'] as const;

function worst(healths: readonly Health[]): Health {
  return WORST_FIRST.find((one) => healths.includes(one)) ?? 'none';
}
