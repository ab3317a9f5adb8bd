import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aBerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let host: string;
let engine: ReturnType<typeof rawEngine>;
const system = () => app.contract.open('userspace.docker:system');

beforeAll(async () => {
  const found = await testEngine();
  host = found.host;
  engine = rawEngine(found.socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);

afterAll(async () => {
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test('info, version and capabilities are what the engine itself says', async () => {
  const raw = (await engine.ask('GET', '/info')).body as Record<string, unknown>;
  expect(await system().info({})).toMatchObject({
    id: raw['ID'],
    engine: raw['ServerVersion'],
    cpus: raw['NCPU'],
    memory: raw['MemTotal'],
    storage_driver: raw['Driver'],
    limits: { memory: raw['MemoryLimit'], swap: raw['SwapLimit'], pids: raw['PidsLimit'] },
    registry_mirrors: ['http://127.0.0.1:5000/'],
  });
  const version = (await engine.ask('GET', '/version')).body as Record<string, string>;
  expect(await system().version({})).toMatchObject({
    api_newest: version['ApiVersion'],
    api_oldest: version['MinAPIVersion'],
    components: expect.arrayContaining([expect.objectContaining({ name: 'Engine' })]),
  });
  const { api, capabilities } = await system().capabilities({});
  const there = new Map(capabilities.map(({ name, available }) => [name, available]));
  const minor = Number(api.split('.')[1]);
  expect(there.get('volume_subpath')).toBe(minor >= 45);
  expect(there.get('health_start_interval')).toBe(minor >= 44);
  expect(there.get('swap_limit')).toBe(raw['SwapLimit']);
  expect(there.get('overlay_network')).toBe(false);
});

test('what is required and not there is one error that lists all of it', async () => {
  await expect(
    system().capabilities({ require: ['buildkit', 'overlay_network', 'gpus'] }),
  ).rejects.toMatchObject({
    code: 'unsupported',
    problems: [{ path: 'gpus' }, { path: 'overlay_network' }],
  });
  const containers = app.contract.open('userspace.docker:containers');
  const asking = { name: 'sys-odd', image: 'busybox:latest', runtime: 'nosuch', logging: { driver: 'odd' } };
  await expect(containers.create(asking)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/runtime: it has no nosuch .*logging.driver: it has no odd /),
  });
  await expect(containers.get({ id: 'sys-odd' })).rejects.toMatchObject({ code: 'not_found' });
  expect(await engine.names()).not.toContain('sys-odd');
  await expect(system().capabilities({ require: ['nonsense'] })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('df counts what the engine counts, and knows what is ours', async () => {
  const volumes = app.contract.open('userspace.docker:volumes');
  await volumes.create({ name: 'sys-df' });
  try {
    const raw = (await engine.ask('GET', '/system/df')).body as {
      LayersSize: number;
      Images: object[];
      Volumes: { Name: string }[];
    };
    const seen = await system().df({ details: true });
    expect(seen).toMatchObject({
      layers_size: raw.LayersSize,
      image: { count: raw.Images.length },
      volume: { count: raw.Volumes.length },
    });
    expect(seen.items).toContainEqual({
      ...{ kind: 'volume', id: 'sys-df', name: 'sys-df', size: 0, in_use: false, managed: true },
    });
    expect((await system().df({})).items).toBeUndefined();
  } finally {
    await volumes.remove({ volume: 'sys-df' });
  }
});

test('past events are answered, filtered', async () => {
  await engine.ask('POST', '/volumes/create', { Name: 'sys-past' });
  await engine.ask('DELETE', '/volumes/sys-past');
  const { events } = await system().events({
    type: 'volume',
    action: ['create', 'destroy'],
    volume: 'sys-past',
  });
  expect(events.map(({ object, action, engine_id }) => [object, action, engine_id])).toEqual([
    ['volume', 'create', 'sys-past'],
    ['volume', 'destroy', 'sys-past'],
  ]);
  const since = events[1]?.ts ?? '';
  expect((await system().events({ type: 'volume', volume: 'sys-past', since })).events).toHaveLength(1);
  expect(
    (await system().events({ type: 'volume', volume: 'sys-past', since: '5m' })).events.length,
  ).toBeGreaterThan(0);
  await expect(system().events({ since: 'yesterday' })).rejects.toMatchObject({ code: 'invalid_input' });
});

test('events come to their target as they happen, over a restart of the engine, until they are stopped', async () => {
  await using own = await ownEngine({});
  await using state = await aFolder();
  const other = await createApp({ engine: own.host, state: state.path });
  const told: BerthEvent[] = [];
  const caller = new AbortController();
  try {
    const system = other.contract.open('userspace.docker:system');
    const target = { reply_to: other.process.self(), topic: 'engine.volumes' };
    const { operation_id = '' } = await system.events({
      type: 'volume',
      action: ['create', 'destroy'],
      stream: { topic: target.topic },
    });
    const listening = (async () => {
      for await (const batch of other.listen({ ...target, from_seq: 1 }, caller.signal)) told.push(...batch);
    })();
    const names = () =>
      told.flatMap((event) => (event.type === 'engine' ? `${event.action} ${event.engine_id}` : []));
    const raw = rawEngine(own.socket_path);
    await raw.ask('POST', '/volumes/create', { Name: 'sys-one' });
    await eventually(() => expect(names()).toEqual(['create sys-one']));
    await own.stop();
    await own.start();
    await eventually(() => expect(told).toContainEqual(expect.objectContaining({ type: 'gap' })));
    await raw.ask('POST', '/volumes/create', { Name: 'sys-two' });
    await eventually(() => expect(names()).toEqual(['create sys-one', 'create sys-two']));
    expect(await system.stop_operation({ operation_id })).toEqual({ stopped: true });
    await eventually(() =>
      expect(told.at(-1)).toMatchObject({ type: 'done', operation_id, outcome: 'ended' }),
    );
    expect(await system.stop_operation({ operation_id })).toEqual({ stopped: false });
    await raw.ask('DELETE', '/volumes/sys-one');
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, at) => at + 1));
    caller.abort();
    await listening;
  } finally {
    await other.close();
  }
}, 180_000);

test('health tells of the daemon’s parts, and what is wrong with which', async () => {
  await using own = await ownEngine({});
  await using berth = await aBerthFolder(own.host);
  const alone = await berth.run('system', 'health', '--json');
  expect(alone.code).toBe(7);
  await berth.write('_index.yaml', 'namespace: sys\nentries: []\n');
  const up = await berth.up('--workers', '2');
  const health = async () => {
    const { code, out } = await berth.run('system', 'health', '--json');
    return { code, ...JSON.parse(out) };
  };
  await eventually(async () =>
    expect(await health()).toMatchObject({ code: 0, healthy: true, problems: [] }),
  );
  const { workers } = await health();
  expect(workers.pids).toHaveLength(2);
  for (const pid of workers.pids) expect(() => process.kill(pid, 0)).not.toThrow();
  await own.freeze();
  const late = JSON.parse((await berth.run('system', 'ping', '--json')).out);
  expect(late).toMatchObject({ healthy: false, message: 'the engine did not answer within 3 s' });
  own.thaw();
  await own.stop();
  await eventually(async () =>
    expect(await health()).toMatchObject({
      ...{ code: 1, healthy: false, engine: { ok: false }, database: { ok: true }, journal: { ok: true } },
      problems: [expect.stringMatching(/^engine: /)],
    }),
  );
  up.kill('SIGTERM');
  await up.ended;
}, 180_000);

test('ping, version, info and capabilities work where there is no Berth, and say so when there is no engine', async () => {
  const nowhere = await mkdtemp(join(tmpdir(), 'berth-'));
  await using berth = await aBerthFolder(host);
  try {
    const at = ['--state', join(nowhere, 'none')];
    expect(await berth.run('system', 'ping', ...at)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^OK /),
    });
    const version = JSON.parse((await berth.run('system', 'version', '--json', ...at)).out);
    expect(version.engine).toBe(((await engine.ask('GET', '/version')).body as { Version: string }).Version);
    expect((await berth.run('system', 'info', ...at)).out).toMatch(/^engine +\d+\./m);
    expect((await berth.run('system', 'capabilities', ...at)).out).toContain('buildkit');
    const gone = await berth.run(
      'system',
      'ping',
      '--json',
      '--engine',
      `unix://${nowhere}/none.sock`,
      ...at,
    );
    expect(gone.code).toBe(6);
    expect(JSON.parse(gone.out)).toMatchObject({ healthy: false });
    expect((await berth.run('system', 'df', ...at)).code).toBe(7);
  } finally {
    await rm(nowhere, { recursive: true, force: true });
  }
}, 120_000);

test('the command line prints events as they come until it is interrupted', async () => {
  await using berth = await aBerthFolder(host);
  await berth.write('_index.yaml', 'namespace: sys\nentries: []\n');
  const up = await berth.up();
  const following = berth.start('system', 'events', '--type', 'volume', '--json');
  try {
    await eventually(async () => {
      await engine.ask('POST', '/volumes/create', { Name: 'sys-cli' });
      await engine.ask('DELETE', '/volumes/sys-cli');
      expect(following.written.out).toContain('"engine_id":"sys-cli"');
    });
    following.kill('SIGINT');
    expect(await following.ended).toBe(0);
    expect((await berth.run('system', 'events', '--no-follow', '--type', 'volume')).out).toContain(
      'volume create sys-cli',
    );
    expect((await berth.run('system', 'df', '-v')).out).toMatch(/^TYPE +COUNT/);
  } finally {
    up.kill('SIGTERM');
    await up.ended;
  }
}, 120_000);
