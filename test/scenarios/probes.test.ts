import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerView } from '../../contracts/container-view.ts';
import { containers } from '../../contracts/containers.ts';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { makeBareServer } from '../support/a-bare-server.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually as within } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const BARE = 'berth-test/bare:latest';
let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const made: string[] = [];
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => within(check, 20_000);
const docker = () => app.contract.open(containers);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await makeBareServer(engine, socket_path, BARE);
  folder = await aFolder();
  const config = { ...readConfig(), probe_image: 'busybox:latest' };
  app = await createApp({ engine: host, state: folder.path, config });
});
afterAll(async () => {
  await Promise.all(made.map((id) => docker().delete({ id, wait: true, timeout: 0 })));
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const make = async (name: string, spec: object): Promise<string> => {
  const { id } = await docker().create({ image: 'busybox:latest', name, stop_timeout: 0, ...spec });
  made.push(id);
  return id;
};
const until = (id: string, check: (view: ContainerView) => void): Promise<ContainerView> =>
  eventually(async () => {
    const view = await docker().get({ id });
    check(view);
    return view;
  });
const readyUntil = (id: string, ready: boolean) => until(id, (view) => expect(view.ready).toBe(ready));
const quick = { interval: 0.2, timeout: 1, failures: 2 };
const inside = async (id: string, ...command: readonly string[]): Promise<void> => {
  const { exit_code } = await docker().exec({ id, command: [...command], timeout: 20 });
  expect(exit_code).toBe(0);
};

test('an image with nothing but a server is looked at by http, tcp, exec and its log, and is not ready when it stops answering', async () => {
  const id = await make('probes-bare', {
    image: BARE,
    init: false,
    args: ['httpd', '-f', '-vv', '-p', '8080', '-h', '/'],
    probes: {
      startup: { tcp: { port: 8080 }, interval: 0.2 },
      ready: { http: { port: 8080, path: '/busybox', status: [200] }, ...quick },
      live: { exec: { command: ['/busybox', 'true'] }, ...quick },
    },
  });
  const seen = await until(id, (view) => {
    expect(view).toMatchObject({ status: 'running', ready: true, health: 'healthy' });
  });
  expect(seen.probes).toMatchObject({
    startup: { verdict: 'good', ok: true },
    ready: { verdict: 'good', ok: true },
    live: { verdict: 'good' },
  });
  expect(Buffer.byteLength(seen.probes?.ready?.output ?? '')).toBeLessThanOrEqual(4096);
  // Its one server is frozen by the engine’s own hand: nothing answers, nothing has ended.
  const raw = await engine.container('probes-bare');
  process.kill(raw?.State.Pid ?? 0, 'SIGSTOP');
  const deaf = await readyUntil(id, false);
  expect(deaf.status).toBe('running');
  expect(deaf.probes?.ready).toMatchObject({ verdict: 'failed', ok: false });
  process.kill(raw?.State.Pid ?? 0, 'SIGCONT');
  await readyUntil(id, true);
  // It is told after it is known; a status that is told for another reason says again what stands.
  await eventually(async () => {
    const events = await app.house.journal.read(id, 1, 1000);
    const told = events.flatMap((event) =>
      event.type === 'status' && event.status === 'running' ? [event.ready] : [],
    );
    const turns = told.filter((ready, at) => ready !== told[at - 1]);
    expect(turns).toEqual([false, true, false, true]);
  });
  const listed = await docker().list({});
  const mine = listed.containers.find((one) => one.id === id);
  expect(mine).toMatchObject({ ready: true });
  expect(mine?.probes).toBeUndefined();
});

test('startup gates the others, a failed `live` is unhealthy, and a restart begins anew', async () => {
  const id = await make('probes-gated', {
    command: [
      'sh',
      '-c',
      'echo begin; while ! test -e /go; do sleep 0.1; done; echo "listening on (a+)+"; rm /go; sleep 600',
    ],
    probes: {
      startup: { log: { pattern: '^listening on \\(' }, interval: 0.2 },
      live: { exec: { command: 'test ! -e /broken' }, ...quick },
    },
  });
  const gated = await until(id, (view) => {
    expect(view).toMatchObject({ status: 'running', health: 'starting', ready: false });
    expect(view.probes?.startup?.ok).toBe(false);
  });
  expect(gated.probes?.live).toEqual({ verdict: 'pending', streak: 0 });
  await inside(id, 'touch', '/go');
  const up = await until(id, (view) => expect(view).toMatchObject({ health: 'healthy', ready: true }));
  expect(up.probes?.startup?.output).toBe('listening on (a+)+');
  await inside(id, 'touch', '/broken');
  const broken = await until(id, (view) => expect(view.health).toBe('unhealthy'));
  expect(broken).toMatchObject({ status: 'running', ready: false });
  expect(broken.probes?.live?.output).toBe('exit code 1');
  await inside(id, 'rm', '/broken');
  await until(id, (view) => expect(view.health).toBe('healthy'));
  await docker().restart({ id, timeout: 0 });
  await until(id, (view) => {
    expect(view).toMatchObject({ status: 'running', health: 'starting', ready: false, attempt: 2 });
    expect(view.probes?.startup?.verdict).toBe('pending');
  });
});

test('what has no network is looked at by one helper in it, which goes with it', async () => {
  const id = await make('probes-alone', {
    image: BARE,
    init: false,
    args: ['httpd', '-f', '-p', '8080', '-h', '/'],
    network_mode: 'none',
    probes: {
      ready: { http: { port: 8080, path: '/nothing', status: 404 }, ...quick },
      live: { tcp: { port: 8080 }, ...quick },
    },
  });
  const helpers = async () => (await engine.names()).filter((name) => name.startsWith('berth-probe-'));
  const seen = await until(id, (view) => expect(view).toMatchObject({ ready: true, health: 'healthy' }));
  expect(seen.probes?.ready?.output).toMatch(/^HTTP 404/);
  const raw = await engine.container('probes-alone');
  expect(await helpers()).toEqual([`berth-probe-${raw?.Id.slice(0, 12)}`]);
  const helper = await engine.container(`berth-probe-${raw?.Id.slice(0, 12)}`);
  expect(helper?.HostConfig).toMatchObject({ NetworkMode: `container:${raw?.Id}`, ReadonlyRootfs: true });
  expect((await docker().list({ all: true })).containers.map(({ name }) => name)).not.toContain(
    helper?.Name.slice(1),
  );
  process.kill(raw?.State.Pid ?? 0, 'SIGSTOP');
  await readyUntil(id, false);
  process.kill(raw?.State.Pid ?? 0, 'SIGCONT');
  await readyUntil(id, true);
  await docker().stop({ id, timeout: 0 });
  await eventually(async () => expect(await helpers()).toEqual([]));
});
