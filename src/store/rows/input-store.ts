import type { Connection } from '../connection.ts';
import type { InputRow, InputStore } from '../store.ts';

/** Rows of `input_operations`. */
export function inputStore({ db, run, transaction }: Connection): InputStore {
  const get = db.prepare<[string], InputRow & { readonly digest: string }>(
    'SELECT container_id, digest, state, created_at FROM input_operations WHERE id = ?',
  );
  const insert = db.prepare(
    "INSERT INTO input_operations (id, container_id, digest, state, created_at) VALUES (?, ?, ?, 'dispatched', ?)",
  );
  const deliver = db.prepare("UPDATE input_operations SET state = 'delivered' WHERE id = ?");
  const forget = db.prepare('DELETE FROM input_operations WHERE created_at < ?');
  return {
    dispatch: ({ id, container_id, digest }, now, keep_ms) =>
      transaction(() => {
        forget.run(now - keep_ms);
        const known = get.get(id);
        if (known === undefined) {
          insert.run(id, container_id, digest, now);
          return 'new';
        }
        if (known.container_id !== container_id || known.digest !== digest) return 'other';
        return known.state === 'delivered' ? 'delivered' : 'dispatched';
      }),
    get: (id) => run(() => get.get(id)),
    deliver: (id) => void run(() => deliver.run(id)),
  };
}
