import { sql } from 'kysely';
import type { ChangeOfMind } from '../store.ts';
import { FRESH } from './fresh-columns.ts';
import { type CompiledText, ROW_BUILDER } from './row-builder.ts';
import { writeColumns } from './row-codec.ts';

/** One UPDATE: the mind is changed, everything about the former one is forgotten but what the engine shows. */
export function changeQuery(id: string, change: ChangeOfMind, at: number): CompiledText {
  const { spec, desired_state, stop_timeout, keep_volumes, restart_from, keeps_exit_code } = change;
  const { member, replacement, runs_again } = change;
  const { exit_code, ...fresh } = FRESH;
  const columns = writeColumns({
    ...fresh,
    ...(!keeps_exit_code && { exit_code }),
    ...spec,
    ...member,
    ...(desired_state !== undefined && { desired_state }),
    ...(restart_from !== undefined && { restart_from }),
    ...(replacement !== undefined && { replacement }),
    ...(runs_again && { completed_hash: null }),
    stop_timeout: stop_timeout ?? null,
    keep_volumes: keep_volumes ?? false,
    due_at: at,
    updated_at: at,
  });
  return ROW_BUILDER.updateTable('containers')
    .set({ ...columns, generation: sql`generation + 1`, touched: sql`touched + 1` })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returningAll()
    .compile();
}
