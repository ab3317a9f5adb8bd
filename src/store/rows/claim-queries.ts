import type { Connection } from '../connection.ts';
import type { ContainerStore } from '../store.ts';
import { type RawRow, readRow } from './row-codec.ts';

const FREE_OR_MINE = `(claimed_by IS NULL OR claimed_by = @worker OR claim_expires_at <= @now)
  AND (follower IS NULL OR follower = @worker OR follow_expires_at <= @now)
  AND id NOT IN (SELECT value FROM json_each(@holding))`;

const RENEW = `
  UPDATE containers SET
    claim_expires_at = CASE WHEN claimed_by = @worker AND claim_expires_at > @now THEN @until ELSE claim_expires_at END,
    follow_expires_at = CASE WHEN follower = @worker AND follow_expires_at > @now THEN @until ELSE follow_expires_at END
  WHERE claimed_by = @worker OR follower = @worker`;

const FREE = `
  UPDATE containers SET
    claim_token = claim_token + (claimed_by IS @worker),
    claim_expires_at = CASE WHEN claimed_by IS @worker THEN NULL ELSE claim_expires_at END,
    claimed_by = CASE WHEN claimed_by IS @worker THEN NULL ELSE claimed_by END,
    follow_token = follow_token + (follower IS @worker),
    follow_expires_at = CASE WHEN follower IS @worker THEN NULL ELSE follow_expires_at END,
    follower = CASE WHEN follower IS @worker THEN NULL ELSE follower END,
    due_at = min(ifnull(due_at, @now), @now), touched = touched + 1
  WHERE claimed_by = @worker OR follower = @worker
  RETURNING id`;

/** Who works on which row: taken, renewed and given back in one statement each. */
export function claimQueries({
  db,
  run,
}: Connection): Pick<ContainerStore, 'claim' | 'nextDue' | 'renew' | 'free'> {
  const claim = db.prepare<Record<string, unknown>, RawRow>(`
    UPDATE containers SET claimed_by = @worker, claim_token = claim_token + 1, claim_expires_at = @now + @lease_ms,
      claim_generation = generation, touched = 0
    WHERE id IN (SELECT id FROM containers WHERE due_at <= @now AND ${FREE_OR_MINE} ORDER BY due_at LIMIT @limit)
    RETURNING *`);
  const nextDue = db
    .prepare<Record<string, unknown>, number | null>(
      `SELECT min(due_at) FROM containers WHERE due_at IS NOT NULL AND ${FREE_OR_MINE}`,
    )
    .pluck();
  const renew = db.prepare(RENEW);
  const free = db.prepare<Record<string, unknown>, string>(FREE).pluck();
  return {
    claim: ({ holding = [], ...by }) =>
      run(() => claim.all({ ...by, holding: JSON.stringify(holding) }))
        .map(readRow)
        .map((row) => ({ row, claim: { id: row.id, worker: by.worker, token: row.claim_token } })),
    nextDue: ({ holding = [], ...by }) =>
      run(() => nextDue.get({ ...by, holding: JSON.stringify(holding) })) ?? undefined,
    renew: (worker, now, lease_ms) => {
      run(() => renew.run({ worker, now, until: now + lease_ms }));
    },
    free: (worker, now) => run(() => free.all({ worker, now })),
  };
}
