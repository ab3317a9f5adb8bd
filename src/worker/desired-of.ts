import type { Desired } from '../plan/desired.ts';
import type { ContainerRow } from '../store/container-row.ts';

/** Why a row shows its former container running although a newer spec is wanted. */
export const HELD_BACK = 'replacement_failed';

/** What a row wants, as the planner takes it. */
export function desiredOf(row: ContainerRow): Desired {
  const { id, name, spec, declared, generation, recreate_hash, spec_hash, aliases } = row;
  const { group_name, service, replica, stop_timeout, keep_volumes, restart_from } = row;
  const applied = row.applied_generation === generation;
  return {
    id,
    name,
    spec,
    declared,
    generation,
    recreate_hash,
    spec_hash,
    aliases,
    state: row.desired_state,
    applied: row.applied_hash === spec_hash,
    started: applied && row.attempt > 0,
    ...(row.begun?.generation === generation && { begun: row.begun }),
    held_back: applied && row.reason?.code === HELD_BACK,
    ...(group_name !== null && service !== null && { member: { group: group_name, service, replica } }),
    ...(keep_volumes && { keep_volumes }),
    ...(stop_timeout !== null && { stop_timeout }),
    ...(restart_from !== null && { restart_from }),
  };
}
