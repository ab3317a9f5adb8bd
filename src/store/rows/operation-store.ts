import type { Connection } from '../connection.ts';
import type { OperationRow, OperationStore } from '../store.ts';

/** Rows of `operations`. */
export function operationStore({ db, run }: Connection): OperationStore {
  const insert = db.prepare(
    'INSERT INTO operations (id, kind, owner, reply_to, topic, acked_seq, created_at) VALUES (@id, @kind, @owner, @reply_to, @topic, 0, @created_at)',
  );
  const end = db.prepare('UPDATE operations SET ended_at = ? WHERE id = ? AND ended_at IS NULL');
  const get = db.prepare<[string], OperationRow>(`SELECT ${COLUMNS} FROM operations WHERE id = ?`);
  const ofTarget = db.prepare<[string, string], OperationRow>(
    `SELECT ${COLUMNS} FROM operations WHERE topic = ? AND reply_to = ? ORDER BY created_at, id`,
  );
  const open = db.prepare<[], OperationRow>(
    `SELECT ${COLUMNS} FROM operations WHERE ended_at IS NULL ORDER BY created_at, id`,
  );
  const ack = db.prepare('UPDATE operations SET acked_seq = max(acked_seq, ?) WHERE id = ?');
  const purge = db
    .prepare<[number], string>('DELETE FROM operations WHERE ended_at < ? RETURNING id')
    .pluck();
  return {
    insert: (row) => void run(() => insert.run(row)),
    end: (id, now) => run(() => end.run(now, id).changes === 1),
    get: (id) => run(() => get.get(id)),
    ofTarget: (replyTo, topic) => run(() => ofTarget.all(topic, replyTo)),
    open: () => run(() => open.all()),
    ack: (id, seq) => void run(() => ack.run(seq, id)),
    purge: (before) => run(() => purge.all(before)),
  };
}

const COLUMNS = 'id AS stream_id, kind, owner, reply_to, topic, acked_seq, created_at, ended_at';
