import type { Connection } from '../connection.ts';
import type { ContainerStore } from '../store.ts';
import { type RawRow, readRow } from './row-codec.ts';

/** Rows by what they need of each other. */
export function dependencyRows({
  db,
  run,
}: Connection): Pick<ContainerStore, 'near' | 'needing' | 'awaited'> {
  const near = db.prepare<{ readonly names: string; readonly group: string | null }, RawRow>(`
    SELECT * FROM containers WHERE removed_at IS NULL AND (
      group_name = @group OR id IN (SELECT value FROM json_each(@names)) OR name IN (SELECT value FROM json_each(@names))
      OR group_name IN (SELECT value FROM json_each(@names))
      OR (replica IS NOT NULL AND EXISTS (
        SELECT 1 FROM json_each(@names) WHERE value || '-' || containers.replica IN (containers.id, containers.name))))
    ORDER BY created_at, id`);
  const needing = db.prepare<{ readonly states: string }, RawRow>(`
    SELECT * FROM containers WHERE needs = 1 AND removed_at IS NULL
      AND desired_state IN (SELECT value FROM json_each(@states)) ORDER BY id`);
  const awaited = db
    .prepare<[string], number>(
      'SELECT EXISTS (SELECT 1 FROM containers WHERE waits_for IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(waits_for) WHERE value = ?))',
    )
    .pluck();
  return {
    near: (names, group) => run(() => near.all({ names: JSON.stringify(names), group })).map(readRow),
    needing: (states) => run(() => needing.all({ states: JSON.stringify(states) })).map(readRow),
    awaited: (id) => run(() => awaited.get(id)) === 1,
  };
}
