import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { networks } from '../../contracts/networks.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const made: string[] = [];
const docker = () => app.contract.open(containers);
type Create = Parameters<ReturnType<typeof docker>['create']>[0];

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const id of made.toReversed()) await docker().delete({ id, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const aMade = async (given: Create): Promise<string> => {
  const { id } = await docker().create({ image: 'busybox:latest', stop_timeout: 0, ...given });
  made.push(id);
  return id;
};
const until = (id: string, status: string) =>
  eventually(async () => expect((await docker().get({ id })).status).toBe(status));
const theEngines = async (name: string): Promise<RawContainer> => {
  const seen = await engine.container(name);
  if (seen === undefined) throw new Error(`the engine has no ${name}`);
  return seen;
};
const lines = async (id: string): Promise<string[]> =>
  (await docker().logs({ id })).lines.map(({ line }) => line);

test('one of several networks gives it its address, all of them its names, and the others find it', async () => {
  const nets = app.contract.open(networks);
  await nets.create({ name: 'sl_static', ipam: { config: [{ subnet: '10.97.0.0/24' }] } });
  const joined = { sl_static: { ipv4_address: '10.97.0.9', aliases: ['nine'] }, sl_plain: {} };
  const id = await aMade({ name: 'sl_joined', networks: joined, command: 'sleep 600' });
  await until(id, 'running');
  const { Networks } = (await theEngines('sl_joined')).NetworkSettings;
  expect(Object.keys(Networks).toSorted()).toEqual(['sl_plain', 'sl_static']);
  expect(Networks['sl_static']).toMatchObject({ IPAddress: '10.97.0.9' });
  const asker = await aMade({ name: 'sl_asker', networks: ['sl_static'], command: 'ping -c 1 -W 5 nine' });
  await docker().wait({ id: asker });
  expect((await lines(asker)).join('\n')).toContain('10.97.0.9');
  // Taken off one of them, it joins again when it is looked at next.
  await engine.ask('POST', '/networks/sl_plain/disconnect', { Container: 'sl_joined', Force: true });
  await docker().restart({ id, wait: true });
  expect(Object.keys((await theEngines('sl_joined')).NetworkSettings.Networks)).toContain('sl_plain');
  await docker().delete({ id, wait: true });
  await docker().delete({ id: asker, wait: true });
  await nets.remove({ network: 'sl_static' });
});

test('one that shares another’s network waits for it, and is made anew after it', async () => {
  const guest = await aMade({ name: 'sl_guest', network_mode: 'container:sl_host', command: 'sleep 600' });
  await until(guest, 'waiting');
  const host = await aMade({ name: 'sl_host', command: 'sleep 600' });
  await until(guest, 'running');
  const before = await theEngines('sl_guest');
  await docker().create({
    image: 'busybox:latest',
    name: 'sl_host',
    command: 'sleep 601',
    if_exists: 'replace',
  });
  await eventually(async () => expect((await theEngines('sl_host')).Config.Cmd).toEqual(['sleep', '601']));
  await docker().start({ id: guest });
  await docker().restart({ id: guest, wait: true });
  const { Id } = await theEngines('sl_host');
  const after = await theEngines('sl_guest');
  expect(after.Id).not.toBe(before.Id);
  expect(after).toMatchObject({ HostConfig: { NetworkMode: `container:${Id}` } });
  await docker().delete({ id: guest, wait: true });
  await docker().delete({ id: host, wait: true });
});

test('a container of others is no peer, and a network of others only when that is said', async () => {
  const body = { Image: 'busybox:latest', Cmd: ['sleep', '600'] };
  await engine.ask('POST', '/containers/create?name=sl_foreign', body);
  await engine.ask('POST', '/networks/create', { Name: 'sl_theirs' });
  try {
    const refused = await aMade({ name: 'sl_sharer', network_mode: 'container:sl_foreign' });
    await until(refused, 'failed');
    expect((await docker().get({ id: refused })).reason?.code).toBe('not_ours');
    const clash = await aMade({ name: 'sl_clash', networks: ['sl_theirs'] });
    await until(clash, 'failed');
    expect((await docker().get({ id: clash })).reason?.code).toBe('name_conflict');
    const guest = await aMade({
      name: 'sl_theirs_too',
      networks: { sl_theirs: { external: true } },
      command: 'sleep 600',
    });
    await until(guest, 'running');
    expect(Object.keys((await theEngines('sl_theirs_too')).NetworkSettings.Networks)).toEqual(['sl_theirs']);
    await docker().delete({ id: guest, wait: true });
    expect((await engine.ask('GET', '/networks/sl_theirs')).status).toBe(200);
  } finally {
    await engine.ask('DELETE', '/containers/sl_foreign?force=1');
    await engine.ask('DELETE', '/networks/sl_theirs');
  }
});

test('auto_remove takes it away once it has ended, and its log stays', async () => {
  const id = await aMade({ name: 'sl_gone', command: 'echo last words', auto_remove: true });
  await until(id, 'removed');
  expect(await engine.container('sl_gone')).toBeUndefined();
  expect(await lines(id)).toEqual(['last words']);
  expect((await docker().get({ id })).exit_code).toBe(0);
});

test('an environment file is read, below what `env` says; one that is not there is a wrong input', async () => {
  const file = `${folder.path}/vars.env`;
  await writeFile(file, '# comment\nA=from file\nB="quoted value"\nexport C=3\n');
  const id = await aMade({ name: 'sl_env', env_file: file, env: { A: 'from call' }, start: false });
  await eventually(async () => expect(await engine.container('sl_env')).toBeDefined());
  const { Env } = (await theEngines('sl_env')).Config;
  expect(Env).toEqual(expect.arrayContaining(['A=from call', 'B=quoted value', 'C=3']));
  await docker().delete({ id, wait: true });
  const missing = await docker()
    .create({ image: 'busybox:latest', env_file: `${folder.path}/none.env` })
    .catch((error: unknown) => error);
  expect(isContractError(missing, 'invalid_input')).toBe(true);
});

test('pull_policy never makes no pull, and always one for each container', async () => {
  const never = await aMade({ name: 'sl_never', image: 'nowhere.test/none:1', pull_policy: 'never' });
  await until(never, 'failed');
  expect((await docker().get({ id: never })).reason?.code).toBe('image_not_found');
  const always = await aMade({ name: 'sl_always', pull_policy: 'always', command: 'true' });
  await docker().wait({ id: always });
  expect(await theEngines('sl_always')).toMatchObject({ State: { Status: 'exited', ExitCode: 0 } });
});
