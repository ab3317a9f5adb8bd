import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamOf } from '../../contracts/berth-event.ts';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const docker = () => app.contract.open(containers);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const group of ['shop', 'other', 'shared']) await docker().teardown({ group, wait: true, timeout: 0 });
  await docker().cleanup({ include_initial: true });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const refused = (call: Promise<unknown>, code: ErrorCode) =>
  expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));
const network = async (name: string): Promise<number> =>
  (await engine.ask('GET', `/networks/${name}`)).status;
const until = (id: string, status: string) =>
  eventually(async () => expect((await docker().get({ id })).status).toBe(status));
const base = { image: 'busybox:latest', stop_timeout: 0 };

test('a group is made on a network of its own, its members find each other, and all of it goes again', async () => {
  const heard = (async () => {
    for await (const event of app.process.listen('shop.events'))
      if (event.type === 'log' && event.line === 'met') return streamOf(event);
    return undefined;
  })();
  const made = await docker().compose({
    name: 'shop',
    labels: { app: 'shop', tier: 'none' },
    stream: { topic: 'shop.events' },
    containers: [
      { ...base, name: 'web', command: 'sleep 600', labels: { tier: 'front' } },
      {
        ...base,
        name: 'probe',
        command: ['sh', '-c', 'until ping -c1 -W1 web; do sleep 0.2; done; echo met'],
      },
      { ...base, name: 'side', network_mode: 'container:web', command: 'sleep 600' },
    ],
  });
  expect(made).toMatchObject({ group: 'shop', network: 'shop', auto_network: true });
  expect(made.containers.map(({ name }) => name)).toEqual(['shop-web', 'shop-probe', 'shop-side']);
  const [web, probe, side] = made.containers.map(({ id }) => id);
  await docker().wait({ id: probe ?? '' });
  await until(side ?? '', 'running');
  expect(await heard).toBe(probe);
  const theirs = await engine.container('shop-web');
  expect(theirs?.Config.Labels).toMatchObject({ app: 'shop', tier: 'front' });
  expect(theirs?.NetworkSettings.Networks['shop']?.Aliases).toContain('web');
  expect((await engine.container('shop-side'))?.HostConfig).toMatchObject({
    NetworkMode: `container:${theirs?.Id}`,
  });
  await refused(docker().compose({ name: 'shop', containers: [base] }), 'name_conflict');
  const down = await docker().teardown({ group: 'shop', wait: true });
  expect(down).toMatchObject({ network_removed: true, failed: [] });
  expect(down.containers.map(({ status }) => status)).toEqual(['removed', 'removed', 'removed']);
  expect((await engine.names()).filter((name) => name.startsWith('shop-'))).toEqual([]);
  expect(await network('shop')).toBe(404);
  expect((await docker().get({ id: web ?? '' })).status).toBe('removed');
  expect(await docker().teardown({ group: 'shop', wait: true })).toMatchObject({
    containers: [],
    failed: [],
  });
});

test('one member that cannot be is none of them, and no network', async () => {
  const { id } = await docker().create({ ...base, name: 'other-two', command: 'true' });
  const members = [
    { ...base, name: 'one' },
    { ...base, name: 'two' },
  ];
  await refused(docker().compose({ name: 'other', containers: members }), 'name_conflict');
  await refused(docker().compose({ name: 'other', containers: [] }), 'invalid_input');
  await refused(
    docker().compose({ name: 'other', containers: [base, { ...base, name: 'x/y' }] }),
    'invalid_input',
  );
  expect((await docker().list({})).containers.map(({ name }) => name)).not.toContain('other-one');
  await docker().wait({ id });
  expect((await engine.names()).filter((name) => name.startsWith('other-'))).toEqual(['other-two']);
  expect(await network('other')).toBe(404);
  await docker().delete({ id, wait: true });
});

test('a network that was named stays while somebody else wants it', async () => {
  const { id } = await docker().create({
    ...base,
    name: 'outsider',
    network: 'common',
    command: 'sleep 600',
  });
  await docker().compose({
    name: 'shared',
    network: 'common',
    containers: [{ ...base, name: 'one', command: 'sleep 600' }],
  });
  await until('shared-one', 'running');
  expect(await docker().teardown({ group: 'shared', wait: true })).toMatchObject({ network_removed: false });
  expect(await network('common')).toBe(200);
  await docker().delete({ id, wait: true });
  expect(await network('common')).toBe(404);
});

test('cleanup says what it would remove, removes what has ended, and leaves the rest and what is not ours alone', async () => {
  await engine.ask('POST', '/containers/create?name=cl_foreign', { Image: 'busybox:latest', Cmd: ['true'] });
  const ended = await docker().create({ ...base, name: 'cl_ended', command: 'true' });
  const failed = await docker().create({ ...base, name: 'cl_failed', command: 'false' });
  const kept = await docker().create({ ...base, name: 'cl_kept', command: 'true' });
  const runs = await docker().create({ ...base, name: 'cl_runs', command: 'sleep 600' });
  const fresh = await docker().create({ ...base, name: 'cl_fresh', start: false });
  for (const { id } of [ended, failed, kept]) await docker().wait({ id });
  await until(runs.id, 'running');
  await eventually(async () => expect(await engine.container('cl_fresh')).toBeDefined());
  const exclude = ['cl_kept'];
  const would = await docker().cleanup({ exclude, dry_run: true });
  expect(would.removed.map(({ name }) => name).toSorted()).toEqual(['cl_ended', 'cl_failed']);
  expect((await docker().cleanup({ exclude, older_than: '1h' })).removed).toEqual([]);
  expect(await docker().cleanup({ exclude, stopped: false })).toEqual({ removed: [], failed: [] });
  const done = await docker().cleanup({ exclude });
  expect(done.failed).toEqual([]);
  expect(done.removed.map(({ id }) => id).toSorted()).toEqual([ended.id, failed.id].toSorted());
  const left = (await engine.names()).filter((name) => name.startsWith('cl_')).toSorted();
  expect(left).toEqual(['cl_foreign', 'cl_fresh', 'cl_kept', 'cl_runs']);
  await eventually(async () => expect((await docker().get({ id: fresh.id })).status).toBe('stopped'));
  const more = await docker().cleanup({ include_initial: true });
  expect(more.removed.map(({ name }) => name).toSorted()).toEqual(['cl_fresh', 'cl_kept']);
  await docker().delete({ id: runs.id, wait: true });
  await engine.ask('DELETE', '/containers/cl_foreign?force=1');
});

test('list counts bytes on disk when asked to', async () => {
  const { id } = await docker().create({
    ...base,
    name: 'sized',
    command: ['sh', '-c', 'head -c 100000 /dev/zero > /big; sleep 600'],
  });
  const one = async (size: boolean) =>
    (await docker().list({ size })).containers.find((container) => container.id === id);
  await eventually(async () => expect((await one(true))?.size_written).toBeGreaterThanOrEqual(100_000));
  const { body } = await engine.ask('GET', '/containers/sized/json?size=1');
  expect((await one(true))?.size_total).toBe((body as { readonly SizeRootFs: number }).SizeRootFs);
  expect(await one(false)).not.toHaveProperty('size_total');
  await docker().delete({ id, wait: true });
});
