import type { Connection } from '../connection.ts';
import type { ContainerRow, Millis } from '../container-row.ts';
import type { ChangeOfMind, ContainerStore } from '../store.ts';
import { changeQuery } from './change-query.ts';
import { claimQueries } from './claim-queries.ts';
import { dependencyRows } from './dependency-rows.ts';
import { dueRows } from './due-rows.ts';
import { fencedWrites } from './fenced-writes.ts';
import { followLeases } from './follow-leases.ts';
import { rowInserter } from './insert-row.ts';
import { takenNames } from './refuse-taken.ts';
import { type RawRow, readRow } from './row-codec.ts';
import { rowQueries } from './row-queries.ts';
import { ensureSubscription } from './subscription-store.ts';

/** Rows of `containers`: single statements and immediate transactions only. */
export function containerStore(connection: Connection, now: () => number): ContainerStore {
  const { db, prepared, transaction } = connection;
  const purge = db
    .prepare<{ before: number }, string>(
      'DELETE FROM containers WHERE removed_at < @before AND (claimed_by IS NULL OR claim_expires_at < @before) RETURNING id',
    )
    .pluck();
  const rename = db.prepare<
    { readonly id: string; readonly name: string; readonly spec_hash: string; readonly at: number },
    RawRow
  >(
    'UPDATE containers SET name = @name, spec_hash = @spec_hash, updated_at = @at WHERE id = @id AND removed_at IS NULL RETURNING *',
  );
  const adjust = db.prepare<
    { readonly id: string; readonly spec: string; readonly spec_hash: string; readonly at: number },
    RawRow
  >(
    'UPDATE containers SET spec = @spec, spec_hash = @spec_hash, updated_at = @at WHERE id = @id AND removed_at IS NULL RETURNING *',
  );
  const insert = rowInserter(connection, now);
  const refuseTaken = takenNames(connection);
  const changeOne = (id: string, change: ChangeOfMind, at: Millis): ContainerRow | undefined => {
    if (change.spec) refuseTaken(change.spec.name, id);
    const { sql, parameters } = changeQuery(id, change, at);
    const raw = prepared(sql).get(...parameters) as RawRow | undefined;
    return raw && readRow(raw);
  };
  return {
    ...rowQueries(connection),
    ...dueRows(connection),
    ...dependencyRows(connection),
    ...claimQueries(connection),
    ...fencedWrites(connection),
    ...followLeases(connection),
    insert: (row, subscription) =>
      transaction(() => {
        refuseTaken(row.name, row.id);
        const inserted = insert(row);
        if (subscription) ensureSubscription(connection, row.id, subscription, now());
        return inserted;
      }),
    change: (id, change, at) => transaction(() => changeOne(id, change, at)),
    changeAll: (changes, at) => transaction(() => changes.map(({ id, change }) => changeOne(id, change, at))),
    rename: (id, { name, spec_hash }, at) =>
      transaction(() => {
        refuseTaken(name, id);
        const raw = rename.get({ id, name, spec_hash, at });
        return raw && readRow(raw);
      }),
    adjust: (id, { spec, spec_hash }, at) =>
      connection.run(() => {
        const raw = adjust.get({ id, spec: JSON.stringify(spec), spec_hash, at });
        return raw && readRow(raw);
      }),
    purge: (before) => transaction(() => purge.all({ before })),
  };
}
