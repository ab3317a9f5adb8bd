import { columnsOfSlot, type Slot } from '../../plan/groups/release.ts';
import { MADE_PREFIX } from '../../plan/made.ts';
import { newId } from '../../runtime/ids.ts';
import type { Connection } from '../connection.ts';
import type { ContainerRow, Membership } from '../container-row.ts';
import { changeQuery } from './change-query.ts';
import { rowInserter } from './insert-row.ts';
import { takenNames } from './refuse-taken.ts';
import { type RawRow, readRow } from './row-codec.ts';

/** Whose member a slot’s row becomes. */
export interface Home {
  readonly group: string;
  readonly release: number;
}

/** Makes the row of a slot, within a transaction of the caller’s; one that was declared on its own, or is on its way out, becomes it. Throws name_conflict. */
export function slotPlacer(
  connection: Connection,
  now: () => number,
): (home: Home, slot: Slot, at: number) => ContainerRow {
  const { db, prepared } = connection;
  const insertRow = rowInserter(connection, now);
  const refuseTaken = takenNames(connection);
  const there = db.prepare<[string]>('SELECT 1 FROM containers WHERE id = ? AND removed_at IS NULL');
  return (home, slot, at) => {
    const id = slot.id ?? newId(MADE_PREFIX, at);
    refuseTaken(slot.name, id);
    const desired_state = slot.start ? 'running' : 'created';
    const spec = columnsOfSlot(slot);
    const member = membershipOf(home, slot);
    if (there.get(id) === undefined)
      return insertRow({
        ...{ id, desired_state, stop_timeout: null, created_at: at, declared: slot.id !== undefined },
        ...spec,
        ...member,
      });
    const { sql, parameters } = changeQuery(id, { spec, member, desired_state }, at);
    return readRow(prepared(sql).get(...parameters) as RawRow);
  };
}

export function membershipOf({ group, release }: Home, { service, replica }: Slot): Membership {
  return { group_name: group, service, replica, release };
}
