import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';
import { ROLLING_CLIENT, ROLLING_SERVER } from '../support/rolling-server.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const docker = () => app.contract.open(containers);
const groups = () => app.contract.open(groupsContract);
const CLIENTS = 4;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('nginx:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);
afterAll(async () => {
  for (const group of ['asking', 'roll']) await groups().teardown({ group, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

const linesOf = async (id: string): Promise<readonly string[]> =>
  (await docker().logs({ id, tail: 1000, limit: 1000 })).lines.map(({ line }) => line);
const deploy = (version: string, broken = '') =>
  groups().deploy({
    group: 'roll',
    services: { web: { env: { VERSION: version, ...(broken && { BROKEN: broken }) } } },
    wait: true,
  });

test('three deploys in a row that start the new one first, and two broken ones, fail no request', {
  timeout: 400_000,
}, async () => {
  await docker().compose({
    name: 'roll',
    containers: [
      {
        name: 'web',
        image: 'nginx:latest',
        args: [...ROLLING_SERVER],
        env: { VERSION: 'v1' },
        replicas: 2,
        stop_timeout: 20,
        probes: { ready: { http: { port: 8080 }, interval: '500ms', failures: 1 } },
        update_config: { order: 'start_first', monitor: '1s', drain: '2s', timeout: '20s' },
      },
    ],
  });
  await eventually(async () => expect((await groups().get({ group: 'roll' })).ready).toBe(true));
  const old = await engine.container('roll-web-1');
  await docker().compose({
    name: 'asking',
    network: 'roll',
    containers: Array.from({ length: CLIENTS }, (_, index) => ({
      ...{ name: `c${index}`, image: 'nginx:latest', args: [...ROLLING_CLIENT], stop_signal: 'SIGTERM' },
    })),
  });
  await eventually(async () => expect(await linesOf('asking-c0')).toContain('first of v1'));
  for (const version of ['v2', 'v3', 'v4'])
    expect(await deploy(version)).toMatchObject({ state: 'succeeded' });
  const good = await engine.container('roll-web-1');
  expect(good?.Id).not.toBe(old?.Id);
  // One that ends, and one that is never ready.
  for (const broken of ['exits', 'answers 500'])
    await expect(deploy('v5', broken)).rejects.toSatisfy(
      (error: unknown) =>
        isContractError(error, 'deploy_failed') && error.details?.['state'] === 'rolled_back',
    );
  const after = await engine.container('roll-web-1');
  expect([after?.Id, after?.State.StartedAt]).toEqual([good?.Id, good?.State.StartedAt]);
  await groups().stop({ group: 'asking', wait: true });
  let asked = 0;
  for (let index = 0; index < CLIENTS; index++) {
    const lines = await linesOf(`asking-c${index}`);
    expect(lines.filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(lines).toEqual(expect.arrayContaining(['first of v2', 'first of v3', 'first of v4']));
    asked += Number(/^asked (\d+)/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
  }
  expect(asked).toBeGreaterThanOrEqual(2000);
  expect((await engine.names()).filter((name) => name.startsWith('roll-')).toSorted()).toEqual([
    'roll-web-1',
    'roll-web-2',
  ]);
});
