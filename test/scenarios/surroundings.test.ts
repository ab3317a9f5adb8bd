import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);

afterAll(async () => {
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test('networks and volumes are shown as the engine has them, ours as managed and those of others as not', async () => {
  const networks = app.contract.open('userspace.docker:networks');
  const volumes = app.contract.open('userspace.docker:volumes');
  const containers = app.contract.open('userspace.docker:containers');
  const labels = { look: 'surroundings' };
  await engine.ask('POST', '/networks/create', { Name: 'look-foreign', Internal: true, Labels: labels });
  await engine.ask('POST', '/volumes/create', { Name: 'look-foreign', Labels: labels });
  try {
    const { id } = await containers.create({
      image: 'busybox:latest',
      command: 'sleep 3600',
      stop_timeout: 1,
      network: 'look-ours',
      volumes: [{ name: 'look-ours', container: '/data' }],
    });
    await eventually(async () => expect((await containers.get({ id })).status).toBe('running'));

    const raw = (await engine.ask('GET', '/networks/look-ours')).body as {
      Id: string;
      Containers: Record<string, unknown>;
    };
    const ours = await networks.inspect({ network: 'look-ours' });
    expect(ours).toMatchObject({ id: raw.Id, driver: 'bridge', internal: false, managed: true });
    expect(ours.container_ids).toEqual(Object.keys(raw.Containers));
    expect(await networks.inspect({ network: raw.Id })).toEqual(ours);
    expect(await volumes.inspect({ volume: 'look-ours' })).toMatchObject({ driver: 'local', managed: true });

    const shown = await networks.list({ labels });
    expect(shown.networks).toMatchObject([{ name: 'look-foreign', internal: true, managed: false, labels }]);
    expect((await volumes.list({ labels })).volumes).toMatchObject([
      { name: 'look-foreign', driver: 'local', labels, managed: false },
    ]);
    const all = (await engine.ask('GET', '/networks')).body as { Id: string }[];
    const listed = await networks.list({});
    expect(listed.networks.map((one) => one.id).sort()).toEqual(all.map((one) => one.Id).sort());
    await containers.delete({ id });
    await eventually(async () => expect((await containers.get({ id })).status).toBe('removed'));
  } finally {
    await engine.ask('DELETE', '/networks/look-foreign');
    await engine.ask('DELETE', '/volumes/look-foreign');
    await engine.ask('DELETE', '/volumes/look-ours');
  }
}, 180_000);

test('a network or volume that is not there is not_found, and an unknown field is refused', async () => {
  const networks = app.contract.open('userspace.docker:networks');
  const volumes = app.contract.open('userspace.docker:volumes');
  await expect(networks.inspect({ network: 'look-absent' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(volumes.inspect({ volume: 'look-absent' })).rejects.toMatchObject({ code: 'not_found' });
  const more = { labels: {}, colour: 'red' };
  await expect(networks.list(more)).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(volumes.list(more)).rejects.toMatchObject({ code: 'invalid_input' });
}, 60_000);

test('version tells what the engine itself tells', async () => {
  const system = app.contract.open('userspace.docker:system');
  const { Version, Os, Arch } = (await engine.ask('GET', '/version')).body as Record<string, string>;
  expect(await system.version({})).toMatchObject({ engine: Version, os: Os, architecture: Arch });
  expect(await system.ping({})).toMatchObject({ healthy: true, message: 'OK' });
}, 60_000);

test('ping says that an engine is gone instead of throwing', async () => {
  await using own = await ownEngine({});
  await using state = await aFolder();
  const other = await createApp({ engine: own.host, state: state.path });
  try {
    const system = other.contract.open('userspace.docker:system');
    expect((await system.ping({})).healthy).toBe(true);
    await own.stop();
    const gone = await system.ping({});
    expect(gone.healthy).toBe(false);
    expect(gone.message).toContain('engine');
    expect(Date.parse(gone.checked_at)).not.toBeNaN();
    await expect(system.version({})).rejects.toMatchObject({ code: 'engine_unreachable' });
  } finally {
    await other.close();
  }
}, 180_000);
