import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { sweep } from '../../src/supervisor/sweep.ts';
import { aDoor, type Door, refusal } from '../support/a-door.ts';

let door: Door;
beforeEach(async () => {
  door = await aDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const compose = (): ReturnType<Door['docker']['compose']> =>
  door.docker.compose({ name: 'shop', containers: [{ name: 'web' }, { name: 'db' }] });

/** What a worker would write once these are gone. */
const gone = (...ids: readonly string[]): void => {
  const now = Date.now();
  const { containers } = door.store;
  for (const { claim } of containers.claim({ worker: 'w', limit: 100, now, lease_ms: 60_000 }))
    if (ids.includes(claim.id)) containers.release(claim, { status: 'removed', removed_at: now }, null, now);
    else containers.release(claim, {}, now, now);
};

test('a teardown that is asked again waits for those that are left, and the group goes with the last', async () => {
  const { containers } = await compose();
  const [web = '', db = ''] = containers.map(({ id }) => id);
  const ending = new AbortController();
  const first = door.docker.teardown({ group: 'shop', wait: true }, { signal: ending.signal });
  ending.abort();
  await first.catch(() => undefined);
  gone(web);
  const generation = door.store.containers.get(db)?.generation;
  let answered = false;
  const second = door.docker.teardown({ group: 'shop', wait: true }).finally(() => {
    answered = true;
  });
  expect((await refusal(compose())).code).toBe('name_conflict');
  expect(await door.docker.teardown({ group: 'shop' })).toMatchObject({ containers: [{ id: db }] });
  expect(door.store.containers.get(db)?.generation).toBe(generation);
  expect(answered).toBe(false);
  gone(db);
  expect(await second).toMatchObject({ containers: [{ id: db, status: 'removed' }], failed: [] });
  expect(door.store.groups.get('shop')).toBeUndefined();
  expect(await door.docker.teardown({ group: 'shop', wait: true })).toMatchObject({ containers: [] });
});

test('the name of a group whose members are gone may be had again, though nobody waited', async () => {
  const { containers } = await compose();
  await door.docker.teardown({ group: 'shop' });
  gone(...containers.map(({ id }) => id));
  expect((await compose()).containers).toHaveLength(2);
});

test('a group is forgotten after its last member, though nobody waited and no other is made', async () => {
  const { containers } = await compose();
  const swept = () =>
    sweep(
      {
        ...door,
        hub: { isListening: () => false },
        now: () => Date.now(),
        retention_ms: 3_600_000,
        stopStreamsOf: () => undefined,
        log: silentLog(),
      },
      new Map(),
    );
  const [first = '', ...others] = containers.map(({ id }) => id);
  await swept();
  await door.docker.teardown({ group: 'shop' });
  gone(first);
  await swept();
  expect(door.store.groups.get('shop')).toBeDefined();
  gone(...others);
  await swept();
  expect(door.store.groups.get('shop')).toBeUndefined();
});

test('a member that resisted is tried anew when it is asked again', async () => {
  const { containers } = await compose();
  const [web = ''] = containers.map(({ id }) => id);
  await door.docker.teardown({ group: 'shop', timeout: 7, keep_volumes: true });
  const now = Date.now();
  for (const { claim } of door.store.containers.claim({ worker: 'w', limit: 9, now, lease_ms: 60_000 }))
    door.store.containers.release(claim, { failures: 2 }, now, now);
  await door.docker.teardown({ group: 'shop' });
  expect(door.store.containers.get(web)).toMatchObject({
    ...{ failures: 0, stop_timeout: 7, keep_volumes: true },
  });
  await door.docker.teardown({ group: 'shop', keep_volumes: false });
  expect(door.store.containers.get(web)).toMatchObject({ stop_timeout: 7, keep_volumes: false });
});
