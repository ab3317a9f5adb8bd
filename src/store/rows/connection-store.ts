import type { Connection as Joined } from '../../plan/mentioned.ts';
import type { Connection } from '../connection.ts';
import type { ConnectionStore } from '../surrounding-stores.ts';

/** Rows of `connections`: of a container as it was made then; one that took its row over has none. */
export function connectionStore({ db, run }: Connection): ConnectionStore {
  const of = db
    .prepare<[string], string>(
      'SELECT joining FROM connections AS one JOIN containers ON containers.id = one.container_id AND containers.created_at = one.container_created_at WHERE one.container_id = ? ORDER BY network',
    )
    .pluck();
  const put = db.prepare(
    'INSERT OR REPLACE INTO connections (container_id, network, joining, container_created_at) SELECT id, @network, @joining, created_at FROM containers WHERE id = @id',
  );
  const remove = db.prepare('DELETE FROM connections WHERE container_id = ? AND network = ?');
  const forget = db.prepare('DELETE FROM connections WHERE network = ?');
  const wants = db.prepare<[string, string], unknown>(
    "SELECT 1 FROM connections AS one JOIN containers ON containers.id = one.container_id AND containers.created_at = one.container_created_at WHERE one.network = ? AND containers.removed_at IS NULL AND containers.desired_state <> 'removed' AND containers.id <> ? LIMIT 1",
  );
  return {
    of: (id) => run(() => of.all(id)).map((text) => JSON.parse(text) as Joined),
    put: (id, joined) =>
      void run(() => put.run({ id, network: joined.network, joining: JSON.stringify(joined) })),
    remove: (id, network) => void run(() => remove.run(id, network)),
    forget: (network) => void run(() => forget.run(network)),
    wants: (network, except) => run(() => wants.get(network, except) !== undefined),
  };
}
