import type { Hub } from '../../bus/hub.ts';
import { planRollout } from '../../plan/groups/plan-rollout.ts';
import { rolloutConfig } from '../../plan/groups/rollout.ts';
import type { Log } from '../../runtime/log.ts';
import type { DeploymentRow, DeploymentState } from '../../store/group-rows.ts';
import { memberRow } from '../../store/member-row.ts';
import type { Store } from '../../store/store.ts';
import { backFromUnhealthy } from './back-from-unhealthy.ts';

/** A lost event costs so much, and only while something is under way. */
const FALLBACK_MS = 1000;
/** What comes together is looked at together. */
const TOGETHER_MS = 20;

export interface ConductorParts {
  readonly store: Store;
  readonly hub: Hub;
  readonly log: Log;
  readonly now: () => number;
  /** Wakes the workers. */
  readonly poke: () => void;
}

/** Leads deployments from one release to the next: it looks at rows and changes rows, and the workers do the rest. */
export interface Conductor {
  /** There may be something to lead. */
  poke(): void;
  stop(): void;
}

/** It keeps nothing in mind: whoever begins after a crash goes on from the rows. */
export function startConductor({ store, hub, log, now, poke }: ConductorParts): Conductor {
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let isActive = false;
  let stopped = false;

  const at = (time: number): void => {
    if (stopped || time >= due) return;
    clearTimeout(timer);
    due = time;
    timer = setTimeout(look, Math.max(0, time - now()));
  };

  const look = (): void => {
    due = Number.POSITIVE_INFINITY;
    try {
      let changed = 0;
      for (const { id } of store.groups.active()) {
        const done = store.groups.step(id, (state) => decide(state, now()), now());
        if (done === undefined) continue;
        changed += done.changed.length;
        tell(log, done.deployment);
      }
      if (changed > 0) poke();
      const active = store.groups.active();
      isActive = active.length > 0;
      if (isActive)
        at(
          Math.min(
            now() + FALLBACK_MS,
            ...active.map(({ due_at }) => Math.max(now(), due_at ?? Number.POSITIVE_INFINITY)),
          ),
        );
    } catch (error) {
      log.warn({ error }, 'leading deployments failed; tried again soon');
      at(now() + FALLBACK_MS);
    }
  };

  const unobserve = hub.observe((event) => {
    if (event.type === 'status' && event.health === 'unhealthy') {
      backFromUnhealthy(event.container_id, { store, log, now });
      at(now());
    }
    if (isActive && (event.type === 'status' || event.type === 'done')) at(now() + TOGETHER_MS);
  });
  // What became unhealthy while nobody listened.
  for (const { id, health } of store.containers.present())
    if (health === 'unhealthy') backFromUnhealthy(id, { store, log, now });
  at(now());
  return {
    poke: () => at(now()),
    stop: () => {
      stopped = true;
      unobserve();
      clearTimeout(timer);
    },
  };
}

function decide({ group, deployment, from, to, rows }: DeploymentState, now: number) {
  const { config, targets, progress } = deployment;
  return planRollout({
    from: { number: deployment.from_release, services: from },
    to: { number: deployment.to_release, services: to },
    targets: new Set(targets),
    config: (service) =>
      rolloutConfig(config, (to[service] ?? from[service])?.update_config, group.update_config),
    progress,
    rows: rows.map(memberRow),
    now,
  });
}

function tell(
  log: Log,
  { group_name: group, id, state, from_release, to_release, reason, ended_at }: DeploymentRow,
): void {
  if (ended_at === null) return;
  const words = { group, deployment: id, from_release, to_release };
  if (state === 'succeeded') log.info(words, `${group} is at release ${to_release}`);
  else log.warn({ ...words, reason: reason?.message }, `the deployment of ${group} ended: ${state}`);
}
