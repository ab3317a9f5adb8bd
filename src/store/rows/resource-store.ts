import type { ResourceKind, SettingsOf } from '../../plan/resource.ts';
import type { Connection } from '../connection.ts';
import type { ResourceRow, ResourceStore } from '../surrounding-stores.ts';

type Stored = Omit<ResourceRow, 'settings' | 'reason' | 'wanted'> & {
  readonly settings: string;
  readonly reason: string | null;
  readonly wanted: 0 | 1;
};

/** Rows of `resources`. */
export function resourceStore({ db, run }: Connection): ResourceStore {
  const all = db.prepare<[], Stored>('SELECT * FROM resources ORDER BY kind, name, id');
  const declared = db.prepare<[], Stored>(
    'SELECT * FROM resources WHERE entry_source IS NOT NULL ORDER BY kind, name, id',
  );
  const get = db.prepare<[string], Stored>('SELECT * FROM resources WHERE id = ?');
  const wanted = db.prepare<[string, string], Stored>(
    'SELECT * FROM resources WHERE kind = ? AND name = ? AND wanted = 1 ORDER BY entry_source IS NULL, id LIMIT 1',
  );
  const put = db.prepare(`
    INSERT INTO resources (id, kind, name, settings, entry_source, wanted, status, reason, updated_at)
    VALUES (@id, @kind, @name, @settings, @entry_source, 1, 'pending', NULL, @now)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, settings = excluded.settings,
      entry_source = excluded.entry_source, wanted = 1, status = 'pending', reason = NULL, updated_at = excluded.updated_at
    WHERE resources.wanted = 0 OR resources.kind <> excluded.kind OR resources.name <> excluded.name
      OR resources.settings <> excluded.settings OR resources.entry_source IS NOT excluded.entry_source`);
  const release = db.prepare(
    "UPDATE resources SET wanted = 0, status = 'pending', reason = NULL, updated_at = ? WHERE id = ? AND wanted = 1",
  );
  const report = db.prepare(
    'UPDATE resources SET status = ?, reason = ? WHERE id = ? AND updated_at = ? AND wanted = ? AND settings = ?',
  );
  const remove = db.prepare('DELETE FROM resources WHERE id = ?');
  return {
    all: () => run(() => all.all().map(rowOf)),
    declared: () => run(() => declared.all().map(rowOf)),
    get: (id) => run(() => optional(get.get(id))),
    wanted: (kind, name) => run(() => optional(wanted.get(kind, name))),
    settings: <K extends ResourceKind>(kind: K, name: string) => {
      const row = run(() => wanted.get(kind, name));
      return row && (JSON.parse(row.settings) as SettingsOf[K]);
    },
    put: ({ settings, ...row }, now) =>
      void run(() => put.run({ ...row, settings: JSON.stringify(settings), now })),
    release: (id, now) => void run(() => release.run(now, id)),
    report: ({ id, updated_at, wanted: isWanted, settings }, { status, reason }) =>
      run(
        () =>
          report.run(
            ...[status, reason === null ? null : JSON.stringify(reason), id, updated_at],
            ...[isWanted ? 1 : 0, JSON.stringify(settings)],
          ).changes === 1,
      ),
    remove: (id) => void run(() => remove.run(id)),
  };
}

function optional(stored: Stored | undefined): ResourceRow | undefined {
  return stored && rowOf(stored);
}

/** What we wrote ourselves is not checked again. */
function rowOf({ settings, reason, wanted, ...stored }: Stored): ResourceRow {
  return {
    ...stored,
    settings: JSON.parse(settings) as ResourceRow['settings'],
    reason: reason === null ? null : (JSON.parse(reason) as ResourceRow['reason']),
    wanted: wanted === 1,
  };
}
