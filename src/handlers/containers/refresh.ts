import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { HELD_BACK } from '../../plan/held-back.ts';
import { runsOnce } from '../../plan/restart-policy.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { neededByAll } from '../../store/needed-rows.ts';
import { behind } from '../images-behind.ts';
import type { ContainerParts } from './parts.ts';
import { presentRow } from './present-row.ts';
import { refuseUnattended, settled } from './settled.ts';

/** On to what its image is now, and what it needs along with it. */
export function refresh(parts: ContainerParts): Handlers<typeof containers>['refresh'] {
  const { store, engine, clock, poke } = parts;
  return async ({ id, dependencies = true, dry_run = false, wait = false }, { signal }) => {
    if (wait && !dry_run) refuseUnattended(parts);
    const row = await presentRow(id, parts, signal);
    if (row.group_name !== null)
      throw new ContractError('wrong_state', `${row.name} is of the group ${row.group_name}`, {
        next: `Update its service: \`berth update ${row.group_name}\`, or \`groups.update\`.`,
      });
    const along = dependencies && row.desired_state === 'running' ? neededByAll([row], store) : [];
    const ours = [...along.filter(({ group_name }) => group_name === null), row];
    const names = await behind(
      ours
        .filter((one) => !hasEnded(one))
        .map(({ name, spec, image_id }) => ({ name, spec, image_ids: image_id === null ? [] : [image_id] })),
      engine,
      dry_run,
      signal,
    );
    const changed = ours.filter(({ name }) => names.includes(name));
    const started = along.filter(({ desired_state }) => desired_state !== 'running');
    const answer = { id: row.id, changed: changed.map(nameOf), started: started.map(nameOf) };
    if (dry_run) return answer;
    // All at once: each then waits for what it needs to be up again.
    const moved = store.containers.changeAll(
      [...started, ...changed.filter(({ desired_state }) => desired_state === 'running')].map((one) => ({
        id: one.id,
        change: { desired_state: 'running' } as const,
      })),
      clock.now(),
    );
    poke();
    if (wait) await Promise.all(moved.flatMap((one) => (one ? brought(one, parts, signal) : [])));
    return answer;
  };
}

function nameOf({ name }: ContainerRow): string {
  return name;
}

/** By itself: that is its result, whatever its image means by now. */
function hasEnded({ desired_state, status, spec, completed_hash, spec_hash }: ContainerRow): boolean {
  if (desired_state !== 'running') return false;
  return status === 'stopped' || (runsOnce(spec) && completed_hash === spec_hash);
}

async function brought(row: ContainerRow, parts: ContainerParts, signal: AbortSignal): Promise<void> {
  const { reason } = await settled(row, parts, signal);
  if (reason?.code === HELD_BACK) throw new ContractError('start_failed', reason.message);
}
