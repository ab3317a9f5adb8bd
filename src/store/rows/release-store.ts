import type { Connection } from '../connection.ts';
import type { ReleaseRow } from '../group-rows.ts';

type Raw = Omit<ReleaseRow, 'services'> & { readonly services: string };

/** So many of a group are kept beside those that are in use. */
const KEPT = 20;

/** Releases, for use within a transaction of the caller’s. */
export interface Releases {
  get(name: string, number: number): ReleaseRow | undefined;
  /** Newest first. */
  all(name: string): readonly ReleaseRow[];
  insert(release: ReleaseRow): void;
  /** The next one’s number, which it gets; old ones that nothing names are forgotten. */
  add(release: Omit<ReleaseRow, 'number'>): number;
  /** What a release was proven with. */
  amend(release: Pick<ReleaseRow, 'group_name' | 'number' | 'services'>): void;
}

export function releaseStore({ db }: Connection): Releases {
  const get = db.prepare<[string, number], Raw>('SELECT * FROM releases WHERE group_name = ? AND number = ?');
  const all = db.prepare<[string], Raw>('SELECT * FROM releases WHERE group_name = ? ORDER BY number DESC');
  const last = db
    .prepare<[string], number>('SELECT ifnull(max(number), 0) FROM releases WHERE group_name = ?')
    .pluck();
  const insert = db.prepare(
    'INSERT INTO releases (group_name, number, services, cause, created_at) VALUES (@group_name, @number, @services, @cause, @created_at)',
  );
  const amend = db.prepare(
    'UPDATE releases SET services = @services WHERE group_name = @group_name AND number = @number',
  );
  const prune = db.prepare(`
    DELETE FROM releases WHERE group_name = @name AND number <= @number - ${KEPT}
      AND number NOT IN (SELECT release FROM groups WHERE name = @name)
      AND number NOT IN (SELECT release FROM containers WHERE group_name = @name AND removed_at IS NULL AND release IS NOT NULL)
      AND number NOT IN (SELECT from_release FROM deployments WHERE group_name = @name AND ended_at IS NULL)`);
  const write = (release: ReleaseRow): void =>
    void insert.run({ ...release, services: JSON.stringify(release.services) });
  return {
    get: (name, number) => {
      const raw = get.get(name, number);
      return raw && rowOf(raw);
    },
    all: (name) => all.all(name).map(rowOf),
    insert: write,
    add: (release) => {
      const number = (last.get(release.group_name) ?? 0) + 1;
      write({ ...release, number });
      prune.run({ name: release.group_name, number });
      return number;
    },
    amend: ({ group_name, number, services }) =>
      void amend.run({ group_name, number, services: JSON.stringify(services) }),
  };
}

/** What we wrote ourselves is not checked again. */
function rowOf({ services, ...raw }: Raw): ReleaseRow {
  return { ...raw, services: JSON.parse(services) as ReleaseRow['services'] };
}
