import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

interface RawVolume {
  readonly Driver: string;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Labels: Readonly<Record<string, string>>;
}

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const volumes = () => app.contract.open('userspace.docker:volumes');
const raw = async (name: string): Promise<RawVolume | undefined> => {
  const { status, body } = await engine.ask('GET', `/volumes/${name}`);
  return status === 200 ? (body as RawVolume) : undefined;
};

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);

afterAll(async () => {
  await volumes().prune({ all: true });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test('a volume is made as asked, once, however often and by how many at once it is asked for', async () => {
  const wanted = {
    name: 'vols-scratch',
    options: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' },
    labels: { tier: 'back' },
  };
  const answers = await Promise.all(Array.from({ length: 4 }, () => volumes().create(wanted)));
  expect(answers.filter(({ created }) => created)).toHaveLength(1);
  expect(await volumes().create({ ...wanted, driver: 'local' })).toMatchObject({
    created: false,
    managed: true,
  });
  const seen = await raw('vols-scratch');
  expect(seen).toMatchObject({ Driver: 'local', Options: wanted.options });
  expect(seen?.Labels['tier']).toBe('back');
  expect((await volumes().list({ name: 'scratch', managed: true, dangling: true })).volumes).toMatchObject([
    { name: 'vols-scratch', options: wanted.options },
  ]);
  expect(await volumes().inspect({ volume: 'vols-scratch' })).toMatchObject({ options: wanted.options });
  // No value of an option stands in a label.
  expect(JSON.stringify(seen?.Labels)).not.toContain('size=1m');
}, 120_000);

test('another request for a name, or somebody else’s volume, is name_conflict, though the engine says yes to both', async () => {
  await volumes().create({ name: 'vols-same', labels: { a: '1' } });
  const before = await raw('vols-same');
  const other = volumes().create({ name: 'vols-same', labels: { a: '2' }, options: { o: 'size=1m' } });
  await expect(other).rejects.toMatchObject({
    code: 'name_conflict',
    details: { ours: true, fields: 'options labels.a' },
  });
  expect(await raw('vols-same')).toEqual(before);
  await engine.ask('POST', '/volumes/create', { Name: 'vols-foreign' });
  try {
    const foreign = await raw('vols-foreign');
    await expect(volumes().create({ name: 'vols-foreign' })).rejects.toMatchObject({
      code: 'name_conflict',
      details: { ours: false },
    });
    await expect(volumes().remove({ volume: 'vols-foreign' })).rejects.toMatchObject({ code: 'not_ours' });
    expect(await raw('vols-foreign')).toEqual(foreign);
  } finally {
    await engine.ask('DELETE', '/volumes/vols-foreign');
  }
  await expect(volumes().create({ name: 'vols-odd', driver: 'nosuch' })).rejects.toMatchObject({
    code: 'unsupported',
  });
}, 120_000);

test('a volume in use is not removed; a prune removes what is ours and unused, and nothing else', async () => {
  const containers = app.contract.open('userspace.docker:containers');
  await engine.ask('POST', '/volumes/create', { Name: 'vols-prune-foreign', Labels: { tier: 'prune' } });
  await volumes().create({ name: 'vols-used' });
  for (const name of ['vols-prune-a', 'vols-prune-b'])
    await volumes().create({ name, labels: { tier: 'prune' } });
  const { id } = await containers.create({
    ...{ image: 'busybox:latest', name: 'vols-user', command: 'true' },
    volumes: [{ name: 'vols-used', container: '/data' }],
  });
  await eventually(async () => expect((await containers.get({ id })).status).toBe('stopped'));
  try {
    await expect(volumes().remove({ volume: 'vols-used' })).rejects.toMatchObject({ code: 'wrong_state' });
    expect((await volumes().list({ dangling: false, name: 'vols-' })).volumes).toMatchObject([
      { name: 'vols-used' },
    ]);
    expect((await volumes().prune({ labels: { tier: 'prune' } })).removed).toEqual([]);
    expect(await raw('vols-prune-a')).toBeDefined();
    const dry = await volumes().prune({ all: true, labels: { tier: 'prune' }, dry_run: true });
    expect(dry.removed.map(({ name }) => name).toSorted()).toEqual(['vols-prune-a', 'vols-prune-b']);
    expect(await volumes().prune({ all: true, labels: { tier: 'prune' } })).toEqual(dry);
    await volumes().prune({ all: true });
    expect(await raw('vols-prune-b')).toBeUndefined();
    expect(await raw('vols-prune-foreign')).toBeDefined();
    expect(await raw('vols-used')).toBeDefined();
    await containers.delete({ id, wait: true });
    expect(await volumes().remove({ volume: 'vols-used' })).toMatchObject({ removed: true });
    expect(await volumes().remove({ volume: 'vols-used' })).toMatchObject({ removed: false });
    expect(await raw('vols-used')).toBeUndefined();
  } finally {
    await engine.ask('DELETE', '/volumes/vols-prune-foreign');
  }
}, 120_000);
