import type { Connection } from '../connection.ts';
import type { EntryFileRow, EntryFileStore } from '../store.ts';

/** Rows of `entry_files`. */
export function entryFileStore({ db, run }: Connection): EntryFileStore {
  const all = db.prepare<[], EntryFileRow>('SELECT * FROM entry_files ORDER BY path');
  const put = db.prepare(
    'INSERT OR REPLACE INTO entry_files (path, root, content_hash, entries, read_at) VALUES (@path, @root, @content_hash, @entries, @read_at)',
  );
  const remove = db.prepare('DELETE FROM entry_files WHERE path = ?');
  return {
    all: () => run(() => all.all()),
    put: (row) => {
      run(() => put.run({ ...row }));
    },
    remove: (path) => {
      run(() => remove.run(path));
    },
  };
}
