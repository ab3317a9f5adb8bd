import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
import { images } from '../../contracts/images.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const docker = () => app.contract.open(containers);
const groups = () => app.contract.open(groupsContract);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const { group } of (await groups().list({})).groups)
    await groups().teardown({ group, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const refused = (call: Promise<unknown>, code: ErrorCode) =>
  expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));
const base = { image: 'busybox:latest', stop_timeout: 0, command: 'sleep 600' };
const quick = { monitor: 0.2, timeout: 20 };
const envOf = async (name: string) => (await engine.container(name))?.Config.Env ?? [];
const ready = (group: string) =>
  eventually(async () => expect((await groups().status({ group })).ready).toBe(true));

test('a deploy changes what it names and nothing else, is history, and is taken back', async () => {
  await docker().compose({
    name: 'store',
    containers: [
      { ...base, name: 'web', replicas: 2, update_config: quick, env: { VERSION: '1' } },
      { ...base, name: 'db', ports: [{ container: 5432 }] },
    ],
  });
  await ready('store');
  const seen = await groups().status({ group: 'store' });
  expect(seen.members.map(({ name }) => name)).toEqual(['store-db', 'store-web-1', 'store-web-2']);
  expect(seen).toMatchObject({ status: 'running', release: 1, services: { web: { replicas: 2, ready: 2 } } });
  expect((await groups().list({})).groups).toMatchObject([{ group: 'store', ready: true }]);
  const db = await engine.container('store-db');
  const { endpoints } = await groups().endpoints({ group: 'store', service: 'db' });
  expect(endpoints.map(({ url }) => url.replace(/\d+$/, 'N'))).toEqual([
    'postgres://db:N',
    'postgres://localhost:N',
  ]);

  const planned = await groups().plan({
    group: 'store',
    services: { web: { env: { VERSION: '2', API_TOKEN: 'x' } } },
  });
  expect(planned.services).toEqual([
    {
      service: 'web',
      action: 'replace',
      changed: [
        { field: 'env.VERSION', from: '1', to: '2' },
        { field: 'env.API_TOKEN', to: '***' },
      ],
      containers: ['store-web-1', 'store-web-2'],
    },
    { service: 'db', action: 'keep', changed: [], containers: ['store-db'] },
  ]);
  const done = await groups().deploy({
    group: 'store',
    services: { web: { env: { VERSION: '2' } } },
    wait: true,
  });
  expect(done).toMatchObject({ release: 2, state: 'succeeded', changed: ['web'] });
  for (const name of ['store-web-1', 'store-web-2']) expect(await envOf(name)).toContain('VERSION=2');
  expect((await engine.container('store-db'))?.Id).toBe(db?.Id);
  expect(
    (await groups().deploy({ group: 'store', services: { web: { env: { VERSION: '2' } } } })).changed,
  ).toEqual([]);

  expect(await groups().rollback({ group: 'store', wait: true })).toMatchObject({
    release: 1,
    changed: ['web'],
  });
  expect(await envOf('store-web-1')).toContain('VERSION=1');
  expect((await engine.container('store-db'))?.Id).toBe(db?.Id);
  const history = await groups().history({ group: 'store' });
  expect(history.deployments.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'rollback succeeded',
    'deploy succeeded',
  ]);
  expect((await engine.names()).filter((name) => name.startsWith('store')).sort()).toEqual([
    'store-db',
    'store-web-1',
    'store-web-2',
  ]);
});

test('a release that does not come up is taken back by itself, and the one who waits hears why', async () => {
  const broken = groups().deploy({
    group: 'store',
    services: { web: { command: 'sh -c "echo no; exit 3"' } },
    wait: true,
  });
  await expect(broken).rejects.toSatisfy(
    (error: unknown) => isContractError(error, 'deploy_failed') && /exit code 3|code 3/.test(error.message),
  );
  await ready('store');
  expect((await groups().get({ group: 'store' })).release).toBe(1);
  for (const name of ['store-web-1', 'store-web-2'])
    expect((await engine.container(name))?.State).toMatchObject({ Status: 'running' });
  expect((await engine.names()).filter((name) => name.startsWith('store')).length).toBe(3);
});

test('a service is scaled up and down, and its limits are changed as it runs', async () => {
  expect(await groups().scale({ group: 'store', service: 'web', replicas: 3, wait: true })).toMatchObject({
    state: 'succeeded',
  });
  const third = await engine.container('store-web-3');
  expect(third?.State).toMatchObject({ Status: 'running' });
  await groups().scale({ group: 'store', service: 'web', memory_limit: '64m', wait: true });
  expect(await engine.container('store-web-3')).toMatchObject({
    Id: third?.Id,
    HostConfig: { Memory: 64 * 1024 * 1024 },
  });
  await groups().scale({ group: 'store', service: 'web', replicas: 1, wait: true });
  expect((await engine.names()).filter((name) => name.startsWith('store-web'))).toEqual(['store-web-1']);
  await refused(groups().scale({ group: 'store', service: 'nope', replicas: 1 }), 'not_found');
  await refused(
    groups().deploy({
      group: 'store',
      services: { web: { replicas: 2, ports: [{ host: 8099, container: 80 }] } },
    }),
    'invalid_input',
  );
});

test('a deploy during a deploy is busy and says whose, unless it takes its place', async () => {
  const slow = { web: { env: { VERSION: '5' } } };
  const how = { strategy: { monitor: 30, timeout: 60 } };
  const first = await groups().deploy({ group: 'store', services: slow, ...how });
  await expect(
    groups().deploy({ group: 'store', services: { web: { env: { VERSION: '6' } } } }),
  ).rejects.toSatisfy(
    (error: unknown) =>
      isContractError(error, 'busy') && error.details?.['deployment_id'] === first.deployment_id,
  );
  const second = await groups().deploy({
    group: 'store',
    services: { web: { env: { VERSION: '7' } } },
    strategy: quick,
    supersede: true,
    wait: true,
  });
  expect(second.state).toBe('succeeded');
  expect(await envOf('store-web-1')).toContain('VERSION=7');
  const { deployments } = await groups().history({ group: 'store', limit: 2 });
  expect(deployments.map(({ state }) => state)).toEqual(['succeeded', 'superseded']);
});

test('a group stops, starts and restarts as one, and what ran once is not run again', async () => {
  await docker().compose({
    name: 'roles',
    containers: [
      { ...base, name: 'setup', role: 'init', command: 'true' },
      { ...base, name: 'main' },
    ],
  });
  await ready('roles');
  await eventually(async () => expect((await groups().get({ group: 'roles' })).status).toBe('running'));
  const setup = await engine.container('roles-setup');
  const main = await engine.container('roles-main');
  const { containers: again } = await groups().restart({ group: 'roles', wait: true });
  expect(again.map(({ name }) => name)).toEqual(['roles-main', 'roles-setup']);
  expect((await engine.container('roles-setup'))?.State).toEqual(setup?.State);
  expect((await engine.container('roles-main'))?.State).not.toEqual(main?.State);
  await groups().stop({ group: 'roles', wait: true, timeout: 0 });
  expect(await groups().get({ group: 'roles' })).toMatchObject({ status: 'stopped', ready: false });
  await groups().start({ group: 'roles', services: ['main'], wait: true });
  expect((await engine.container('roles-main'))?.State).toMatchObject({ Status: 'running' });
  await refused(groups().start({ group: 'roles', services: ['none'] }), 'not_found');
  await refused(groups().get({ group: 'nowhere' }), 'not_found');
});

test('an update pulls, and rolls exactly what has another image now; a rollback runs the former one by its id', async () => {
  const image = '127.0.0.1:5000/deploys/app:1';
  const push = async (version: string): Promise<void> => {
    await docker().commit({ id: 'roles-main', image, changes: [`ENV V=${version}`] });
    await app.contract.open(images).push({ image });
  };
  await push('1');
  await docker().compose({
    name: 'fresh',
    containers: [
      { ...base, name: 'app', image, update_config: quick },
      { ...base, name: 'other' },
    ],
  });
  await ready('fresh');
  const [before, other] = [await engine.container('fresh-app'), await engine.container('fresh-other')];
  const update = { group: 'fresh', services: ['app'] };
  expect((await groups().update({ ...update, wait: true })).changed).toEqual([]);
  await push('2');
  expect((await groups().update({ ...update, dry_run: true })).changed).toEqual(['app']);
  expect((await engine.container('fresh-app'))?.Id).toBe(before?.Id);
  expect(await groups().update({ ...update, wait: true })).toMatchObject({
    state: 'succeeded',
    changed: ['app'],
  });
  expect(await envOf('fresh-app')).toContain('V=2');
  expect((await engine.container('fresh-other'))?.Id).toBe(other?.Id);
  expect((await groups().rollback({ group: 'fresh', release: 1, wait: true })).changed).toEqual(['app']);
  expect(await envOf('fresh-app')).toContain('V=1');
  const { failed, network_removed } = await groups().teardown({ group: 'fresh', wait: true, timeout: 0 });
  expect({ failed, network_removed }).toEqual({ failed: [], network_removed: true });
  expect((await engine.names()).filter((name) => name.startsWith('fresh'))).toEqual([]);
});

test('a group that entries declare follows them by releases, and what a call has deployed stays until its entry changes', async () => {
  const declare = (version: string) =>
    folder.write(
      'registry/_index.yaml',
      `namespace: deploys
entries:
  - name: front
    kind: registry.entry
    meta: { type: docker.container }
    group: site
    image: busybox:latest
    command: sleep 600
    stop_timeout: 0
    replicas: 2
    env: { VERSION: "${version}" }
    update_config: { parallelism: 0, monitor: 100ms }
  - name: back
    kind: registry.entry
    meta: { type: docker.container }
    group: site
    image: busybox:latest
    command: sleep 600
    stop_timeout: 0
`,
    );
  await declare('1');
  const { host } = await testEngine();
  await using other = await aFolder();
  await using berth = await createApp({
    engine: host,
    state: other.path,
    registry: `${folder.path}/registry`,
  });
  const site = berth.contract.open(groupsContract);
  await eventually(async () =>
    expect(await site.get({ group: 'site' })).toMatchObject({ ready: true, declared: true }),
  );
  const back = await engine.container('back');
  await site.deploy({ group: 'site', services: { back: { env: { CALLED: 'yes' } } }, wait: true });
  expect((await engine.container('back'))?.Id).not.toBe(back?.Id);
  await declare('2');
  await eventually(async () => {
    for (const name of ['front-1', 'front-2']) expect(await envOf(name)).toContain('VERSION=2');
    expect((await site.history({ group: 'site' })).deployments[0]).toMatchObject({
      kind: 'registry',
      state: 'succeeded',
    });
  });
  expect(await envOf('back')).toContain('CALLED=yes');
  expect((await engine.ask('GET', '/networks/site')).status).toBe(200);
  await folder.write('registry/_index.yaml', 'namespace: deploys\nentries: []\n');
  await eventually(async () => {
    expect((await engine.names()).filter((name) => /^(front|back)/.test(name))).toEqual([]);
    expect((await engine.ask('GET', '/networks/site')).status).toBe(404);
    expect((await site.list({})).groups).toEqual([]);
  });
});
