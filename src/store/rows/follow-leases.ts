import type { Connection } from '../connection.ts';
import type { ContainerStore } from '../store.ts';

/** Who follows a container’s log: a lease beside the claim, taken under one. */
export function followLeases({
  db,
  run,
}: Connection): Pick<ContainerStore, 'takeFollow' | 'dropFollow' | 'follows' | 'writeProbes'> {
  const take = db.prepare<Record<string, unknown>, { token: number }>(`
    UPDATE containers SET follower = @worker, follow_token = follow_token + 1, follow_expires_at = @now + @lease_ms
    WHERE id = @id AND claimed_by = @worker AND claim_token = @token AND claim_expires_at > @now
      AND (follower IS NULL OR follower = @worker OR follow_expires_at <= @now)
    RETURNING follow_token AS token`);
  const drop = db.prepare(
    'UPDATE containers SET follower = NULL, follow_expires_at = NULL WHERE id = @id AND follower = @worker AND follow_token = @token',
  );
  const held = 'id = @id AND follower = @worker AND follow_token = @token AND follow_expires_at > @now';
  const follows = db.prepare<Record<string, unknown>>(`SELECT 1 FROM containers WHERE ${held}`);
  const writeProbes = db.prepare(
    `UPDATE containers SET probe_state = @state, updated_at = @now WHERE ${held}`,
  );
  const writeAndTouch = db.prepare(`
    UPDATE containers SET probe_state = @state, updated_at = @now, due_at = min(ifnull(due_at, @now), @now), touched = touched + 1
    WHERE ${held}`);
  return {
    follows: (lease, now) => run(() => follows.get({ ...lease, now }) !== undefined),
    writeProbes: (lease, state, { touch, now }) =>
      run(() => (touch ? writeAndTouch : writeProbes).run({ ...lease, state: JSON.stringify(state), now }))
        .changes === 1,
    takeFollow: (claim, now, lease_ms) => run(() => take.get({ ...claim, now, lease_ms })),
    dropFollow: (id, worker, token) => {
      run(() => drop.run({ id, worker, token }));
    },
  };
}
