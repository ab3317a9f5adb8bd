import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let host: string;
let engine: ReturnType<typeof rawEngine>;
const made: string[] = [];
const docker = () => app.contract.open(containers);

beforeAll(async () => {
  const found = await testEngine();
  host = found.host;
  engine = rawEngine(found.socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const id of made) await docker().delete({ id, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

/** Made and running, as the engine sees it. */
const aRunning = async (name: string, more: object = {}): Promise<{ id: string; before: RawContainer }> => {
  const input = { image: 'busybox:latest', name, command: 'sleep 600', stop_timeout: 1, ...more };
  const { id } = await docker().create(input);
  made.push(id);
  await eventually(async () => expect((await docker().get({ id })).status).toBe('running'));
  return { id, before: await theEngines(name) };
};
const theEngines = async (name: string): Promise<RawContainer> => {
  const seen = await engine.container(name);
  if (seen === undefined) throw new Error(`the engine has no ${name}`);
  return seen;
};
const refused = (call: Promise<unknown>, code: ErrorCode) =>
  expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));

test('stop ends it and keeps it down; start brings the same container up again', async () => {
  const { id, before } = await aRunning('life_one', { restart_policy: 'always' });
  expect(await docker().stop({ id, wait: true, timeout: 1 })).toEqual({ id, status: 'stopped' });
  const stopped = await theEngines('life_one');
  expect([stopped.Id, stopped.State.Status]).toEqual([before.Id, 'exited']);
  const { generation } = await docker().get({ id });
  expect(await docker().stop({ id, wait: true })).toEqual({ id, status: 'stopped' });
  expect((await docker().get({ id })).generation).toBe(generation);
  expect(await docker().start({ id: 'life_one', wait: true })).toEqual({ id, status: 'running' });
  const again = await theEngines('life_one');
  expect([again.Id, again.State.Status]).toEqual([before.Id, 'running']);
  expect((await docker().start({ id, wait: true })).status).toBe('running');
  expect((await theEngines('life_one')).State.StartedAt).toBe(again.State.StartedAt);
});

test('restart begins one more run of the same container, exactly once, as a new generation', async () => {
  const { id, before } = await aRunning('life_two');
  const { generation, attempt } = await docker().get({ id });
  expect(await docker().restart({ id, wait: true, timeout: 0 })).toEqual({ id, status: 'running' });
  const after = await theEngines('life_two');
  expect(after.Id).toBe(before.Id);
  expect(after.State.StartedAt > before.State.StartedAt).toBe(true);
  const view = await docker().get({ id });
  expect([view.generation, view.attempt]).toEqual([generation + 1, attempt + 1]);
  // Looked at again, also by another Berth on the same folder, it is left alone.
  await app.close();
  app = await createApp({ engine: host, state: folder.path });
  await eventually(async () => expect((await docker().get({ id })).stale).toBe(false));
  await docker().start({ id, wait: true });
  expect((await theEngines('life_two')).State.StartedAt).toBe(after.State.StartedAt);
});

test('restart runs what has finished once more', async () => {
  const { id } = await docker().create({ image: 'busybox:latest', name: 'life_three', command: 'true' });
  made.push(id);
  await docker().wait({ id });
  const before = await theEngines('life_three');
  await docker().restart({ id, wait: true });
  expect((await theEngines('life_three')).State.StartedAt > before.State.StartedAt).toBe(true);
});

test('a start that fails says why to whoever waits for it', async () => {
  const { id } = await docker().create({
    image: 'busybox:latest',
    name: 'life_port',
    command: 'sleep 600',
    start: false,
    ports: [{ host: 47_311, container: 80 }],
    stop_timeout: 0,
  });
  made.push(id);
  await aRunning('life_holder', { ports: [{ host: 47_311, container: 80 }], stop_timeout: 0 });
  await refused(docker().start({ id, wait: true }), 'port_conflict');
});

test('pause freezes it, over a restart of Berth too, until unpause; start of what is paused is refused', async () => {
  const { id, before } = await aRunning('life_four');
  expect(await docker().pause({ id })).toEqual({ id, status: 'paused' });
  expect((await theEngines('life_four')).State.Status).toBe('paused');
  await eventually(async () => expect((await docker().get({ id })).status).toBe('paused'));
  await refused(docker().start({ id }), 'wrong_state');
  await app.close();
  app = await createApp({ engine: host, state: folder.path });
  await eventually(async () =>
    expect(await docker().get({ id })).toMatchObject({ status: 'paused', stale: false }),
  );
  expect((await theEngines('life_four')).State.Status).toBe('paused');
  expect((await docker().pause({ id })).status).toBe('paused');
  expect(await docker().unpause({ id })).toEqual({ id, status: 'running' });
  const after = await theEngines('life_four');
  expect([after.State.Status, after.State.StartedAt]).toEqual(['running', before.State.StartedAt]);
  await docker().pause({ id });
  await docker().stop({ id, wait: true, timeout: 1 });
  expect((await theEngines('life_four')).State.Status).toBe('exited');
  await refused(docker().pause({ id }), 'wrong_state');
});

test('kill sends a signal: one that its process takes leaves it running, SIGKILL ends it', async () => {
  const { id } = await aRunning('life_five', {
    command: ['sh', '-c', 'trap "echo got it" USR1; echo ready; while :; do sleep 0.1; done'],
  });
  const lines = async (): Promise<string[]> => (await docker().logs({ id })).lines.map(({ line }) => line);
  await eventually(async () => expect(await lines()).toEqual(['ready']));
  await docker().kill({ id, signal: 'SIGUSR1' });
  await eventually(async () => expect(await lines()).toEqual(['ready', 'got it']));
  expect((await theEngines('life_five')).State.Status).toBe('running');
  await docker().kill({ id });
  expect(await docker().wait({ id })).toEqual({ id, status: 'failed', finished: true, exit_code: 137 });
  expect((await theEngines('life_five')).State.ExitCode).toBe(137);
  await refused(docker().kill({ id }), 'wrong_state');
  await refused(docker().kill({ id, signal: 'what?' }), 'invalid_input');
});

test('rename changes the name of the very container, while it runs, and frees the former name', async () => {
  const { id, before } = await aRunning('life_six');
  expect(await docker().rename({ id, name: 'life_six_b' })).toEqual({ id, name: 'life_six_b' });
  const after = await theEngines('life_six_b');
  expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
  expect(await engine.container('life_six')).toBeUndefined();
  expect(await docker().get({ id: 'life_six_b' })).toMatchObject({ id, name: 'life_six_b' });
  await refused(docker().get({ id: 'life_six' }), 'not_found');
  await aRunning('life_six');
  await refused(docker().rename({ id, name: 'life_six' }), 'name_conflict');
  expect((await theEngines('life_six_b')).Id).toBe(before.Id);
  await docker().restart({ id, wait: true, timeout: 0 });
  expect((await theEngines('life_six_b')).Id).toBe(before.Id);
});

test('wait answers when it ends, at once when it has, and in time when asked to', async () => {
  const { id } = await aRunning('life_seven', { command: ['sh', '-c', 'sleep 600 & wait; exit 4'] });
  expect(await docker().wait({ id, timeout: 0.2 })).toEqual({ id, status: 'running', finished: false });
  const ended = docker().wait({ id });
  await docker().kill({ id, signal: 'SIGKILL' });
  expect(await ended).toMatchObject({ finished: true, exit_code: 137 });
  expect(await docker().wait({ id, timeout: 0 })).toMatchObject({ finished: true, exit_code: 137 });
  await refused(docker().wait({ id: 'life_nobody' }), 'not_found');
});

test('inspect shows what is wanted and what the engine has, side by side', async () => {
  const { id, before } = await aRunning('life_eight', { env: { A: '1' }, labels: { a: 'b' } });
  const all = await docker().inspect({ id, size: true });
  expect(all).toMatchObject({
    id,
    status: 'running',
    desired_state: 'running',
    spec: { command: 'sleep 600', env: { A: '1' } },
    engine: { id: before.Id, name: 'life_eight', state: 'running', pid: before.State.Pid, env: { A: '1' } },
  });
  expect(all.engine?.command.join(' ')).toContain('sleep 600');
  expect(all.engine?.started_at?.slice(0, 20)).toBe(before.State.StartedAt.slice(0, 20));
  expect(all.engine?.size_total).toBeGreaterThan(0);
});

test('top lists its processes, of one that runs only', async () => {
  const { id } = await aRunning('life_nine');
  await eventually(async () => {
    const { titles, processes } = await docker().top({ id, ps_args: '-o pid,args' });
    expect(titles).toEqual(['PID', 'COMMAND']);
    expect(processes.map((words) => words.at(-1))).toContain('sleep 600');
  });
  await docker().stop({ id, wait: true, timeout: 0 });
  await refused(docker().top({ id }), 'wrong_state');
  await refused(docker().top({ id, ps_args: '; rm -rf /' }), 'invalid_input');
});

test('stats has a true figure for the processor, and a gap for whoever cannot be measured', async () => {
  const { id } = await aRunning('life_ten', {
    command: ['sh', '-c', 'while :; do :; done'],
    stop_timeout: 0,
  });
  const { id: still } = await docker().create({
    image: 'busybox:latest',
    name: 'life_still',
    start: false,
    command: 'true',
  });
  made.push(still);
  const { containers: samples } = await docker().stats({ id: [id, 'life_still', 'life_nobody'] });
  expect(samples[0]).toMatchObject({ id, name: 'life_ten' });
  expect(samples[0]?.sample?.cpu_percent).toBeGreaterThan(1);
  expect(samples[0]?.sample?.memory_usage).toBeGreaterThan(0);
  expect(samples.slice(1)).toEqual([
    { id: still, name: 'life_still', gap: 'not_running' },
    { id: 'life_nobody', name: 'life_nobody', gap: 'not_found' },
  ]);
  const all = await docker().stats({});
  expect(all.containers.map((one) => one.id)).toContain(id);
  await docker().stop({ id, wait: true });
});

test('what is somebody else’s may be looked at, and is not ours to change', async () => {
  const { body } = await engine.ask('POST', '/containers/create?name=life_foreign', {
    Image: 'busybox:latest',
    Cmd: ['sh', '-c', 'sleep 600 & wait'],
  });
  const { Id } = body as { Id: string };
  await engine.ask('POST', `/containers/${Id}/start`);
  try {
    const before = await theEngines('life_foreign');
    const id = 'life_foreign';
    for (const call of [
      () => docker().start({ id }),
      () => docker().stop({ id }),
      () => docker().restart({ id }),
      () => docker().kill({ id }),
      () => docker().pause({ id }),
      () => docker().unpause({ id }),
      () => docker().rename({ id, name: 'life_ours' }),
    ])
      await refused(call(), 'not_ours');
    expect(await docker().inspect({ id })).toMatchObject({ managed: false, engine: { id: Id } });
    expect((await docker().top({ id })).processes.length).toBeGreaterThan(0);
    await eventually(async () =>
      expect((await docker().stats({ id })).containers).toMatchObject([{ id: Id, sample: { pids: 2 } }]),
    );
    expect(await docker().wait({ id, timeout: 0.1 })).toMatchObject({ finished: false });
    const after = await theEngines('life_foreign');
    expect([after.State.Status, after.State.StartedAt]).toEqual(['running', before.State.StartedAt]);
    const ended = docker().wait({ id });
    await engine.ask('POST', `/containers/${Id}/kill`);
    expect(await ended).toMatchObject({ id: Id, finished: true, exit_code: 137 });
  } finally {
    await engine.ask('DELETE', `/containers/${Id}?force=1`);
  }
});

test('a list can be narrowed by exit code, and to what was asked for before or since another', async () => {
  const ids: string[] = [];
  for (const code of [5, 6, 5]) {
    const { id } = await docker().create({
      image: 'busybox:latest',
      command: ['sh', '-c', `exit ${code}`],
      labels: { 'life.list': '' },
    });
    made.push(id);
    ids.push(id);
    await docker().wait({ id });
  }
  const listed = async (filter: object): Promise<string[]> =>
    (await docker().list({ labels: { 'life.list': '' }, ...filter })).containers.map(({ id }) => id);
  const [first = '', second = '', third = ''] = ids;
  expect(await listed({ exit_code: 5 })).toEqual([third, first]);
  expect(await listed({ exit_code: [5, 6] })).toEqual([third, second, first]);
  expect(await listed({ before: second })).toEqual([first]);
  expect(await listed({ since: first })).toEqual([third, second]);
  expect(await listed({ since: first, before: third, limit: 1 })).toEqual([second]);
  await refused(docker().list({ since: 'life_nobody' }), 'not_found');
  // What has never started is stopped as well; the engine tells them apart. Those of others are found, too.
  const { id: fresh } = await docker().create({
    ...{ image: 'busybox:latest', labels: { 'life.list': '' }, start: false },
  });
  made.push(fresh);
  await eventually(async () => expect((await docker().get({ id: fresh })).status).toBe('stopped'));
  expect(await listed({ engine_state: 'created' })).toEqual([fresh]);
  expect(await listed({ engine_state: ['exited', 'running'] })).toEqual([third, second, first]);
  const foreign = { Image: 'busybox:latest', Labels: { 'life.list': '' } };
  for (const [name, Cmd] of [
    ['life_ends', ['sh', '-c', 'exit 6']],
    ['life_never', ['true']],
  ] as const)
    await engine.ask('POST', `/containers/create?name=${name}`, { ...foreign, Cmd });
  try {
    await engine.ask('POST', '/containers/life_ends/start');
    await engine.ask('POST', '/containers/life_ends/wait');
    const ended = (await theEngines('life_ends')).Id;
    expect(await listed({ exit_code: [6, 7], all: true })).toEqual([second, ended]);
    expect(await listed({ exit_code: 0, all: true })).toEqual([]);
    expect(await listed({ engine_state: 'created', all: true })).toEqual([
      fresh,
      (await theEngines('life_never')).Id,
    ]);
    const { containers: shown } = await docker().list({ exit_code: 6, all: true, limit: 1000 });
    expect(shown.find(({ id }) => id === ended)).toMatchObject({
      ...{ managed: false, exit_code: 6, engine_state: 'exited', status: 'stopped' },
    });
  } finally {
    for (const name of ['life_ends', 'life_never']) await engine.ask('DELETE', `/containers/${name}?force=1`);
  }
});
