import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Claim } from '../../src/store/container-row.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aChild, type Child } from '../support/a-child.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aNewContainer } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';

vi.setConfig({ testTimeout: 300_000 });
const LEASE = 600_000;
let folder: Folder;
let path: string;
let store: Store;
const children: Child[] = [];

beforeEach(async () => {
  folder = await aFolder();
  path = join(folder.path, 'berth.db');
  store = await openStore({ path, busy_ms: 20 });
});
afterEach(async () => {
  for (const child of children.splice(0)) await child[Symbol.asyncDispose]();
  store.close();
  await folder[Symbol.asyncDispose]();
});

function aWorker(name: string, busyMs = 50): Child {
  const child = aChild(new URL('./processes/store-process.ts', import.meta.url), [
    path,
    name,
    String(busyMs),
  ]);
  children.push(child);
  return child;
}
async function claimOne(worker: Child, lease = LEASE): Promise<Claim> {
  const [claim] = await worker.call<Claim[]>('claim', 1, lease);
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
}
const claimHere = (worker: string) =>
  store.containers.claim({ worker, limit: 10, now: Date.now(), lease_ms: LEASE });

test('of five hundred rows and four processes each row is claimed by one process, once', async () => {
  for (let index = 0; index < 500; index++) store.containers.insert(aNewContainer({ id: `app:c${index}` }));
  const workers = ['w1', 'w2', 'w3', 'w4'].map((name) => aWorker(name, 2000));
  await Promise.all(workers.map((worker) => worker.call('touch', 'none')));
  const claims = (await Promise.all(workers.map((worker) => worker.call<Claim[]>('drain', 3)))).flat();
  expect(claims).toHaveLength(500);
  expect(new Set(claims.map(({ id }) => id)).size).toBe(500);
  expect(new Set(claims.map(({ token }) => token))).toEqual(new Set([1]));
  expect(store.containers.list({ limit: 999, status: ['running'] })).toHaveLength(500);
});

test('a worker that stops for longer than its lease loses its row to another, and writes nothing when it wakes', async () => {
  store.containers.insert(aNewContainer());
  const sleeper = aWorker('sleeper');
  const lost = await claimOne(sleeper, 300);
  await sleeper.kill('SIGSTOP');
  const taken = await eventually(() => {
    const [claimed] = claimHere('other');
    if (claimed === undefined) throw new Error('still leased');
    return claimed;
  });
  expect(taken.claim.token).toBe(lost.token + 1);
  const woken = sleeper.call('write', lost);
  await sleeper.kill('SIGCONT');
  expect(await woken).toBe(false);
  expect(await sleeper.call('release', lost)).toBe(false);
  expect(store.containers.get('app:cache')).toMatchObject({ status: 'pending', claimed_by: 'other' });
});

test('what a killed worker held or followed is another’s as soon as it is freed, long before its lease ends', async () => {
  store.containers.insert(aNewContainer());
  store.containers.insert(aNewContainer({ id: 'app:web' }));
  const doomed = aWorker('doomed');
  const [held, followed] = await doomed.call<Claim[]>('claim', 2, LEASE);
  if (held === undefined || followed === undefined) throw new Error('nothing to claim');
  const follow = await doomed.call<{ token: number }>('follow', followed, LEASE);
  await doomed.call('release', followed);
  expect(claimHere('other')).toEqual([]);
  await doomed.kill('SIGKILL');
  expect(store.containers.free('doomed', Date.now()).toSorted()).toEqual(['app:cache', 'app:web']);
  const taken = claimHere('other');
  expect(taken.map(({ row }) => row.id).toSorted()).toEqual(['app:cache', 'app:web']);
  for (const { row, claim } of taken) {
    expect(claim.token).toBeGreaterThan(row.id === held.id ? held.token : followed.token);
    expect(store.containers.takeFollow(claim, Date.now(), LEASE)?.token).toBeGreaterThan(
      row.id === followed.id ? follow.token : 0,
    );
  }
});

test('a change of mind by one process during the claim of another is worked on next', async () => {
  store.containers.insert(aNewContainer());
  const worker = aWorker('w1');
  const claim = await claimOne(worker);
  expect(store.containers.change('app:cache', { desired_state: 'stopped' }, Date.now())?.generation).toBe(2);
  expect(await worker.call('release', claim)).toBe(true);
  expect(claimHere('w2')).toMatchObject([
    { row: { generation: 2, status: 'pending', desired_state: 'stopped' } },
  ]);
});

test('while a process hangs in a transaction others read, and are told database_busy when they write', async () => {
  store.containers.insert(aNewContainer());
  const hanging = aWorker('hanging');
  await hanging.call('lock');
  expect(store.containers.get('app:cache')?.status).toBe('pending');
  expect(() => store.containers.touch(['app:cache'], Date.now())).toThrow(
    expect.objectContaining({ code: 'database_busy', retryable: true }),
  );
  const other = await openStore({ path, busy_ms: 20 });
  expect(other.containers.present()).toHaveLength(1);
  other.close();
  await hanging.call('unlock');
  expect(store.containers.touch(['app:cache'], Date.now())).toBe(1);
});

test('a transaction of another process that ends in time is waited for', async () => {
  store.containers.insert(aNewContainer());
  const [writing, waiting] = [aWorker('writing'), aWorker('waiting', 5000)];
  await waiting.call('touch', 'none');
  await writing.call('lock', 300);
  expect(await waiting.call('touch', 'app:cache')).toBe(1);
});
