import { isReady } from '../plan/groups/ready.ts';
import type { MemberRow } from '../plan/groups/rollout.ts';
import type { ContainerRow } from './container-row.ts';

/** A row as its group’s decisions see it. */
export function memberRow(row: ContainerRow): MemberRow {
  const { id, replica, release, spec_hash, generation, applied_generation, desired_state, status } = row;
  const { exit_code, reason, failures, next_attempt_at, observed, spec } = row;
  return {
    ...{ id, replica, release, spec_hash, generation, applied_generation, desired_state, status },
    ...{ exit_code, reason, failures, next_attempt_at },
    service: row.service ?? row.name,
    ready: isReady(row),
    restart_count: observed?.restart_count ?? 0,
    runs_once: spec.role === 'init' || spec.role === 'job',
  };
}
