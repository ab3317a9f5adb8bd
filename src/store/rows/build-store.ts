import type { BuildRow, BuildStore } from '../build-rows.ts';
import type { Connection } from '../connection.ts';

type Stored = Omit<BuildRow, 'names' | 'request' | 'error' | 'stopping'> & {
  readonly names: string;
  readonly request: string;
  readonly error: string | null;
  readonly stopping: 0 | 1;
};

const OPEN = "(status = 'pending' OR (worker IS NOT NULL AND expires_at <= @now))";

/** Rows of `builds`. */
export function buildStore({ db, run }: Connection): BuildStore {
  const insert = db.prepare(`
    INSERT INTO builds (id, names, request, status, attempt, stopping, token, created_at)
    VALUES (@id, @names, @request, 'pending', 0, 0, 0, @created_at)`);
  const get = db.prepare<[string], Stored>('SELECT * FROM builds WHERE id = ?');
  const claim = db.prepare<object, Stored>(`
    UPDATE builds SET worker = @worker, expires_at = @until, token = token + 1,
      attempt = CASE WHEN ended_at IS NULL THEN attempt + 1 ELSE attempt END,
      status = CASE status WHEN 'pending' THEN 'building' ELSE status END, started_at = coalesce(started_at, @now)
    WHERE id IN (SELECT id FROM builds WHERE ${OPEN} ORDER BY created_at, id LIMIT @limit) RETURNING *`);
  const renew = db.prepare(
    'UPDATE builds SET expires_at = @until WHERE id = @id AND token = @token AND worker IS NOT NULL AND expires_at > @now',
  );
  const finish = db.prepare(`
    UPDATE builds SET status = @status, image_id = @image_id, error = @error, ended_at = @now
    WHERE id = @id AND token = @token AND worker IS NOT NULL AND ended_at IS NULL`);
  const release = db.prepare(
    'UPDATE builds SET worker = NULL, expires_at = NULL WHERE id = ? AND token = ? AND ended_at IS NOT NULL',
  );
  const giveBack = db.prepare(`
    UPDATE builds SET worker = NULL, expires_at = NULL, attempt = attempt - 1, status = 'pending'
    WHERE id = ? AND token = ? AND ended_at IS NULL AND worker IS NOT NULL`);
  const free = db.prepare('UPDATE builds SET expires_at = 0 WHERE worker = ?');
  const stop = db.prepare('UPDATE builds SET stopping = 1 WHERE id = ? AND ended_at IS NULL');
  const stopping = db
    .prepare<[string], string>('SELECT id FROM builds WHERE worker = ? AND stopping = 1 AND ended_at IS NULL')
    .pluck();
  const purge = db
    .prepare<[number], string>('DELETE FROM builds WHERE ended_at < ? AND worker IS NULL RETURNING id')
    .pluck();
  const ids = db.prepare<[], string>('SELECT id FROM builds WHERE ended_at IS NULL').pluck();
  return {
    insert: ({ id, names, request, created_at }) =>
      void run(() =>
        insert.run({ id, created_at, names: JSON.stringify(names), request: JSON.stringify(request) }),
      ),
    get: (id) => {
      const found = run(() => get.get(id));
      return found && rowOf(found);
    },
    claim: ({ worker, limit, now, lease_ms }) =>
      run(() => claim.all({ worker, limit, now, until: now + lease_ms }).map(rowOf)),
    renew: ({ id, token }, now, leaseMs) =>
      run(() => renew.run({ id, token, now, until: now + leaseMs }).changes === 1),
    finish: ({ id, token }, outcome, now) =>
      run(
        () =>
          finish.run({
            id,
            token,
            now,
            status: outcome.error === undefined ? 'succeeded' : 'failed',
            image_id: outcome.image_id ?? null,
            error: outcome.error === undefined ? null : JSON.stringify(outcome.error),
          }).changes === 1,
      ),
    release: ({ id, token }) => void run(() => release.run(id, token)),
    giveBack: ({ id, token }) => void run(() => giveBack.run(id, token)),
    free: (worker) => void run(() => free.run(worker)),
    stop: (id) => run(() => stop.run(id).changes === 1),
    stopping: (worker) => run(() => stopping.all(worker)),
    open: () => run(() => ids.all()),
    purge: (before) => run(() => purge.all(before)),
  };
}

/** What we wrote ourselves is not checked again. */
function rowOf({ names, request, error, stopping, ...stored }: Stored): BuildRow {
  return {
    ...stored,
    names: JSON.parse(names) as BuildRow['names'],
    request: JSON.parse(request) as BuildRow['request'],
    error: error === null ? null : (JSON.parse(error) as BuildRow['error']),
    stopping: stopping === 1,
  };
}
