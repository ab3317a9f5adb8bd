import { ContractError } from '../../../contracts/contract-error.ts';
import type { Status } from '../../../contracts/events.ts';
import { allowedFrom } from '../../plan/transitions.ts';
import type { Connection } from '../connection.ts';
import type { Claim, Millis, ProgressPatch } from '../container-row.ts';
import type { ContainerStore } from '../store.ts';
import { FRESH } from './fresh-columns.ts';
import { type RawRow, readRow, writeColumns } from './row-codec.ts';

type ClaimQueries = Pick<
  ContainerStore,
  | 'touch'
  | 'claim'
  | 'nextDue'
  | 'renew'
  | 'write'
  | 'release'
  | 'holds'
  | 'free'
  | 'takeFollow'
  | 'dropFollow'
>;

const FREE_OR_MINE = `(claimed_by IS NULL OR claimed_by = @worker OR claim_expires_at <= @now)
  AND (follower IS NULL OR follower = @worker OR follow_expires_at <= @now)
  AND id NOT IN (SELECT value FROM json_each(@holding))`;

/** Claims, leases and every write under them. The token is compared in each statement, so that a lost hold writes nothing. */
export function claimQueries({ db, prepared, run }: Connection): ClaimQueries {
  const touch = db.prepare(
    'UPDATE containers SET due_at = min(ifnull(due_at, @now), @now), touched = touched + 1 WHERE removed_at IS NULL AND id IN (SELECT value FROM json_each(@ids))',
  );
  const claim = db.prepare<Record<string, unknown>, RawRow>(`
    UPDATE containers SET claimed_by = @worker, claim_token = claim_token + 1, claim_expires_at = @now + @lease_ms, claim_generation = generation, touched = 0
    WHERE id IN (SELECT id FROM containers WHERE due_at <= @now AND ${FREE_OR_MINE} ORDER BY due_at LIMIT @limit)
    RETURNING *`);
  const nextDue = db.prepare<Record<string, unknown>, { at: number | null }>(
    `SELECT min(due_at) AS at FROM containers WHERE due_at IS NOT NULL AND ${FREE_OR_MINE}`,
  );
  const renew = db.prepare(`
    UPDATE containers SET
      claim_expires_at = CASE WHEN claimed_by = @worker THEN @until ELSE claim_expires_at END,
      follow_expires_at = CASE WHEN follower = @worker THEN @until ELSE follow_expires_at END
    WHERE (claimed_by = @worker AND claim_expires_at > @now) OR (follower = @worker AND follow_expires_at > @now)`);
  const holds = db.prepare<Record<string, unknown>, { held: number }>(
    'SELECT 1 AS held FROM containers WHERE id = @id AND claimed_by = @worker AND claim_token = @token AND claim_expires_at > @now',
  );
  const free = db.prepare<Record<string, unknown>, { id: string }>(`
    UPDATE containers SET
      claim_token = claim_token + (claimed_by IS @worker),
      claim_expires_at = CASE WHEN claimed_by IS @worker THEN NULL ELSE claim_expires_at END,
      claimed_by = CASE WHEN claimed_by IS @worker THEN NULL ELSE claimed_by END,
      follow_token = follow_token + (follower IS @worker),
      follow_expires_at = CASE WHEN follower IS @worker THEN NULL ELSE follow_expires_at END,
      follower = CASE WHEN follower IS @worker THEN NULL ELSE follower END,
      due_at = min(ifnull(due_at, @now), @now), touched = touched + 1
    WHERE claimed_by = @worker OR follower = @worker
    RETURNING id`);
  const takeFollow = db.prepare<Record<string, unknown>, { token: number }>(`
    UPDATE containers SET follower = @worker, follow_token = follow_token + 1, follow_expires_at = @now + @lease_ms
    WHERE id = @id AND claimed_by = @worker AND claim_token = @token AND claim_expires_at > @now AND (follower IS NULL OR follower = @worker OR follow_expires_at <= @now)
    RETURNING follow_token AS token`);
  const dropFollow = db.prepare(
    'UPDATE containers SET follower = NULL, follow_expires_at = NULL WHERE id = @id AND follower = @worker AND follow_token = @token',
  );

  const byId = db.prepare<[string], RawRow>('SELECT * FROM containers WHERE id = ?');

  const holdsNow = (held: Claim, now: Millis): boolean => holds.get({ ...held, now }) !== undefined;

  const fenced = (
    held: Claim,
    patch: ProgressPatch,
    now: Millis,
    letGo?: { readonly due_at: Millis | null },
  ): boolean =>
    run(() => {
      const columns = writeColumns(patch);
      const statement = prepared(writeText(Object.keys(columns), patch.status, letGo !== undefined));
      const { changes } = statement.run({ ...columns, ...held, now, due_at: letGo?.due_at ?? null });
      if (changes === 0 && patch.status !== undefined && holdsNow(held, now))
        refuseMove(held.id, patch.status);
      return changes === 1;
    });

  const refuseMove = (id: string, to: Status): never => {
    const row = byId.get(id);
    throw new ContractError('internal', `${id} may not move from ${row?.status ?? 'nothing'} to ${to}`);
  };

  return {
    touch: (ids, now) => run(() => touch.run({ ids: JSON.stringify(ids), now }).changes),
    claim: ({ worker, limit, now, lease_ms, holding = [] }) =>
      run(() =>
        claim.all({ worker, limit, now, lease_ms, holding: JSON.stringify(holding) }).map((raw) => {
          const row = readRow(raw);
          return { row, claim: { id: row.id, worker, token: row.claim_token } };
        }),
      ),
    nextDue: ({ worker, now, holding = [] }) =>
      run(() => nextDue.get({ worker, now, holding: JSON.stringify(holding) })?.at ?? undefined),
    renew: (worker, now, lease_ms) => {
      run(() => renew.run({ worker, now, until: now + lease_ms }));
    },
    write: (held, patch, now) => fenced(held, patch, now),
    release: (held, patch, due_at, now) => fenced(held, patch, now, { due_at }),
    holds: (held, now) => run(() => holdsNow(held, now)),
    free: (worker, now) => run(() => free.all({ worker, now }).map(({ id }) => id)),
    takeFollow: (held, now, lease_ms) => run(() => takeFollow.get({ ...held, now, lease_ms })),
    dropFollow: (id, worker, token) => {
      run(() => dropFollow.run({ id, worker, token }));
    },
  };
}

/** The UPDATE of a write under a claim, and of the release when `letsGo`. */
function writeText(columns: readonly string[], status: Status | undefined, letsGo: boolean): string {
  const sets = columns.map((column) =>
    Object.hasOwn(FRESH, column)
      ? `${column} = CASE WHEN generation = claim_generation THEN @${column} ELSE ${column} END`
      : `${column} = @${column}`,
  );
  // A touch or a change of mind during the claim leaves the row due.
  if (letsGo)
    sets.push(
      'claimed_by = NULL',
      'claim_expires_at = NULL',
      'due_at = CASE WHEN touched > 0 THEN min(ifnull(due_at, @now), @now) ELSE @due_at END',
    );
  const move =
    status === undefined
      ? ''
      : `AND (generation <> claim_generation OR status IN (${allowedFrom(status)
          .map((from) => `'${from}'`)
          .join(', ')}))`;
  return `UPDATE containers SET ${[...sets, 'updated_at = @now'].join(', ')}
    WHERE id = @id AND claimed_by = @worker AND claim_token = @token AND claim_expires_at > @now ${move}`;
}
