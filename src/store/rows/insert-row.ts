import { ContractError } from '../../../contracts/contract-error.ts';
import type { Connection } from '../connection.ts';
import type { NewContainer } from '../container-row.ts';
import { type ContainerRow, NO_GROUP } from '../container-row.ts';
import { FRESH } from './fresh-columns.ts';
import { ROW_BUILDER } from './row-builder.ts';
import { type RawRow, readRow, writeColumns } from './row-codec.ts';

/**
 * Inserts within a transaction of the caller’s. A removed row of that id is replaced whole; its generation, attempts and
 * tokens go on. Throws name_conflict when a row that is not removed has the id; the name is the caller’s to check.
 */
export function rowInserter(
  { db, prepared }: Connection,
  now: () => number,
): (row: NewContainer) => ContainerRow {
  const byId = db.prepare<[string], RawRow>('SELECT * FROM containers WHERE id = ?');
  return (row) => {
    const former = byId.get(row.id);
    if (former !== undefined && former.removed_at === null)
      throw new ContractError('name_conflict', `there is a container ${row.id} already`, {
        details: { id: row.id, name: former.name },
      });
    const values = firstColumns(row, former && readRow(former), now());
    const query = ROW_BUILDER.insertInto('containers')
      .values(values)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .compile();
    prepared(query.sql).run(...query.parameters);
    const inserted = byId.get(row.id);
    if (inserted === undefined)
      throw new ContractError('internal', `row ${row.id} is not there after its insert`);
    return readRow(inserted);
  };
}

function firstColumns(
  row: NewContainer,
  former: ContainerRow | undefined,
  at: number,
): Record<string, string | number | null> {
  const whole: ContainerRow = {
    ...NO_GROUP,
    ...row,
    ...FRESH,
    restart_from: null,
    keep_volumes: false,
    completed: false,
    completed_hash: former?.completed_hash ?? null,
    generation: (former?.generation ?? 0) + 1,
    attempt: former?.attempt ?? 0,
    begun: null,
    probe_state: null,
    replacement: null,
    replacing: null,
    leaving: null,
    healing: null,
    accepted: null,
    repairs: null,
    engine_id: null,
    image_id: null,
    applied_hash: null,
    applied_generation: former?.applied_generation ?? 0,
    observed: null,
    observed_at: null,
    due_at: at,
    claimed_by: null,
    claim_token: former?.claim_token ?? 0,
    claim_expires_at: null,
    follower: null,
    // Above every token of a row of this id that was purged, or lost with its database: logs.db still knows them.
    follow_token: former?.follow_token ?? at,
    follow_expires_at: null,
    updated_at: at,
  };
  return { ...writeColumns(whole), touched: 0, claim_generation: 0 };
}
