import { STORE_MIGRATIONS } from '../../migrations/index.ts';
import { openConnection } from './connection.ts';
import { containerStore } from './container-store.ts';
import { entryFileStore } from './entry-file-store.ts';
import { pullStore } from './pull-store.ts';
import type { Store } from './store.ts';
import { subscriptionStore } from './subscription-store.ts';

export interface StoreOptions {
  /** `:memory:` for one that goes with the process. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long a statement waits for another process’s write before it is tried again. */
  readonly busy_ms?: number;
}

/** Open `berth.db` and bring its schema up to date. Throws schema_newer, database_failed, database_busy. */
export async function openStore({ path, now = Date.now, busy_ms }: StoreOptions): Promise<Store> {
  const connection = await openConnection(path, STORE_MIGRATIONS, busy_ms === undefined ? {} : { busy_ms });
  return {
    containers: containerStore(connection, now),
    subscriptions: subscriptionStore(connection),
    entries: entryFileStore(connection),
    pulls: pullStore(connection),
    close: connection.close,
  };
}
