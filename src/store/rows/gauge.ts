import type { Connection } from '../connection.ts';
import type { Gauge } from '../surrounding-stores.ts';

interface Queue {
  readonly due: number;
  readonly oldest: number | null;
  readonly claimed: number;
  readonly retrying: number;
  readonly failed: number;
  readonly total: number;
  readonly stale: number;
}

/** How much there is of what, in one reading. */
export function gauge({ db, snapshot }: Connection): (now: number, stale_before: number) => Gauge {
  const queue = db.prepare<[{ now: number; before: number }], Queue>(`
    SELECT count(*) AS total,
      count(*) FILTER (WHERE due_at <= @now AND claimed_by IS NULL) AS due,
      min(due_at) FILTER (WHERE due_at <= @now AND claimed_by IS NULL) AS oldest,
      count(*) FILTER (WHERE claimed_by IS NOT NULL AND claim_expires_at > @now) AS claimed,
      count(*) FILTER (WHERE next_attempt_at > @now) AS retrying,
      count(*) FILTER (WHERE status = 'failed') AS failed,
      count(*) FILTER (WHERE engine_id IS NOT NULL AND coalesce(observed_at, 0) < @before) AS stale
    FROM containers WHERE removed_at IS NULL`);
  const operations = db.prepare<[], number>('SELECT count(*) FROM operations WHERE ended_at IS NULL').pluck();
  const resources = db.prepare<[], { pending: number; failed: number }>(`
    SELECT count(*) FILTER (WHERE status = 'pending') AS pending, count(*) FILTER (WHERE status = 'failed') AS failed
    FROM resources WHERE entry_source IS NOT NULL`);
  return (now, before) =>
    snapshot(() => {
      const { oldest, stale, ...counts } = queue.get({ now, before }) ?? NOTHING;
      return {
        queue: { ...counts, oldest_due_ms: oldest === null ? 0 : now - oldest },
        stale,
        operations: operations.get() ?? 0,
        resources: resources.get() ?? { pending: 0, failed: 0 },
      };
    });
}

const NOTHING: Queue = { due: 0, oldest: null, claimed: 0, retrying: 0, failed: 0, total: 0, stale: 0 };
