import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { ContractError } from '../../../contracts/contract-error.ts';
import { DEFAULT_IMAGE } from '../../plan/mentioned.ts';
import type { Connection } from '../connection.ts';
import type { ContainerRow } from '../container-row.ts';
import type { ChangeOfMind, ContainerStore, ListQuery, NewContainer } from '../store.ts';
import { claimQueries } from './claim-queries.ts';
import { FRESH } from './fresh-columns.ts';
import { type RawRow, readRow, writeColumns } from './row-codec.ts';
import { ensureSubscription } from './subscription-store.ts';

/** Compiles only; better-sqlite3 runs what it compiles. */
const builder = new Kysely<{ containers: Record<string, string | number | null> }>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Rows of `containers`: single statements and immediate transactions only. */
export function containerStore(connection: Connection, now: () => number): ContainerStore {
  const { db, prepared, run, transaction } = connection;
  const byId = db.prepare<[string], RawRow>('SELECT * FROM containers WHERE id = ?');
  const byName = db.prepare<[string], RawRow>(
    'SELECT * FROM containers WHERE name = ? ORDER BY removed_at IS NOT NULL, removed_at DESC LIMIT 1',
  );
  const byEngine = db.prepare<[string], RawRow>(
    'SELECT * FROM containers WHERE engine_id = ? ORDER BY removed_at IS NOT NULL LIMIT 1',
  );
  const declaredRows = db.prepare<[], RawRow>(
    'SELECT * FROM containers WHERE declared = 1 AND removed_at IS NULL ORDER BY id',
  );
  const presentRows = db.prepare<[], RawRow>('SELECT * FROM containers WHERE removed_at IS NULL ORDER BY id');
  const holderOf = db.prepare<[string, string], RawRow>(
    'SELECT * FROM containers WHERE name = ? AND id <> ? AND removed_at IS NULL',
  );
  const purgeRows = db.prepare<[number], { id: string }>(
    'DELETE FROM containers WHERE removed_at IS NOT NULL AND removed_at < ? AND claimed_by IS NULL RETURNING id',
  );
  const wants = db.prepare<[string, string], { id: string }>(
    "SELECT id FROM containers WHERE removed_at IS NULL AND desired_state <> 'removed' AND json_extract(spec, '$.network') = ? AND id <> ? LIMIT 1",
  );
  const seen = db.prepare(
    'UPDATE containers SET observed_at = @now WHERE removed_at IS NULL AND id IN (SELECT value FROM json_each(@ids))',
  );
  const touchWaiting = db.prepare(
    "UPDATE containers SET due_at = @now, touched = touched + 1 WHERE status = 'waiting' AND removed_at IS NULL AND ifnull(json_extract(spec, '$.image'), @default_image) = @image",
  );
  const get = (id: string): ContainerRow | undefined => one(byId.get(id));

  const refuseTaken = (name: string, id: string): void => {
    const holder = holderOf.get(name, id);
    if (holder !== undefined)
      throw new ContractError('name_conflict', `the name ${name} is taken by ${holder.id}`, {
        details: { id: String(holder.id), name },
      });
  };

  /** A removed row of that id is replaced whole; its generation, attempts and tokens go on. */
  const insert = (row: NewContainer): ContainerRow => {
    const former = get(row.id);
    if (former !== undefined && former.removed_at === null)
      throw new ContractError('name_conflict', `there is a container ${row.id} already`, {
        details: { id: row.id, name: former.name },
      });
    refuseTaken(row.name, row.id);
    const at = now();
    const columns = {
      ...writeColumns({
        ...row,
        ...FRESH,
        completed: false,
        generation: (former?.generation ?? 0) + 1,
        attempt: former?.attempt ?? 0,
        engine_id: null,
        image_id: null,
        applied_hash: null,
      }),
      ...writeColumns({
        applied_generation: former?.applied_generation ?? 0,
        observed: null,
        observed_at: null,
        due_at: at,
        updated_at: at,
      }),
      touched: 0,
      claim_generation: 0,
    };
    const kept = {
      claim_token: former?.claim_token ?? 0,
      // Above every token of a row of this id that was purged, or lost with its database: logs.db still knows them.
      follow_token: former?.follow_token ?? at,
      claimed_by: null,
      claim_expires_at: null,
      follower: null,
      follow_expires_at: null,
    };
    const values = { ...columns, ...kept };
    const query = builder
      .insertInto('containers')
      .values(values)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .compile();
    prepared(query.sql).run(...query.parameters);
    const inserted = get(row.id);
    if (inserted === undefined)
      throw new ContractError('internal', `row ${row.id} is not there after its insert`);
    return inserted;
  };

  return {
    ...claimQueries(connection),
    insert: (row, subscription) =>
      transaction(() => {
        const inserted = insert(row);
        if (subscription) ensureSubscription(db, row.id, subscription, now());
        return inserted;
      }),
    get: (id) => run(() => get(id)),
    find: (ref) => run(() => get(ref) ?? one(byName.get(ref))),
    byEngineId: (engineId) => run(() => one(byEngine.get(engineId))),
    list: (query) =>
      run(() => {
        const { sql: text, parameters } = listQuery(query);
        return db
          .prepare<unknown[], RawRow>(text)
          .all(...parameters)
          .map(readRow);
      }),
    declared: () => run(() => declaredRows.all().map(readRow)),
    present: () => run(() => presentRows.all().map(readRow)),
    change: (id, change, at) =>
      transaction(() => {
        if (change.spec) refuseTaken(change.spec.name, id);
        const { sql: text, parameters } = changeQuery(id, change, at);
        return one(db.prepare<unknown[], RawRow>(text).get(...parameters));
      }),
    wantsNetwork: (network, except) => run(() => wants.get(network, except) !== undefined),
    seen: (ids, at) => {
      if (ids.length > 0) run(() => seen.run({ ids: JSON.stringify(ids), now: at }));
    },
    touchWaiting: (image, at) => {
      run(() => touchWaiting.run({ image, now: at, default_image: DEFAULT_IMAGE }));
    },
    purge: (before) => transaction(() => purgeRows.all(before).map(({ id }) => id)),
  };
}

function one(raw: RawRow | undefined): ContainerRow | undefined {
  return raw === undefined ? undefined : readRow(raw);
}

/** One UPDATE: the mind is changed, everything about the former one is forgotten but what the engine shows. */
function changeQuery(
  id: string,
  { spec, desired_state, stop_timeout }: ChangeOfMind,
  at: number,
): { readonly sql: string; readonly parameters: readonly unknown[] } {
  const columns = writeColumns({
    ...FRESH,
    ...spec,
    ...(desired_state !== undefined && { desired_state }),
    stop_timeout: stop_timeout ?? null,
    due_at: at,
    updated_at: at,
  });
  return builder
    .updateTable('containers')
    .set({ ...columns, generation: sql`generation + 1`, touched: sql`touched + 1` })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returningAll()
    .compile();
}

function listQuery({ status, labels = {}, limit, before }: ListQuery): {
  readonly sql: string;
  readonly parameters: readonly unknown[];
} {
  let query = builder
    .selectFrom('containers')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit);
  query =
    status === undefined ? query.where('removed_at', 'is', null) : query.where('status', 'in', [...status]);
  if (before !== undefined)
    query = query.where(sql<boolean>`(created_at, id) < (${before.created_at}, ${before.id})`);
  for (const [label, value] of Object.entries(labels)) {
    const found = sql<string>`(SELECT value FROM json_each(spec, '$.labels') WHERE key = ${label})`;
    query =
      value === ''
        ? query.where(sql<boolean>`${found} IS NOT NULL`)
        : query.where(sql<boolean>`${found} = ${value}`);
  }
  return query.compile();
}
