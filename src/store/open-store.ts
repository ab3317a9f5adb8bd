import { STORE_MIGRATIONS } from '../../migrations/index.ts';
import { openConnection } from './connection.ts';
import { buildStore } from './rows/build-store.ts';
import { connectionStore } from './rows/connection-store.ts';
import { containerStore } from './rows/container-store.ts';
import { entryFileStore } from './rows/entry-file-store.ts';
import { gauge } from './rows/gauge.ts';
import { groupStore } from './rows/group-store.ts';
import { inputStore } from './rows/input-store.ts';
import { operationStore } from './rows/operation-store.ts';
import { pullStore } from './rows/pull-store.ts';
import { resourceStore } from './rows/resource-store.ts';
import { subscriptionStore } from './rows/subscription-store.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  /** `:memory:` for one that goes with the process. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long a statement waits for another process’s write before it is tried again, up to eight times. Default: 250 ms. */
  readonly busy_ms?: number;
}

/** Open `berth.db` and bring its schema up to date. Throws schema_newer, database_failed, database_busy. */
export async function openStore({ path, now = Date.now, busy_ms = 250 }: StoreOptions): Promise<Store> {
  const connection = await openConnection(path, STORE_MIGRATIONS, { busy_ms, now });
  return {
    containers: containerStore(connection, now),
    subscriptions: subscriptionStore(connection),
    entries: entryFileStore(connection),
    groups: groupStore(connection, now),
    pulls: pullStore(connection),
    builds: buildStore(connection),
    resources: resourceStore(connection),
    connections: connectionStore(connection),
    operations: operationStore(connection),
    gauge: gauge(connection),
    inputs: inputStore(connection),
    close: connection.close,
  };
}
