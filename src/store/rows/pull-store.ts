import type { Connection } from '../connection.ts';
import type { PullStore } from '../store.ts';

/** Rows of `pulls`: a lease an image. */
export function pullStore({ db, run }: Connection): PullStore {
  const acquire = db.prepare(`
    INSERT INTO pulls (image, worker, expires_at) VALUES (@image, @worker, @until)
    ON CONFLICT (image) DO UPDATE SET worker = excluded.worker, expires_at = excluded.expires_at WHERE pulls.worker = excluded.worker OR pulls.expires_at <= @now`);
  const release = db.prepare('DELETE FROM pulls WHERE image = ? AND worker = ?');
  const renew = db.prepare('UPDATE pulls SET expires_at = ? WHERE worker = ?');
  const free = db.prepare('DELETE FROM pulls WHERE worker = ?');
  return {
    acquire: (image, worker, now, leaseMs) =>
      run(() => acquire.run({ image, worker, now, until: now + leaseMs }).changes === 1),
    release: (image, worker) => {
      run(() => release.run(image, worker));
    },
    renew: (worker, now, leaseMs) => {
      run(() => renew.run(now + leaseMs, worker));
    },
    free: (worker) => {
      run(() => free.run(worker));
    },
  };
}
