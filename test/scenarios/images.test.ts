import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { makeImage } from '../support/a-made-image.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

interface RawImage {
  readonly Id: string;
  readonly RepoTags: readonly string[];
}

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const images = () => app.contract.open('userspace.docker:images');
const raw = async (name: string): Promise<RawImage | undefined> => {
  const { status, body } = await engine.ask('GET', `/images/${name}/json`);
  return status === 200 ? (body as RawImage) : undefined;
};

const anImage = (name: string, ...changes: string[]) => makeImage(engine, name, changes);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);

afterAll(async () => {
  await images().prune({ all: true, labels: { 'berth-test': 'images' } });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test('images are listed by what is asked for, shown in full, and their history told', async () => {
  await anImage(
    'imgs/one:1',
    'LABEL berth-test=images which=one',
    'ENV A=b=c EMPTY=',
    'CMD ["sh", "-c", "true"]',
    'EXPOSE 80 53/udp',
    'VOLUME /data',
    'USER 7:8',
    'WORKDIR /w',
  );
  await anImage('imgs/two:1', 'LABEL berth-test=images which=two');
  const names = async (filter: Parameters<ReturnType<typeof images>['list']>[0]) =>
    (await images().list(filter)).images.flatMap(({ tags }) => tags).toSorted();
  expect(await names({ labels: { 'berth-test': 'images' } })).toEqual(['imgs/one:1', 'imgs/two:1']);
  expect(await names({ labels: { which: 'one', 'berth-test': '' } })).toEqual(['imgs/one:1']);
  expect(await names({ reference: 'imgs/*:1', before: 'imgs/two:1' })).toEqual(['imgs/one:1']);
  expect(await names({ reference: ['imgs/two', 'imgs/one'], dangling: false })).toEqual(
    await names({ reference: 'imgs/*' }),
  );
  await expect(images().list({ since: 'imgs/none:1' })).rejects.toMatchObject({ code: 'image_not_found' });
  const shown = await images().inspect({ image: 'imgs/one:1' });
  expect(shown).toMatchObject({
    ...{ id: (await raw('imgs/one:1'))?.Id, tags: ['imgs/one:1'], labels: { which: 'one' } },
    ...{ env: { A: 'b=c', EMPTY: '' }, command: ['sh', '-c', 'true'], user: '7:8', work_dir: '/w' },
    ...{ volumes: ['/data'], os: 'linux' },
  });
  expect(shown.ports.toSorted()).toEqual(['53/udp', '80/tcp']);
  expect(shown.layers).toHaveLength(1);
  const { history } = await images().history({ image: 'imgs/one:1' });
  expect(history).toMatchObject([{ comment: expect.stringContaining('mported from'), tags: ['imgs/one:1'] }]);
  await expect(images().inspect({ image: 'imgs/none:1' })).rejects.toMatchObject({ code: 'image_not_found' });
  await expect(images().history({ image: 'imgs/none:1' })).rejects.toMatchObject({ code: 'image_not_found' });
  await expect(images().inspect({ image: 'Not A Name' })).rejects.toMatchObject({ code: 'invalid_input' });
}, 60_000);

test('an image has as many names as it is given, and goes with its last one', async () => {
  await anImage('imgs/named:1', 'LABEL berth-test=images');
  const before = await raw('imgs/named:1');
  expect(await images().tag({ image: 'imgs/named:1', target: 'localhost:5000/imgs/named' })).toEqual({
    id: before?.Id,
    target: 'localhost:5000/imgs/named:latest',
  });
  expect((await raw('localhost:5000/imgs/named:latest'))?.Id).toBe(before?.Id);
  await expect(images().tag({ image: 'imgs/none', target: 'imgs/other' })).rejects.toMatchObject({
    code: 'image_not_found',
  });
  expect(await images().delete({ image: 'imgs/named:1' })).toMatchObject({
    removed: true,
    untagged: ['imgs/named:1'],
    deleted: [],
  });
  expect(await raw('imgs/named:1')).toBeUndefined();
  await engine.ask('POST', '/containers/create?name=imgs_user', {
    Image: 'localhost:5000/imgs/named',
    Cmd: ['x'],
  });
  try {
    const used = images().delete({ image: 'localhost:5000/imgs/named' });
    await expect(used).rejects.toMatchObject({ code: 'wrong_state' });
    const { removed } = await images().prune({ all: true, reference: ['localhost:5000/imgs/*'] });
    expect(removed).toEqual([]);
  } finally {
    await engine.ask('DELETE', '/containers/imgs_user');
  }
  expect(await images().delete({ image: 'localhost:5000/imgs/named' })).toMatchObject({
    removed: true,
    deleted: expect.arrayContaining([before?.Id]),
  });
  expect(await images().delete({ image: 'localhost:5000/imgs/named' })).toMatchObject({ removed: false });
  expect(await raw(before?.Id ?? '')).toBeUndefined();
}, 60_000);

test('a prune takes what its filters name and nothing uses, and first only says so', async () => {
  await anImage('imgs/prune-a:1', 'LABEL berth-test=images of=prune');
  await anImage('imgs/prune-b:1', 'LABEL berth-test=images of=prune');
  await anImage('imgs/kept:1', 'LABEL berth-test=images of=others');
  const labels = { of: 'prune' };
  expect((await images().prune({ labels })).removed).toEqual([]);
  expect((await images().prune({ all: true, labels, older_than: '1h' })).removed).toEqual([]);
  const dry = await images().prune({ all: true, labels, dry_run: true });
  expect(dry.removed.map(({ name }) => name).toSorted()).toEqual(['imgs/prune-a:1', 'imgs/prune-b:1']);
  expect(await raw('imgs/prune-a:1')).toBeDefined();
  expect(await images().prune({ all: true, labels })).toEqual(dry);
  expect(await raw('imgs/prune-a:1')).toBeUndefined();
  expect(await raw('imgs/prune-b:1')).toBeUndefined();
  expect(await raw('imgs/kept:1')).toBeDefined();
}, 60_000);
