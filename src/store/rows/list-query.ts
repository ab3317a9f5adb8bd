import { sql } from 'kysely';
import type { ListQuery } from '../store.ts';
import { type CompiledText, ROW_BUILDER } from './row-builder.ts';

/** Rows newest first, as asked for; those that are removed only when a status asks for them. */
export function listQuery({
  status,
  labels = {},
  limit,
  before,
  after,
  exit_code,
  engine_state,
}: ListQuery): CompiledText {
  let query = ROW_BUILDER.selectFrom('containers')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit);
  query =
    status === undefined ? query.where('removed_at', 'is', null) : query.where('status', 'in', [...status]);
  if (before !== undefined)
    query = query.where(sql<boolean>`(created_at, id) < (${before.created_at}, ${before.id})`);
  if (after !== undefined)
    query = query.where(sql<boolean>`(created_at, id) > (${after.created_at}, ${after.id})`);
  if (exit_code !== undefined) query = query.where('exit_code', 'in', [...exit_code]);
  if (engine_state !== undefined)
    query = query.where(sql<string>`json_extract(observed, '$.state')`, 'in', [...engine_state]);
  for (const [label, value] of Object.entries(labels)) {
    const found = sql<string>`(SELECT value FROM json_each(spec, '$.labels') WHERE key = ${label})`;
    query =
      value === ''
        ? query.where(sql<boolean>`${found} IS NOT NULL`)
        : query.where(sql<boolean>`${found} = ${value}`);
  }
  return query.compile();
}
