import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
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
  await groups().teardown({ group: 'ill', wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

test('a member that turns unhealthy takes its group back to the release in which it was well, and no further', async () => {
  await docker().compose({
    name: 'ill',
    containers: [
      {
        ...{ name: 'web', image: 'busybox:latest', stop_timeout: 0, env: { VERSION: '1' } },
        command: ['sh', '-c', 'touch /tmp/well; sleep 600'],
        health_check: { test: 'test -e /tmp/well', interval: '1s', retries: 1 },
        on_unhealthy: 'rollback',
        update_config: { monitor: '1s' },
      },
      { name: 'other', image: 'busybox:latest', command: 'sleep 600', stop_timeout: 0 },
    ],
  });
  await eventually(async () => expect((await groups().get({ group: 'ill' })).ready).toBe(true));
  const other = await engine.container('ill-other');
  await groups().deploy({ group: 'ill', services: { web: { env: { VERSION: '2' } } }, wait: true });
  const spoil = () => docker().exec({ id: 'ill-web', command: 'rm /tmp/well' });
  await spoil();
  await eventually(async () => {
    const { release, deployments } = await groups().history({ group: 'ill' });
    expect([release, deployments[0]]).toMatchObject([
      1,
      { kind: 'rollback', state: 'succeeded', by: 'on_unhealthy of ill-web' },
    ]);
  });
  expect((await engine.container('ill-web'))?.Config.Env).toContain('VERSION=1');
  expect((await engine.container('ill-other'))?.Id).toBe(other?.Id);
  await spoil();
  await eventually(async () =>
    expect((await groups().status({ group: 'ill' })).members[1]?.health).toBe('unhealthy'),
  );
  expect((await groups().history({ group: 'ill' })).deployments).toHaveLength(2);
});
