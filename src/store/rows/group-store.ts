import { ContractError } from '../../../contracts/contract-error.ts';
import type { Connection } from '../connection.ts';
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
  const remove = db.prepare('DELETE FROM groups WHERE name = ?');
  const insertRow = rowInserter(connection, now);
  const refuseTaken = takenNames(connection);
  return {
    get: (name) => run(() => read(byName.get(name))),
    insert: (group, rows, subscription) =>
      transaction(() => {
        if (byName.get(group.name) !== undefined)
          throw new ContractError('name_conflict', `there is a group ${group.name} already`, {
            details: { group: group.name },
            next: 'Take it down first: `teardown`.',
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
    takeDown: (name, stop_timeout, at) =>
      transaction(() => {
        const group = read(byName.get(name));
        if (group === undefined) return undefined;
        remove.run(name);
        const rows = group.members.flatMap((id) => {
          const { sql, parameters } = changeQuery(id, { desired_state: 'removed', stop_timeout }, at);
          const raw = prepared(sql).get(...parameters) as RawRow | undefined;
          return raw === undefined ? [] : [readRow(raw)];
        });
        return { group, rows };
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
