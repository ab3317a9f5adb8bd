import { DEFAULT_IMAGE } from '../../plan/mentioned.ts';
import type { Connection } from '../connection.ts';
import type { ContainerStore } from '../store.ts';

/** Rows that somebody shall look at, and rows that were looked at. */
export function dueRows({ db, run }: Connection): Pick<ContainerStore, 'touch' | 'touchWaiting' | 'seen'> {
  const touch = db.prepare(
    'UPDATE containers SET due_at = min(ifnull(due_at, @now), @now), touched = touched + 1 WHERE removed_at IS NULL AND id IN (SELECT value FROM json_each(@ids))',
  );
  const touchWaiting = db.prepare(
    "UPDATE containers SET due_at = @now, touched = touched + 1 WHERE status = 'waiting' AND removed_at IS NULL AND ifnull(json_extract(spec, '$.image'), @default_image) = @image",
  );
  const seen = db.prepare(
    'UPDATE containers SET observed_at = @now WHERE removed_at IS NULL AND id IN (SELECT value FROM json_each(@ids))',
  );
  return {
    touch: (ids, now) =>
      ids.length === 0 ? 0 : run(() => touch.run({ ids: JSON.stringify(ids), now }).changes),
    touchWaiting: (image, now) => {
      run(() => touchWaiting.run({ image, now, default_image: DEFAULT_IMAGE }));
    },
    seen: (ids, now) => {
      if (ids.length > 0) run(() => seen.run({ ids: JSON.stringify(ids), now }));
    },
  };
}
