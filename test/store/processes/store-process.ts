import Database from 'better-sqlite3';
import type { Claim } from '../../../src/store/container-row.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { serveParent } from '../../support/serve-parent.ts';

// A process on the same berth.db: node store-process.ts PATH WORKER BUSY_MS
const [, , path = '', worker = '', busyMs = '50'] = process.argv;
const store = await openStore({ path, busy_ms: Number(busyMs) });
const { containers } = store;
let lock: Database.Database | undefined;

serveParent({
  claim: (limit: number, lease_ms: number) =>
    containers.claim({ worker, limit, lease_ms, now: Date.now() }).map(({ claim }) => claim),
  /** Claim until nothing is left to claim, releasing each as running. */
  drain: (limit: number) => {
    const all: Claim[] = [];
    for (;;) {
      const got = containers.claim({ worker, limit, lease_ms: 600_000, now: Date.now() });
      if (got.length === 0) return all;
      for (const { claim } of got) {
        if (!containers.write(claim, { status: 'running' }, Date.now())) throw new Error(`lost ${claim.id}`);
        containers.release(claim, {}, null, Date.now());
        all.push(claim);
      }
    }
  },
  write: (claim: Claim) => containers.write(claim, { status: 'creating' }, Date.now()),
  release: (claim: Claim) => containers.release(claim, { status: 'running' }, null, Date.now()),
  follow: (claim: Claim, lease_ms: number) => containers.takeFollow(claim, Date.now(), lease_ms),
  touch: (id: string) => containers.touch([id], Date.now()),
  change: (id: string) => containers.change(id, { desired_state: 'stopped' }, Date.now())?.generation,
  /** Hold the write lock of the file, as a process that hangs in a transaction does; for so many milliseconds, or until `unlock`. */
  lock: (ms?: number) => {
    lock = new Database(path);
    lock.exec('BEGIN IMMEDIATE');
    if (ms !== undefined) setTimeout(() => lock?.close(), ms);
  },
  unlock: () => lock?.close(),
});
