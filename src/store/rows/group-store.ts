import { ContractError } from '../../../contracts/contract-error.ts';
import type { Connection } from '../connection.ts';
import { isUnderWay, removalOf } from '../removal.ts';
import type { GroupRow, GroupStore } from '../store.ts';
import { changeQuery } from './change-query.ts';
import { rowInserter } from './insert-row.ts';
import { takenNames } from './refuse-taken.ts';
import { type RawRow, readRow } from './row-codec.ts';
import { ensureSubscription } from './subscription-store.ts';

interface RawGroup {
  readonly name: string;
  readonly network: string;
  readonly auto_network: number;
  readonly members: string;
  readonly created_at: number;
}

/** Groups and the rows of their members: whatever is written is written whole. */
export function groupStore(connection: Connection, now: () => number): GroupStore {
  const { db, prepared, run, transaction } = connection;
  const byName = db.prepare<[string], RawGroup>('SELECT * FROM groups WHERE name = ?');
  const insert = db.prepare(
    'INSERT INTO groups (name, network, auto_network, members, created_at) VALUES (@name, @network, @auto_network, @members, @created_at)',
  );
  const present = db.prepare<[string], RawRow>(
    'SELECT * FROM containers WHERE id = ? AND removed_at IS NULL',
  );
  const forget = db.prepare<{ readonly name: string | null }>(
    `DELETE FROM groups WHERE (@name IS NULL OR name = @name) AND NOT EXISTS (
      SELECT 1 FROM json_each(members) AS member JOIN containers ON containers.id = member.value
      WHERE containers.removed_at IS NULL)`,
  );
  const insertRow = rowInserter(connection, now);
  const refuseTaken = takenNames(connection);
  return {
    get: (name) => run(() => read(byName.get(name))),
    insert: (group, rows, subscription) =>
      transaction(() => {
        forget.run({ name: null });
        if (byName.get(group.name) !== undefined)
          throw new ContractError('name_conflict', `there is a group ${group.name} already`, {
            details: { group: group.name },
            next: 'Take it down first: `teardown` with `wait`.',
          });
        const inserted = rows.map((row) => {
          refuseTaken(row.name, row.id);
          const one = insertRow(row);
          if (subscription) ensureSubscription(connection, row.id, subscription, now());
          return one;
        });
        insert.run({
          ...group,
          auto_network: group.auto_network ? 1 : 0,
          members: JSON.stringify(rows.map(({ id }) => id)),
        });
        return inserted;
      }),
    takeDown: (name, how, at) =>
      transaction(() => {
        const group = read(byName.get(name));
        if (group === undefined) return undefined;
        const rows = group.members.flatMap((id) => {
          const raw = present.get(id);
          if (raw === undefined) return [];
          const before = readRow(raw);
          // Asked for again it goes on as it does, unless it may take another time or resisted: then it is tried anew.
          const removal = removalOf(before, how);
          if (before.failures === 0 && isUnderWay(before, removal)) return [before];
          const { sql, parameters } = changeQuery(id, removal, at);
          const changed = prepared(sql).get(...parameters) as RawRow | undefined;
          return changed === undefined ? [] : [readRow(changed)];
        });
        return { group, rows };
      }),
    forgetEnded: (name) =>
      transaction(() => {
        forget.run({ name });
      }),
  };
}

function read(raw: RawGroup | undefined): GroupRow | undefined {
  if (raw === undefined) return undefined;
  const members: unknown = JSON.parse(raw.members);
  return {
    ...raw,
    auto_network: raw.auto_network === 1,
    members: Array.isArray(members) ? members.map(String) : [],
  };
}
