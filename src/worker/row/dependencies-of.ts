import { isReady } from '../../plan/groups/ready.ts';
import type { Dependencies, Needed } from '../../plan/needed.ts';
import type { ContainerRow, Millis } from '../../store/container-row.ts';
import { dependentsToStop, neededRows } from '../../store/needed-rows.ts';
import type { Store } from '../../store/store.ts';

/** Whom a row needs, and who needs it, as their rows are now. */
export function dependenciesOf(
  row: ContainerRow,
  store: Pick<Store, 'containers' | 'groups'>,
  now: Millis,
): Dependencies {
  const starts = row.desired_state === 'running';
  const stops = row.desired_state === 'stopped' || row.desired_state === 'removed';
  return {
    needs: starts ? needsOfRow(row, store) : [],
    dependents: stops ? dependentsToStop(row, store).map(({ id, name }) => ({ id, name })) : [],
    ...(row.waits_since !== null && { waits_since: row.waits_since }),
    now,
  };
}

function needsOfRow(row: ContainerRow, store: Pick<Store, 'containers' | 'groups'>): readonly Needed[] {
  const { edges, unknown } = neededRows(row, store);
  return [
    ...edges.map(({ dependency, row: other }): Needed => ({ dependency, ...neededOf(other) })),
    // What is not ours to know may be there all the same: the engine is asked for it.
    ...unknown.flatMap(({ as: name, why, dependency }): readonly Needed[] =>
      why === 'depends_on' ? [{ name, dependency }] : [],
    ),
  ];
}

function neededOf(row: ContainerRow): Required<Pick<Needed, 'name' | 'row'>> {
  const { id, name, desired_state: wanted, status, health, exit_code, reason } = row;
  const once = row.completed_hash === row.spec_hash;
  const ended = status === 'stopped' && exit_code === 0 && row.completed && wanted === 'running';
  const final =
    row.next_attempt_at === null &&
    (row.completed || exit_code === null || reason?.code === 'dependency_failed');
  return {
    name,
    row: {
      ...{ id, wanted, status, health, exit_code, reason, final },
      ready: isReady(row),
      completed: once || ended,
    },
  };
}

/** Whether what the gates were decided on is still so: a change since then, but before it was written down who waits, woke nobody. */
export function isStill(before: Dependencies | undefined, after: Dependencies): boolean {
  const said = ({ needs, dependents }: Pick<Dependencies, 'needs' | 'dependents'>) =>
    JSON.stringify([needs, dependents]);
  return before === undefined || said(before) === said(after);
}
