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
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => within(check, 30_000);
const docker = () => app.contract.open(containers);
const until = (id: string, check: (view: ContainerView) => void): Promise<ContainerView> =>
  eventually(async () => {
    const view = await docker().get({ id });
    check(view);
    return view;
  });

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await makeBareServer(engine, socket_path, BARE);
  folder = await aFolder();
  const config = { ...readConfig(), probe_image: 'busybox:latest' };
  app = await createApp({ engine: host, state: folder.path, config, workers: 2 });
});
afterAll(async () => {
  await Promise.all(made.map((id) => docker().delete({ id, wait: true, timeout: 0 })));
  await app.close();
  await folder[Symbol.asyncDispose]();
});

test('a worker killed while it looks is taken over: by one other, with what was seen, its helper and no look twice', async () => {
  const { id } = await docker().create({
    image: BARE,
    init: false,
    name: 'probes-over',
    args: ['httpd', '-f', '-vv', '-p', '8080', '-h', '/'],
    network_mode: 'none',
    stop_timeout: 0,
    probes: { ready: { http: { port: 8080, path: '/nothing', status: 404 }, interval: 1, successes: 3 } },
  });
  made.push(id);
  await until(id, (view) => expect(view.ready).toBe(true));
  const raw = await engine.container('probes-over');
  const name = `berth-probe-${raw?.Id.slice(0, 12)}`;
  const helper = await engine.container(name);
  const before = await app.house.journal.state(id);
  for (const pid of app.worker_pids()) process.kill(pid, 'SIGKILL');
  const follower = app.house.store.containers.get(id)?.follower;
  const looks = async (): Promise<number> => {
    const { lines } = await app.house.journal.lines(id, { limit: 1000 });
    return lines.filter(({ line }) => line.includes('response:404')).length;
  };
  const seen = await looks();
  const from = performance.now();
  await eventually(async () => expect(await looks()).toBeGreaterThanOrEqual(seen + 5));
  const seconds = (performance.now() - from) / 1000;
  expect((await looks()) - seen).toBeLessThanOrEqual(Math.ceil(seconds) + 3);
  expect(app.house.store.containers.get(id)?.follower).not.toBe(undefined);
  expect(follower).not.toBe(undefined);
  // The same helper goes on.
  expect((await engine.container(name))?.Id).toBe(helper?.Id);
  const events = await app.house.journal.read(id, before.next_seq, 1000);
  expect(events.filter((event) => event.type === 'status' && event.ready === false)).toEqual([]);
  process.kill(raw?.State.Pid ?? 0, 'SIGSTOP');
  await until(id, (view) => expect(view.ready).toBe(false));
  process.kill(raw?.State.Pid ?? 0, 'SIGCONT');
  await until(id, (view) => expect(view.ready).toBe(true));
});
