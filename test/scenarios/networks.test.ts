import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

interface RawNetwork {
  readonly Id: string;
  readonly Internal: boolean;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string; readonly Gateway?: string }[] };
  readonly Containers: Readonly<Record<string, { readonly IPv4Address: string }>>;
}

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const networks = () => app.contract.open('userspace.docker:networks');
const containers = () => app.contract.open('userspace.docker:containers');
const raw = async (name: string): Promise<RawNetwork | undefined> => {
  const { status, body } = await engine.ask('GET', `/networks/${name}`);
  return status === 200 ? (body as RawNetwork) : undefined;
};
const running = async (name: string, more: object = {}): Promise<string> => {
  const { id } = await containers().create({
    ...{ image: 'busybox:latest', name, command: 'sleep 3600', stop_timeout: 1 },
    ...more,
  });
  await eventually(async () => expect((await containers().get({ id })).status).toBe('running'));
  return id;
};

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);

afterAll(async () => {
  for (const { id } of (await containers().list({})).containers)
    await containers().delete({ id, wait: true });
  await networks().prune({});
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test('a network is made as asked, once, however often and by how many at once it is asked for', async () => {
  const wanted = {
    name: 'nets-lan',
    internal: true,
    options: { 'com.docker.network.driver.mtu': 1400 },
    ipam: { config: [{ subnet: '10.97.0.0/24', gateway: '10.97.0.1', ip_range: '10.97.0.128/25' }] },
    labels: { tier: 'back' },
  };
  const answers = await Promise.all(Array.from({ length: 4 }, () => networks().create(wanted)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(answers.filter(({ created }) => created)).toHaveLength(1);
  expect(await networks().create({ ...wanted, driver: 'bridge' })).toMatchObject({ created: false });
  const seen = await raw('nets-lan');
  expect(seen).toMatchObject({
    Id: answers[0]?.id,
    Internal: true,
    Options: { 'com.docker.network.driver.mtu': '1400' },
    IPAM: { Config: [{ Subnet: '10.97.0.0/24', Gateway: '10.97.0.1', IPRange: '10.97.0.128/25' }] },
  });
  expect(seen?.Labels['tier']).toBe('back');
  const all = (await engine.ask('GET', '/networks?filters={"name":["nets-lan"]}')).body as object[];
  expect(all).toHaveLength(1);
  const shown = await networks().list({ name: 'lan', type: 'custom', driver: 'bridge', managed: true });
  expect(shown.networks).toMatchObject([{ name: 'nets-lan', internal: true, managed: true }]);
  expect((await networks().list({ id: seen?.Id.slice(0, 12) ?? '' })).networks).toHaveLength(1);
  expect((await networks().list({ type: 'builtin' })).networks.map(({ name }) => name)).toEqual([
    'bridge',
    'host',
    'none',
  ]);
}, 120_000);

test('another request for a name, or somebody else’s network, is name_conflict, and nothing is touched', async () => {
  await networks().create({ name: 'nets-same', labels: { a: '1' } });
  const before = await raw('nets-same');
  const conflict = async (more: object, ...fields: readonly string[]): Promise<void> =>
    expect(networks().create({ name: 'nets-same', labels: { a: '1' }, ...more })).rejects.toMatchObject({
      code: 'name_conflict',
      details: { ours: true, fields: fields.join(' ') },
    });
  await conflict({ internal: true }, 'internal');
  await conflict({ labels: { a: '2', b: '' } }, 'labels.a', 'labels.b');
  await conflict({ ipam: { config: [{ subnet: '10.98.0.0/24' }] } }, 'ipam');
  expect(await raw('nets-same')).toEqual(before);
  await engine.ask('POST', '/networks/create', { Name: 'nets-foreign' });
  try {
    const foreign = await raw('nets-foreign');
    await expect(networks().create({ name: 'nets-foreign' })).rejects.toMatchObject({
      code: 'name_conflict',
      details: { ours: false, id: foreign?.Id },
    });
    await expect(networks().remove({ network: 'nets-foreign' })).rejects.toMatchObject({ code: 'not_ours' });
    expect(await raw('nets-foreign')).toEqual(foreign);
  } finally {
    await engine.ask('DELETE', '/networks/nets-foreign');
  }
}, 120_000);

test('a driver that the engine has not is unsupported, and addresses that overlap are refused', async () => {
  await networks().create({ name: 'nets-first', ipam: { config: [{ subnet: '10.96.0.0/24' }] } });
  await expect(networks().create({ name: 'nets-odd', driver: 'overlay' })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('swarm'),
  });
  await expect(networks().create({ name: 'nets-odd', driver: 'nosuch' })).rejects.toMatchObject({
    code: 'unsupported',
  });
  await expect(
    networks().create({ name: 'nets-overlap', ipam: { config: [{ subnet: '10.96.0.0/25' }] } }),
  ).rejects.toMatchObject({ code: 'engine_refused' });
  expect(await raw('nets-overlap')).toBeUndefined();
}, 120_000);

test('a container of ours joins a network with its aliases at its address, stays on it, and leaves it', async () => {
  const id = await running('nets-joiner', { network: 'nets-own' });
  await networks().create({ name: 'nets-second', ipam: { config: [{ subnet: '10.95.0.0/24' }] } });
  const joining = { network: 'nets-second', container: id, aliases: ['cache'], ipv4_address: '10.95.0.77' };
  expect(await networks().connect(joining)).toMatchObject({ connected: true, container_id: id });
  const engine_id = (await engine.container('nets-joiner'))?.Id ?? '';
  expect((await raw('nets-second'))?.Containers[engine_id]?.IPv4Address).toBe('10.95.0.77/24');
  expect((await networks().inspect({ network: 'nets-second' })).members).toMatchObject([
    { container_id: engine_id, name: 'nets-joiner', ipv4: '10.95.0.77/24' },
  ]);
  expect(await networks().connect(joining)).toMatchObject({ connected: false });
  await expect(networks().connect({ ...joining, aliases: ['other'] })).rejects.toMatchObject({
    code: 'wrong_state',
  });
  const second = await running('nets-joiner2');
  await expect(networks().connect({ ...joining, container: second })).rejects.toMatchObject({
    code: 'engine_refused',
  });
  await expect(networks().remove({ network: 'nets-second' })).rejects.toMatchObject({
    code: 'wrong_state',
    message: expect.stringContaining('nets-joiner'),
  });
  // A look at it by a worker leaves it where it is.
  await containers().restart({ id, wait: true });
  expect((await raw('nets-second'))?.Containers[engine_id]?.IPv4Address).toBe('10.95.0.77/24');
  // Nor does its end on the engine, after which it is made anew.
  await engine.ask('DELETE', `/containers/${engine_id}?force=1`);
  await eventually(async () => {
    const anew = await engine.container('nets-joiner');
    expect(anew?.Id).not.toBe(engine_id);
    expect((await raw('nets-second'))?.Containers[anew?.Id ?? '']?.IPv4Address).toBe('10.95.0.77/24');
    expect(anew?.NetworkSettings.Networks['nets-second']?.Aliases).toContain('cache');
  });
  await eventually(async () => expect((await containers().get({ id })).status).toBe('running'));
  await expect(networks().disconnect({ network: 'nets-own', container: id })).rejects.toMatchObject({
    code: 'wrong_state',
  });
  const leaving = { network: 'nets-second', container: 'nets-joiner', force: false };
  expect(await networks().disconnect(leaving)).toMatchObject({ disconnected: true });
  expect(await networks().disconnect(leaving)).toMatchObject({ disconnected: false });
  expect(Object.keys((await raw('nets-second'))?.Containers ?? {})).toEqual([]);
  expect(await networks().remove({ network: 'nets-second' })).toEqual({
    network: 'nets-second',
    removed: true,
  });
  expect(await networks().remove({ network: 'nets-second' })).toMatchObject({ removed: false });
  expect(await raw('nets-second')).toBeUndefined();
}, 180_000);

test('whoever is somebody else’s is not connected, and somebody else’s network is joined only when that is said', async () => {
  const id = await running('nets-mine');
  await engine.ask('POST', '/containers/create?name=nets-theirs', { Image: 'busybox:latest', Cmd: ['true'] });
  await engine.ask('POST', '/networks/create', { Name: 'nets-external' });
  try {
    await networks().create({ name: 'nets-ours' });
    await expect(
      networks().connect({ network: 'nets-ours', container: 'nets-theirs' }),
    ).rejects.toMatchObject({
      code: 'not_ours',
    });
    const joining = { network: 'nets-external', container: id };
    await expect(networks().connect(joining)).rejects.toMatchObject({ code: 'not_ours' });
    expect(await networks().connect({ ...joining, external: true })).toMatchObject({ connected: true });
    expect(Object.keys((await raw('nets-external'))?.Containers ?? {})).toHaveLength(1);
    await networks().disconnect(joining);
    await expect(networks().connect({ network: 'nets-absent', container: id })).rejects.toMatchObject({
      code: 'not_found',
    });
  } finally {
    await engine.ask('DELETE', '/containers/nets-theirs?force=1');
    await engine.ask('DELETE', '/networks/nets-external');
  }
}, 120_000);

test('a container on its way out joins nothing, and one that is at another IPv6 address is told so', async () => {
  const id = await running('nets-six');
  const config = [{ subnet: '10.91.0.0/24' }, { subnet: 'fd00:91::/64' }];
  await networks().create({ name: 'nets-six', ipv6: true, ipam: { config } });
  const joining = { network: 'nets-six', container: id, ipv6_address: 'fd00:91::77' };
  expect(await networks().connect(joining)).toMatchObject({ connected: true });
  expect((await networks().inspect({ network: 'nets-six' })).members).toMatchObject([
    { ipv6: 'fd00:91::77/64' },
  ]);
  expect(await networks().connect(joining)).toMatchObject({ connected: false });
  await expect(networks().connect({ ...joining, ipv6_address: 'fd00:91::78' })).rejects.toMatchObject({
    code: 'wrong_state',
    message: expect.stringContaining('fd00:91::77'),
  });
  expect(Object.keys((await raw('nets-six'))?.Containers ?? {})).toHaveLength(1);
  await containers().delete({ id, wait: true });
  await expect(networks().connect({ ...joining, container: id })).rejects.toMatchObject({
    code: 'wrong_state',
  });
}, 120_000);

test('a prune removes what is ours and unused, and nothing else', async () => {
  await engine.ask('POST', '/networks/create', { Name: 'nets-prune-foreign', Labels: { tier: 'prune' } });
  const id = await running('nets-user', { network: 'nets-prune-used' });
  await containers().stop({ id, wait: true });
  for (const name of ['nets-prune-a', 'nets-prune-b'])
    await networks().create({ name, labels: { tier: 'prune' } });
  try {
    const dry = await networks().prune({ labels: { tier: 'prune' }, dry_run: true });
    expect(dry.removed.map(({ name }) => name).toSorted()).toEqual(['nets-prune-a', 'nets-prune-b']);
    expect(await raw('nets-prune-a')).toBeDefined();
    expect(await networks().prune({ labels: { tier: 'prune' } })).toEqual(dry);
    await networks().prune({});
    expect(await raw('nets-prune-a')).toBeUndefined();
    expect(await raw('nets-prune-foreign')).toBeDefined();
    expect(await raw('nets-prune-used')).toBeDefined();
  } finally {
    await engine.ask('DELETE', '/networks/nets-prune-foreign');
  }
}, 120_000);
