import type { Desired } from '../plan/desired.ts';
import { HELD_BACK } from '../plan/held-back.ts';
import type { Replacement } from '../plan/replacement.ts';
import { runsOnce } from '../plan/restart-policy.ts';
import type { Accepted } from '../plan/unaccepted.ts';
import type { ContainerRow } from '../store/container-row.ts';

/** One that is to be taken back when it is not well is watched for a while, whoever replaces it. */
const CAREFUL: Replacement = { order: 'stop_first', drain: 0, monitor: 10, timeout: 300 };

/** What a row wants, as the planner takes it. */
export function desiredOf(row: ContainerRow): Desired {
  const { id, name, spec, declared, generation, recreate_hash, spec_hash, aliases } = row;
  const { group_name, service, replica, stop_timeout, keep_volumes, restart_from } = row;
  const { replacing, leaving, healing } = row;
  const replacement = row.replacement ?? (spec.on_unhealthy === 'rollback' ? CAREFUL : null);
  const applied = row.applied_generation === generation;
  const isBrought = row.applied_hash === spec_hash;
  const accepted = row.accepted ?? trusted(row);
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
    applied: isBrought,
    reached: applied && isBrought,
    ...(accepted && { accepted }),
    started: applied && row.attempt > 0,
    ...(row.begun?.generation === generation && { begun: row.begun }),
    held_back: applied && row.reason?.code === HELD_BACK,
    ...(replacement !== null && { replacement }),
    ...(replacing !== null && { replacing }),
    ...(leaving !== null && { leaving }),
    ...(healing !== null && { healing }),
    ...(row.probe_state !== null && { probe_state: row.probe_state }),
    ...(group_name !== null && service !== null && { member: { group: group_name, service, replica } }),
    // A tag that moves rolls a group’s members only when somebody says so, one after the other.
    ...(group_name !== null && applied && isBrought && row.image_id !== null && { image_id: row.image_id }),
    ...(runsOnce(spec) && { completed: row.completed_hash === spec_hash }),
    ...(keep_volumes && { keep_volumes }),
    ...(stop_timeout !== null && { stop_timeout }),
    ...(restart_from !== null && { restart_from }),
  };
}

/** A container that a former version made, or that was made and never written down: whatever is shown of it is as it was asked for. */
function trusted({ engine_id, applied_hash, spec_hash, begun }: ContainerRow): Accepted | undefined {
  const made = engine_id !== null && applied_hash === spec_hash ? engine_id : begun?.engine_id;
  return made === undefined ? undefined : { engine_id: made, fields: 'all' };
}
