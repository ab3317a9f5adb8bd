import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';

/** Compiles queries whose columns vary; better-sqlite3 runs what it compiles, since kysely’s own driver begins deferred and prepares anew each time. */
export const ROW_BUILDER = new Kysely<{ containers: Record<string, string | number | null> }>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** A query as better-sqlite3 takes it. */
export interface CompiledText {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
