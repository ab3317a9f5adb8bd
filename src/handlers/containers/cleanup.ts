import type { containers } from '../../../contracts/containers.ts';
import type { Handlers, ParsedInputOf } from '../../../contracts/contract.ts';
import type { Failure } from '../../../contracts/listing.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { failureOf } from '../failure-of.ts';
import type { ContainerParts } from './parts.ts';
import { refuseUnattended } from './settled.ts';
import { untilGone } from './until-gone.ts';

type Input = ParsedInputOf<(typeof containers)['methods']['cleanup']>;

/** Made containers of ours that have ended: wanted gone, and waited for. */
export function cleanup(parts: ContainerParts): Handlers<typeof containers>['cleanup'] {
  const { store, clock, poke } = parts;
  return async (input, { signal }) => {
    const now = clock.now();
    const rows = store.containers.present().filter((row) => isToGo(row, input, now));
    const named = rows.map(({ id, name }) => ({ id, name }));
    if (input.dry_run) return { removed: named, failed: [] };
    refuseUnattended(parts);
    const { keep_volumes = false } = input;
    for (const { id } of rows) store.containers.change(id, { desired_state: 'removed', keep_volumes }, now);
    poke();
    const failed: Failure[] = [];
    const failedIds = new Set<string>();
    await Promise.all(
      named.map(async ({ id, name }) => {
        try {
          await untilGone(id, parts, signal);
        } catch (error) {
          failed.push(failureOf(name, error));
          failedIds.add(id);
        }
      }),
    );
    return { removed: named.filter(({ id }) => !failedIds.has(id)), failed };
  };
}

/** Whether it rests, no start is due, and it is of a kind that is asked for. */
function isToGo(row: ContainerRow, input: Input, now: number): boolean {
  const { stopped = true, dead = true, include_initial = false, older_than = 0, exclude = [] } = input;
  if (
    row.declared ||
    row.desired_state === 'removed' ||
    exclude.includes(row.id) ||
    exclude.includes(row.name)
  )
    return false;
  if ((row.status !== 'stopped' && row.status !== 'failed') || row.next_attempt_at !== null) return false;
  const { state, finished_at } = row.observed ?? {};
  const since = finished_at === undefined ? row.created_at : Date.parse(finished_at);
  if (now - since < older_than * 1000) return false;
  if (state === 'dead') return dead;
  return state === 'exited' ? stopped : include_initial;
}
