import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scan } from '../../src/registry/scan.ts';
import type { ContainerRow } from '../../src/store/container-row.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type SyncSummary, syncEntries } from '../../src/supervisor/sync-entries.ts';
import { anEntry, anIndex } from '../registry/an-index.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';

let folder: Folder;
let store: Store;
beforeEach(async () => {
  folder = await aFolder();
  store = await openStore({ path: join(folder.path, 'berth.db') });
});
afterEach(async () => {
  store.close();
  await folder[Symbol.asyncDispose]();
});

const registry = (): string => join(folder.path, 'registry');
const declare = (...entries: string[]): Promise<string> =>
  folder.write('registry/_index.yaml', anIndex('n', ...entries));
async function synced(): Promise<SyncSummary> {
  const found = await scan({
    roots: [registry()],
    environment: {},
    kept: store.entries.all(),
    running: store.containers.declared(),
    now: Date.now(),
  });
  return syncEntries(store, found, Date.now());
}
function rowOf(id: string): ContainerRow {
  const row = store.containers.get(id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
}
const targets = (id: string): unknown[] =>
  store.subscriptions.ofContainer(id).map(({ reply_to, topic }) => [reply_to, topic]);
/** What a worker does at the end of a removal. */
function finishRemoval(id: string): void {
  for (const { row, claim } of store.containers.claim({
    worker: 'w',
    limit: 100,
    now: Date.now(),
    lease_ms: 30_000,
  })) {
    const patch = row.id === id ? ({ status: 'removed', removed_at: Date.now() } as const) : {};
    if (row.id === id) store.containers.write(claim, { status: 'stopping' }, Date.now());
    store.containers.release(claim, patch, null, Date.now());
  }
}

test('a declared entry becomes a row that is wanted running and due now', async () => {
  const source = await declare(anEntry('cache', 'image: redis:7', 'container_name: c1'));
  expect(await synced()).toMatchObject({ created: ['n:cache'], problems: [] });
  expect(rowOf('n:cache')).toMatchObject({
    name: 'c1',
    aliases: ['cache', 'c1'],
    declared: true,
    desired_state: 'running',
    status: 'pending',
    generation: 1,
    entry_source: source,
    spec: { image: 'redis:7' },
  });
  expect(rowOf('n:cache').due_at).toBeLessThanOrEqual(Date.now());
});

test('a row whose hash is the same is not written', async () => {
  await declare(anEntry('aa', 'image: x'), anEntry('bb', 'image: x'));
  await synced();
  const before = rowOf('n:aa');
  await declare(
    anEntry('bb', 'image: y'),
    anEntry('aa', 'image: x', 'env: {}').replace('    env: {}\n', '    # a remark\n'),
  );
  expect(await synced()).toMatchObject({ changed: ['n:bb'], created: [], removed: [], unchanged: 1 });
  expect(rowOf('n:aa')).toEqual(before);
  expect(rowOf('n:bb')).toMatchObject({ generation: 2, status: 'pending', spec: { image: 'y' } });
});

test('a change of limits changes the hash of all of it and not the one of what needs a recreate', async () => {
  await declare(anEntry('aa', 'image: x'));
  await synced();
  const before = rowOf('n:aa');
  await declare(anEntry('aa', 'image: x', 'memory_limit: 64m'));
  await synced();
  expect(rowOf('n:aa').recreate_hash).toBe(before.recreate_hash);
  expect(rowOf('n:aa').spec_hash).not.toBe(before.spec_hash);
});

test('a removed entry’s row is no longer desired, and comes back with its next generation when declared again', async () => {
  await declare(anEntry('aa'), anEntry('bb'));
  await synced();
  await declare(anEntry('bb'));
  expect(await synced()).toMatchObject({ removed: ['n:aa'], unchanged: 1 });
  expect(rowOf('n:aa')).toMatchObject({ desired_state: 'removed', generation: 2 });
  expect(await synced()).toMatchObject({ removed: [], unchanged: 1 });

  await declare(anEntry('aa'), anEntry('bb'));
  expect(await synced()).toMatchObject({ changed: ['n:aa'] });
  expect(rowOf('n:aa')).toMatchObject({ desired_state: 'running', generation: 3 });

  await declare(anEntry('bb'));
  await synced();
  finishRemoval('n:aa');
  expect(rowOf('n:aa').status).toBe('removed');
  await declare(anEntry('aa'), anEntry('bb'));
  expect(await synced()).toMatchObject({ created: ['n:aa'], problems: [] });
  expect(rowOf('n:aa')).toMatchObject({ desired_state: 'running', status: 'pending', generation: 5 });
});

describe('streams', () => {
  test('an entry with `stream.topic` has its subscription, for whoever listens or for the one it names', async () => {
    await declare(
      anEntry('aa', 'stream: { topic: a.logs }'),
      anEntry('bb', 'stream: { topic: b.logs, reply_to: me }'),
    );
    await synced();
    expect([targets('n:aa'), targets('n:bb')]).toEqual([[['', 'a.logs']], [['me', 'b.logs']]]);
  });

  test('a change of `stream` alone moves the declared subscription, leaves those of others, and writes no row', async () => {
    await declare(anEntry('aa', 'image: x', 'stream: { topic: one }'));
    await synced();
    store.subscriptions.ensure('n:aa', { reply_to: 'somebody', topic: 'else' }, 1);
    const before = rowOf('n:aa');
    await declare(anEntry('aa', 'image: x', 'stream: { topic: two }'));
    expect(await synced()).toMatchObject({ unchanged: 1, changed: [] });
    expect(targets('n:aa').sort()).toEqual([
      ['', 'two'],
      ['somebody', 'else'],
    ]);
    await declare(anEntry('aa', 'image: x'));
    await synced();
    expect(targets('n:aa')).toEqual([['somebody', 'else']]);
    expect(rowOf('n:aa')).toEqual(before);
  });

  test('a sync that was cut off before it kept its readings is made up for', async () => {
    await declare(anEntry('aa', 'stream: { topic: one }'));
    await synced();
    const [kept] = store.entries.all();
    await declare(anEntry('aa', 'stream: { topic: two }'));
    await synced();
    if (kept) store.entries.put(kept);
    await synced();
    expect(targets('n:aa')).toEqual([['', 'two']]);
  });
});

describe('a taken name', () => {
  const made = (name: string): void => {
    const template = {
      entry_source: null,
      declared: false,
      aliases: [name],
      spec: {},
      spec_hash: 'h1:',
      recreate_hash: 'h1:',
      desired_state: 'running',
      stop_timeout: null,
      created_at: 1,
    } as const;
    store.containers.insert({ ...template, id: `ctr_${name}`, name });
  };

  test('of a container that a call made is a problem that names it, and the other entries go on', async () => {
    made('cache');
    const source = await declare(anEntry('before'), anEntry('cache'), anEntry('z-after'));
    const { created, problems, waiting } = await synced();
    expect([created, waiting]).toEqual([['n:before', 'n:z-after'], []]);
    expect(problems).toMatchObject([{ code: 'name_conflict', entry: 'n:cache', file: source, line: 7 }]);
    expect(problems[0]?.message).toContain('ctr_cache');
    store.containers.change('ctr_cache', { desired_state: 'removed' }, Date.now());
    expect(await synced()).toMatchObject({ waiting: ['n:cache'], problems: [] });
    finishRemoval('ctr_cache');
    expect(await synced()).toMatchObject({ created: ['n:cache'], waiting: [] });
  });

  test('of an entry that is on its way out is waited for', async () => {
    await declare(anEntry('aa', 'container_name: shared'));
    await synced();
    await declare(anEntry('bb', 'container_name: shared'));
    expect(await synced()).toMatchObject({ removed: ['n:aa'], waiting: ['n:bb'], problems: [] });
    finishRemoval('n:aa');
    expect(await synced()).toMatchObject({ created: ['n:bb'] });
  });

  test('that another entry gives up in the same sync is free, whichever comes first', async () => {
    await declare(anEntry('aa', 'container_name: one'), anEntry('bb', 'container_name: two'));
    await synced();
    await declare(anEntry('aa', 'container_name: two'), anEntry('bb', 'container_name: three'));
    expect(await synced()).toMatchObject({ changed: ['n:aa', 'n:bb'], problems: [] });
    expect([rowOf('n:aa').name, rowOf('n:bb').name]).toEqual(['two', 'three']);
  });
});

describe('what cannot be read', () => {
  test('a broken file and a vanished registry remove nothing, also after a restart', async () => {
    await declare(anEntry('aa'), anEntry('bb'));
    await synced();
    await folder.write('registry/_index.yaml', 'entries: [');
    expect(await synced()).toMatchObject({ removed: [], unchanged: 2 });
    store.close();
    store = await openStore({ path: join(folder.path, 'berth.db') });
    expect(await synced()).toMatchObject({ removed: [], unchanged: 2 });
    await folder.remove('registry');
    expect(await synced()).toMatchObject({ removed: [], unchanged: 2 });
    expect(rowOf('n:aa').desired_state).toBe('running');
  });

  test('a broken file without a kept reading holds the rows that it declared', async () => {
    const source = await declare(anEntry('aa'));
    await synced();
    store.entries.remove(source);
    await folder.write('registry/_index.yaml', 'entries: [');
    expect(await synced()).toMatchObject({
      removed: [],
      held: [{ id: 'n:aa', cause: 'its file has an error' }],
    });
  });
});

test('a row that a user stopped stays stopped when its entry changes', async () => {
  await declare(anEntry('aa', 'image: x'));
  await synced();
  store.containers.change('n:aa', { desired_state: 'stopped' }, Date.now());
  await declare(anEntry('aa', 'image: y'));
  expect(await synced()).toMatchObject({ changed: ['n:aa'] });
  expect(rowOf('n:aa')).toMatchObject({ desired_state: 'stopped', spec: { image: 'y' } });
});

test('thousands of entries are written without keeping anything else waiting for long', async () => {
  await declare(...Array.from({ length: 2000 }, (_, index) => anEntry(`e${index}`)));
  const found = await scan({
    roots: [registry()],
    environment: {},
    kept: [],
    running: [],
    now: Date.now(),
  });
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const began = performance.now();
  const { created } = await syncEntries(store, found, Date.now());
  over = true;
  expect(created).toHaveLength(2000);
  expect(turns).toBeGreaterThan((performance.now() - began) / 500);
});

describe('groups', () => {
  const members = (name: string): unknown[] =>
    store.groups.members(name).map(({ id, name: called, release }) => [id, called, release]);
  const web = (...lines: string[]): string => anEntry('web', 'image: web:1', 'group: shop', ...lines);

  test('entries that name a group are its members, on its network, with a number each when there are several', async () => {
    await declare(
      web('replicas: 2'),
      anEntry('db', 'image: db:1', 'group: shop'),
      anEntry('alone', 'image: a:1'),
    );
    expect(await synced()).toMatchObject({ created: ['n:alone', 'shop'], problems: [] });
    expect(members('shop')).toEqual([
      ['n:db', 'db', 1],
      ['n:web-1', 'web-1', 1],
      ['n:web-2', 'web-2', 1],
    ]);
    expect(store.groups.get('shop')).toMatchObject({
      declared: true,
      network: 'shop',
      auto_network: true,
      release: 1,
    });
    expect(rowOf('n:web-2')).toMatchObject({
      aliases: ['web', 'web-2'],
      spec: { network: 'shop', hostname: 'web' },
    });
    expect(rowOf('n:alone')).toMatchObject({ group_name: null });
    expect(await synced()).toMatchObject({ created: [], changed: [], removed: [] });
  });

  test('an entry that changes makes a release, and what a call has deployed elsewhere stays', async () => {
    await declare(web(), anEntry('db', 'image: db:1', 'group: shop'));
    await synced();
    const services = store.groups.release('shop', 1)?.services;
    const db = services?.['db'];
    if (db === undefined) throw new Error('no db');
    const mine = { id: 'dep_1', group_name: 'shop', kind: 'deploy', by: 'operator', started_at: 1 } as const;
    const next = { ...services, db: { ...db, spec: { ...db.spec, image: 'db:2' } } };
    const begun = store.groups.deploy({
      ...mine,
      to: { services: next, cause: 'deploy' },
      targets: ['db'],
      config: null,
      supersede: false,
    });
    await declare(anEntry('web', 'image: web:2', 'group: shop'), anEntry('db', 'image: db:1', 'group: shop'));
    expect(await synced()).toMatchObject({ changed: [], waiting: ['shop'] });
    store.groups.step(
      begun.id,
      ({ deployment }) => ({
        changes: [],
        progress: deployment.progress,
        end: { state: 'succeeded' },
        due_at: null,
      }),
      2,
    );
    expect(await synced()).toMatchObject({ changed: ['shop'], waiting: [] });
    const third = store.groups.release('shop', 3)?.services;
    expect([third?.['web']?.spec.image, third?.['db']?.spec.image]).toEqual(['web:2', 'db:2']);
    expect(await synced()).toMatchObject({ changed: [], waiting: [] });
  });

  test('a group that a declared group entry names has its network, labels and members', async () => {
    const group =
      '  - name: shop\n    kind: registry.entry\n    meta: { type: docker.group }\n    network: none\n    labels: { tier: front }\n    members: [web]\n';
    await declare(anEntry('web', 'image: web:1'), group);
    expect(await synced()).toMatchObject({ created: ['shop'], problems: [] });
    expect(rowOf('n:web').spec).toEqual({ image: 'web:1', labels: { tier: 'front' } });
  });

  test('an entry joins a group and leaves it again with its row', async () => {
    await declare(anEntry('web', 'image: web:1'));
    await synced();
    await declare(web());
    expect(await synced()).toMatchObject({ created: ['shop'], removed: [], problems: [] });
    expect(rowOf('n:web')).toMatchObject({ group_name: 'shop', generation: 2 });
    await declare(anEntry('web', 'image: web:1'));
    expect(await synced()).toMatchObject({ changed: ['n:web'], removed: ['shop'] });
    expect(rowOf('n:web')).toMatchObject({ group_name: null, desired_state: 'running' });
  });

  test('a group whose entries are gone goes, and one whose file is broken stays', async () => {
    await declare(web());
    await synced();
    await folder.write('registry/_index.yaml', 'entries: [');
    expect(await synced()).toMatchObject({ removed: [], changed: [] });
    await folder.write('registry/_index.yaml', 'namespace: n\nentries: []\n');
    expect(await synced()).toMatchObject({ removed: ['shop'] });
    expect(rowOf('n:web').desired_state).toBe('removed');
  });

  test('one that was taken down by hand stays so until its entries change or Berth starts', async () => {
    await declare(web());
    await synced();
    store.groups.takeDown('shop', {}, Date.now());
    expect(await synced()).toMatchObject({ created: [], waiting: [] });
    finishRemoval('n:web');
    expect(await synced()).toMatchObject({ created: [] });
    await declare(web('command: sleep 5'));
    expect(await synced()).toMatchObject({ created: ['shop'] });
  });
});
