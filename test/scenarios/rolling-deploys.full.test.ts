import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aPatientClient, aSlowServer } from '../support/a-slow-server.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

const CLIENTS = ['rolling_client_1', 'rolling_client_2', 'rolling_client_3'];
/** Requests that have to be made while it is deployed. */
const REQUESTS = 2000;

let folder: Folder;
let app: App;
let engine: RawEngine;
const groups = () => app.contract.open(groupsContract);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest', 'redis:7');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const client of CLIENTS) await engine.ask('DELETE', `/containers/${client}?force=1`);
  for (const { group } of (await groups().list({})).groups)
    await groups().teardown({ group, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

async function clientLogs(): Promise<readonly string[]> {
  const answers = CLIENTS.map((name) => engine.ask('GET', `/containers/${name}/logs?stdout=1&stderr=1`));
  return (await Promise.all(answers)).map(({ body }) => String(body).replaceAll('\r', ''));
}
const allSay = (text: string): Promise<void> =>
  eventually(async () => {
    for (const log of await clientLogs()) expect(log).toContain(text);
  });
const members = async (): Promise<readonly string[]> =>
  (await engine.names()).filter((name) => name.startsWith('rolling-')).toSorted();
const version = ({ command, health_check }: ReturnType<typeof aSlowServer>) => ({ command, health_check });

test('three start_first deploys in a row of two replicas fail no request of a client that tries each address; a broken one is taken back while the old one serves', {
  timeout: 600_000,
}, async () => {
  const update_config = { order: 'start_first', monitor: 1, drain: 2, timeout: 30 } as const;
  await app.contract.open(containers).compose({
    name: 'rolling',
    containers: [{ name: 'web', replicas: 2, update_config, ...aSlowServer('v0') }],
  });
  await eventually(async () => expect((await groups().status({ group: 'rolling' })).ready).toBe(true));
  const first = await engine.container('rolling-web-1');
  const network = Object.keys(first?.NetworkSettings.Networks ?? {})[0];
  for (const client of CLIENTS) {
    await engine.ask('POST', `/containers/create?name=${client}`, {
      Image: 'redis:7',
      Entrypoint: [],
      Cmd: aPatientClient('web'),
      Tty: true,
      HostConfig: { NetworkMode: network },
    });
    await engine.ask('POST', `/containers/${client}/start`);
  }
  await allSay('answered v0');

  for (const name of ['v1', 'v2', 'v3']) {
    const done = await groups().deploy({
      group: 'rolling',
      services: { web: version(aSlowServer(name)) },
      wait: true,
    });
    expect(done).toMatchObject({ state: 'succeeded', changed: ['web'] });
    await allSay(`answered ${name}`);
    // The old ones drain for a moment yet; nothing of them is left.
    await eventually(async () => expect(await members()).toEqual(['rolling-web-1', 'rolling-web-2']));
  }
  const before = await Promise.all((await members()).map((name) => engine.container(name)));

  const broken = groups().deploy({
    group: 'rolling',
    services: { web: version(aSlowServer('v4', { broken: true })) },
    wait: true,
  });
  await expect(broken).rejects.toSatisfy(
    (error: unknown) =>
      isContractError(error, 'deploy_failed') && /health check has failed/.test(error.message),
  );
  await eventually(async () => expect(await members()).toEqual(['rolling-web-1', 'rolling-web-2']));
  const after = await Promise.all((await members()).map((name) => engine.container(name)));
  expect(after.map((one) => [one?.Id, one?.State.StartedAt])).toEqual(
    before.map((one) => [one?.Id, one?.State.StartedAt]),
  );
  expect((await groups().status({ group: 'rolling' })).ready).toBe(true);

  await Promise.all(CLIENTS.map((client) => engine.ask('POST', `/containers/${client}/stop?t=10`)));
  const logs = await clientLogs();
  const said = logs.map((log) => /asked (\d+), failed (\d+)/.exec(log));
  expect(logs.join('')).not.toContain('answered v4');
  expect(said.map((one) => one?.[2])).toEqual(['0', '0', '0']);
  expect(said.reduce((sum, one) => sum + Number(one?.[1]), 0)).toBeGreaterThan(REQUESTS);
});
