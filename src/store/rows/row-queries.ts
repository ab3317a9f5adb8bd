import type { Connection } from '../connection.ts';
import type { ContainerStore } from '../store.ts';
import { listQuery } from './list-query.ts';
import { type RawRow, readRow } from './row-codec.ts';

/** What only reads. */
export function rowQueries({
  db,
  run,
}: Connection): Pick<
  ContainerStore,
  'get' | 'find' | 'byEngineId' | 'beginningWith' | 'list' | 'declared' | 'present' | 'wantsNetwork'
> {
  const rows = <P extends unknown[]>(rest: string) =>
    db.prepare<P, RawRow>(`SELECT * FROM containers ${rest}`);
  const byId = rows<[string]>('WHERE id = ?');
  const byName = rows<[string]>('WHERE name = ? ORDER BY removed_at IS NOT NULL, removed_at DESC LIMIT 1');
  const byEngine = rows<[string]>('WHERE engine_id = ? ORDER BY removed_at IS NOT NULL LIMIT 1');
  const beginning = rows<[{ readonly from: string; readonly to: string }]>(
    'WHERE removed_at IS NULL AND ((id >= @from AND id < @to) OR (engine_id >= @from AND engine_id < @to)) LIMIT 2',
  );
  const declared = rows<[]>('WHERE declared = 1 AND removed_at IS NULL ORDER BY id');
  const present = rows<[]>('WHERE removed_at IS NULL ORDER BY id');
  const wants = db.prepare<[{ readonly network: string; readonly except: string }], { id: string }>(
    "SELECT id FROM containers WHERE removed_at IS NULL AND desired_state <> 'removed' AND (json_extract(spec, '$.network') = @network OR EXISTS (SELECT 1 FROM json_each(spec, '$.networks') AS one WHERE one.key = @network)) AND id <> @except LIMIT 1",
  );
  const one = (read: () => RawRow | undefined) => {
    const raw = run(read);
    return raw === undefined ? undefined : readRow(raw);
  };
  return {
    get: (id) => one(() => byId.get(id)),
    find: (ref) => one(() => byId.get(ref) ?? byName.get(ref)),
    byEngineId: (engineId) => one(() => byEngine.get(engineId)),
    // Ids have no character after `~`.
    beginningWith: (from) => run(() => beginning.all({ from, to: `${from}~` })).map(readRow),
    list: (query) => {
      const { sql, parameters } = listQuery(query);
      return run(() => db.prepare<unknown[], RawRow>(sql).all(...parameters)).map(readRow);
    },
    declared: () => run(() => declared.all()).map(readRow),
    present: () => run(() => present.all()).map(readRow),
    wantsNetwork: (network, except) => run(() => wants.get({ network, except }) !== undefined),
  };
}
