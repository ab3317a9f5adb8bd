import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerView } from '../../contracts/container-view.ts';
import { containers } from '../../contracts/containers.ts';
import { groups } from '../../contracts/groups.ts';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually as within } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const made: string[] = [];
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => within(check, 120_000);
const docker = () => app.contract.open(containers);
const open = async (): Promise<App> =>
  createApp({
    engine: (await testEngine()).host,
    state: folder.path,
    config: { ...readConfig(), probe_image: 'busybox:latest' },
    workers: 1,
  });

beforeAll(async () => {
  const { socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await open();
}, 120_000);
afterAll(async () => {
  await Promise.all(made.map((id) => docker().delete({ id, wait: true, timeout: 0 })));
  await app.contract.open(groups).teardown({ group: 'judged', wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

const make = async (name: string, spec: object): Promise<string> => {
  const { id } = await docker().create({ image: 'busybox:latest', name, stop_timeout: 0, ...spec });
  made.push(id);
  return id;
};
const until = (id: string, expected: object): Promise<ContainerView> =>
  eventually(async () => {
    const view = await docker().get({ id });
    expect(view, JSON.stringify(view.probes)).toMatchObject(expected);
    return view;
  });
const inside = async (id: string, ...command: readonly string[]): Promise<void> => {
  expect((await docker().exec({ id, command: [...command], timeout: 30 })).exit_code).toBe(0);
};
const quick = { interval: 0.3, timeout: 5, failures: 2 };
const isThere = (path: string) => ({ exec: { command: ['test', '-e', path] }, ...quick });
const WELL = { status: 'running', ready: true, health: 'healthy' };

test('the engine’s check and our probes are judged together, and while it is paused nobody looks', {
  timeout: 300_000,
}, async () => {
  const id = await make('judged-both', {
    command: ['sh', '-c', 'touch /checked /live /ready; sleep 600'],
    health_check: { test: 'test -e /checked', interval: '1s', retries: 1 },
    on_unhealthy: 'none',
    probes: { ready: isThere('/ready'), live: isThere('/live') },
  });
  await until(id, WELL);
  await inside(id, 'rm', '/checked');
  await until(id, { health: 'unhealthy', ready: false, probes: { live: { verdict: 'good' } } });
  await inside(id, 'touch', '/checked');
  await until(id, WELL);
  await inside(id, 'rm', '/live');
  await until(id, { health: 'unhealthy', ready: false, probes: { live: { verdict: 'failed' } } });
  await inside(id, 'touch', '/live');
  await until(id, WELL);
  await inside(id, 'rm', '/ready');
  await until(id, { health: 'healthy', ready: false });
  await inside(id, 'touch', '/ready');
  await until(id, WELL);

  const before = await engine.container('judged-both');
  await docker().pause({ id });
  const paused = await until(id, { status: 'paused', ready: false });
  expect(paused.probes).toMatchObject({ ready: { verdict: 'good' }, live: { verdict: 'good' } });
  // Another one that is looked at meanwhile shows that time goes by.
  const other = await make('judged-clock', {
    command: 'sleep 600',
    probes: { startup: { exec: { command: ['false'] }, interval: 0.5, failures: 8 }, ready: isThere('/') },
  });
  const failed = await until(other, { health: 'unhealthy', ready: false });
  // Startup that fails for ever is unhealthy after so many looks, and nothing else is asked.
  expect(failed.probes).toMatchObject({
    startup: { verdict: 'failed', output: 'exit code 1' },
    ready: { verdict: 'pending', streak: 0 },
  });
  const still = await docker().get({ id });
  expect(still.probes?.live?.looked_at).toBe(paused.probes?.live?.looked_at);
  expect(still).toMatchObject({ status: 'paused', ready: false, probes: { live: { verdict: 'good' } } });
  await docker().unpause({ id });
  await until(id, WELL);
  const after = await engine.container('judged-both');
  expect([after?.Id, after?.State.StartedAt]).toEqual([before?.Id, before?.State.StartedAt]);
  const lines = await app.house.journal.read(id, 1, 1000);
  expect(lines.filter((event) => event.type === 'status' && event.status === 'restarting')).toEqual([]);
});

test('a `live` probe that fails does what `on_unhealthy` says, and no more', {
  timeout: 300_000,
}, async () => {
  const spec = (on_unhealthy: string) => ({
    command: ['sh', '-c', 'touch /live; sleep 600'],
    on_unhealthy,
    probes: { live: isThere('/live') },
  });
  const [none, restart, stop] = await Promise.all([
    make('judged-none', spec('none')),
    make('judged-restart', spec('restart')),
    make('judged-stop', spec('stop')),
  ]);
  await docker().compose({
    name: 'judged',
    containers: [
      {
        ...{ name: 'web', image: 'busybox:latest', stop_timeout: 0, env: { VERSION: '1' } },
        ...spec('rollback'),
        on_unhealthy: 'rollback',
        update_config: { monitor: '1s' },
      },
    ],
  });
  for (const id of [none, restart, stop]) await until(id, WELL);
  const group = app.contract.open(groups);
  await eventually(async () => expect((await group.get({ group: 'judged' })).ready).toBe(true));
  await group.deploy({ group: 'judged', services: { web: { env: { VERSION: '2' } } }, wait: true });
  const started = async (name: string) => {
    const seen = await engine.container(name);
    return [seen?.Id, seen?.State.StartedAt, seen?.State.Status];
  };
  const [wasNone, wasRestart] = [await started('judged-none'), await started('judged-restart')];
  for (const id of [none, restart, stop, 'judged-web']) await inside(id, 'rm', '/live');

  await until(none, { status: 'running', health: 'unhealthy', ready: false });
  await until(stop, { status: 'stopped', reason: { code: 'unhealthy' } });
  expect((await started('judged-stop'))[2]).toBe('exited');
  await until(restart, { ...WELL, attempt: 2 });
  const [id, at] = await started('judged-restart');
  expect(id).toBe(wasRestart[0]);
  expect(at).not.toBe(wasRestart[1]);
  await eventually(async () =>
    expect(await group.history({ group: 'judged' })).toMatchObject({
      release: 1,
      deployments: [{ kind: 'rollback', state: 'succeeded', by: 'on_unhealthy of judged-web' }, {}],
    }),
  );
  expect((await engine.container('judged-web'))?.Config.Env).toContain('VERSION=1');
  expect(await started('judged-none')).toEqual(wasNone);
});

test('what was seen is known again after Berth itself has begun anew', { timeout: 300_000 }, async () => {
  const id = await make('judged-again', {
    command: ['sh', '-c', 'touch /ready; sleep 600'],
    probes: {
      startup: { log: { pattern: '.' }, interval: 0.3 },
      ready: { ...isThere('/ready'), successes: 4 },
    },
  });
  await until(id, { status: 'running', probes: { startup: { ok: false } } });
  await inside(id, 'sh', '-c', 'echo up > /proc/1/fd/1');
  const before = await until(id, { ready: true });
  const { next_seq } = await app.house.journal.state(id);
  await app.close();
  app = await open();
  const again = await until(id, { ready: true, probes: { startup: { verdict: 'good', output: 'up' } } });
  expect(again.attempt).toBe(before.attempt);
  await inside(id, 'rm', '/ready');
  await until(id, { ready: false, health: 'healthy' });
  const told = (await app.house.journal.read(id, next_seq, 1000)).flatMap((event) =>
    event.type === 'status' && event.status === 'running' ? [event.ready] : [],
  );
  // It was ready until it was not: four looks anew were not needed.
  const turns = told.filter((ready, at) => ready !== told[at - 1]);
  expect([[false], [true, false]]).toContainEqual(turns);
});

test('a helper that a killed worker has left behind is swept', { timeout: 240_000 }, async () => {
  const id = await make('judged-orphan', {
    command: ['httpd', '-f', '-p', '8080', '-h', '/etc'],
    network_mode: 'none',
    probes: { ready: { tcp: { port: 8080 }, ...quick } },
  });
  await until(id, { ready: true });
  const first = (await engine.container('judged-orphan'))?.Id ?? '';
  const helper = (engine_id: string) => `berth-probe-${engine_id.slice(0, 12)}`;
  expect(await engine.names()).toContain(helper(first));
  for (const pid of app.worker_pids()) process.kill(pid, 'SIGKILL');
  await engine.ask('DELETE', `/containers/${first}?force=1`);
  await eventually(async () => {
    const now = (await engine.container('judged-orphan'))?.Id ?? first;
    expect(now).not.toBe(first);
    const names = await engine.names();
    expect(names).toContain(helper(now));
    expect(names).not.toContain(helper(first));
  });
  await until(id, { ready: true });
});
