import { ContractError } from '../../../contracts/contract-error.ts';
import { type Services, slotsOf } from '../../plan/groups/release.ts';
import type { Connection } from '../connection.ts';
import type { GroupRow, GroupStore } from '../group-rows.ts';
import { isUnderWay, removalOf } from '../removal.ts';
import { changeQuery } from './change-query.ts';
import { deploymentStore } from './deployment-store.ts';
import { rowInserter } from './insert-row.ts';
import { slotPlacer } from './place-slot.ts';
import { takenNames } from './refuse-taken.ts';
import { releaseStore } from './release-store.ts';
import { type RawRow, readRow } from './row-codec.ts';
import { ensureSubscription } from './subscription-store.ts';

/** A group as SQLite holds it. */
export type RawGroup = Omit<
  GroupRow,
  'auto_network' | 'declared' | 'labels' | 'update_config' | 'entry_hashes'
> & {
  readonly auto_network: number;
  readonly declared: number;
  readonly labels: string;
  readonly update_config: string | null;
  readonly entry_hashes: string;
};

/** Groups and the rows of their members: whatever is written is written whole. */
export function groupStore(connection: Connection, now: () => number): GroupStore {
  const { db, prepared, run, transaction } = connection;
  const byName = db.prepare<[string], RawGroup>('SELECT * FROM groups WHERE name = ?');
  const all = db.prepare<[], RawGroup>('SELECT * FROM groups ORDER BY name');
  const insert = db.prepare(`
    INSERT INTO groups (name, network, auto_network, declared, labels, update_config, entry_hashes, desired_state, release, created_at)
    VALUES (@name, @network, @auto_network, @declared, @labels, @update_config, @entry_hashes, 'running', 1, @created_at)`);
  const update = db.prepare(`
    UPDATE groups SET labels = @labels, update_config = @update_config, entry_hashes = @entry_hashes,
      desired_state = @desired_state WHERE name = @name`);
  const members = db.prepare<[string], RawRow>(
    'SELECT * FROM containers WHERE group_name = ? AND removed_at IS NULL ORDER BY service, replica',
  );
  const endedNames = db
    .prepare<{ readonly name: string | null }, string>(
      `SELECT name FROM groups WHERE (name = @name OR (@name IS NULL AND declared = 0)) AND desired_state = 'removed' AND NOT EXISTS (
        SELECT 1 FROM containers WHERE group_name = groups.name AND removed_at IS NULL)`,
    )
    .pluck();
  const forget = [
    'DELETE FROM deployments WHERE group_name = ?',
    'DELETE FROM releases WHERE group_name = ?',
    'DELETE FROM groups WHERE name = ?',
  ].map((text) => db.prepare<[string]>(text));
  const endAll = db.prepare(
    "UPDATE deployments SET state = 'superseded', ended_at = @at, due_at = NULL WHERE group_name = @name AND ended_at IS NULL",
  );
  const forgetEnded = (name: string | null): void => {
    for (const ended of endedNames.all({ name })) for (const one of forget) one.run(ended);
  };
  const place = slotPlacer(connection, now);
  const releases = releaseStore(connection);
  const insertRow = rowInserter(connection, now);
  const refuseTaken = takenNames(connection);
  const begin = (
    group: Omit<GroupRow, 'release' | 'desired_state'>,
    services: Services,
    cause: string,
  ): void => {
    forgetEnded(null);
    if (byName.get(group.name) !== undefined)
      throw new ContractError('name_conflict', `there is a group ${group.name} already`, {
        details: { group: group.name },
        next: 'Take it down first: `teardown` with `wait`.',
      });
    insert.run({ ...group, ...written(group) });
    releases.insert({ group_name: group.name, number: 1, services, cause, created_at: group.created_at });
  };
  const get = (name: string): GroupRow | undefined => readGroup(byName.get(name));
  return {
    get: (name) => run(() => get(name)),
    all: () => run(() => all.all().map(groupOf)),
    members: (name) => run(() => members.all(name).map(readRow)),
    insert: (group, { services, cause }, subscription) =>
      transaction(() => {
        begin(group, services, cause);
        return slotsOf(services).map((slot) => {
          const row = place({ group: group.name, release: 1 }, slot, group.created_at);
          if (subscription) ensureSubscription(connection, row.id, subscription, now());
          return row;
        });
      }),
    adopt: (group, { services, cause }, rows) =>
      transaction(() => {
        begin(group, services, cause);
        for (const row of rows) {
          refuseTaken(row.name, row.id);
          insertRow(row);
        }
      }),
    set: (name, patch) =>
      transaction(() => {
        const group = get(name);
        if (group === undefined) return;
        const next = { ...group, ...patch };
        const { labels, update_config, entry_hashes } = written(next);
        update.run({ name, labels, update_config, entry_hashes, desired_state: next.desired_state });
      }),
    takeDown: (name, how, at) =>
      transaction(() => {
        const group = get(name);
        if (group === undefined) return undefined;
        endAll.run({ name, at });
        const { labels, update_config, entry_hashes } = written(group);
        update.run({ name, labels, update_config, entry_hashes, desired_state: 'removed' });
        const rows = members.all(name).flatMap((raw) => {
          const before = readRow(raw);
          // Asked for again it goes on as it does, unless it may take another time or resisted: then it is tried anew.
          const removal = removalOf(before, how);
          if (before.failures === 0 && isUnderWay(before, removal)) return [before];
          const { sql, parameters } = changeQuery(before.id, removal, at);
          const changed = prepared(sql).get(...parameters) as RawRow | undefined;
          return changed === undefined ? [] : [readRow(changed)];
        });
        return { group, rows };
      }),
    forgetEnded: (name) => transaction(() => forgetEnded(name)),
    release: (name, number) => run(() => releases.get(name, number)),
    releases: (name) => run(() => releases.all(name)),
    ...deploymentStore(connection, now, { group: get, releases }),
  };
}

function readGroup(raw: RawGroup | undefined): GroupRow | undefined {
  return raw && groupOf(raw);
}

/** What we wrote ourselves is not checked again. */
function groupOf(raw: RawGroup): GroupRow {
  return {
    ...raw,
    auto_network: raw.auto_network === 1,
    declared: raw.declared === 1,
    labels: JSON.parse(raw.labels) as GroupRow['labels'],
    update_config:
      raw.update_config === null ? null : (JSON.parse(raw.update_config) as GroupRow['update_config']),
    entry_hashes: JSON.parse(raw.entry_hashes) as GroupRow['entry_hashes'],
  };
}

function written(
  group: Omit<GroupRow, 'release' | 'desired_state'>,
): Pick<RawGroup, 'auto_network' | 'declared' | 'labels' | 'update_config' | 'entry_hashes'> {
  return {
    auto_network: group.auto_network ? 1 : 0,
    declared: group.declared ? 1 : 0,
    labels: JSON.stringify(group.labels),
    update_config: group.update_config === null ? null : JSON.stringify(group.update_config),
    entry_hashes: JSON.stringify(group.entry_hashes),
  };
}
