import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerView } from '../../contracts/container-view.ts';
import { containers } from '../../contracts/containers.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
import { images } from '../../contracts/images.ts';
import { type App, createApp } from '../../src/app.ts';
import { entry, SLEEP } from '../support/a-chain.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { engineEvents } from '../support/engine-events.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const docker = () => app.contract.open(containers);
const groups = () => app.contract.open(groupsContract);
const base = { image: 'busybox:latest', stop_timeout: 0, command: 'sleep 600' };
/** Well once somebody says so. */
const WHEN_TOLD = {
  health_check: {
    test: ['CMD', 'test', '-e', '/ready'],
    interval: '500ms',
    retries: 900,
    start_period: '900s',
  },
};
const made: string[] = [];
/** What one run pushes is not there for the next. */
const RUN = Date.now().toString(36);
const NONE = `127.0.0.1:5000/gate-${RUN}/none`;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await clear();
  folder = await aFolder();
  await declare();
  app = await createApp({ engine: host, state: `${folder.path}/state`, registry: `${folder.path}/registry` });
});
afterAll(async () => {
  await declare();
  for (const id of made.toReversed()) await docker().delete({ id, wait: true, timeout: 0 });
  for (const { group } of (await groups().list({})).groups)
    await groups().teardown({ group, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

/** What a run that failed has left. */
async function clear(): Promise<void> {
  for (const name of await engine.names())
    if (/^gate[-_]/.test(name)) await engine.ask('DELETE', `/containers/${name}?force=1&v=1`);
  for (const group of ['gate_inits', 'gate_pull']) await engine.ask('DELETE', `/networks/${group}`);
  await engine.ask('DELETE', '/volumes/gate_data');
}

const declare = (...entries: string[]) =>
  folder.write(
    'registry/_index.yaml',
    `namespace: gate\nentries:${entries.length === 0 ? ' []' : ''}\n${entries.join('')}`,
  );
const aMade = async (name: string, more: object): Promise<string> => {
  const { id } = await docker().create({ ...base, name, ...more });
  made.push(id);
  return id;
};
const until = (id: string, check: Partial<ContainerView>) =>
  eventually(async () => {
    const view = await docker().get({ id });
    expect(view).toMatchObject(check);
    return view;
  });
const stateOf = async (name: string) =>
  (await engine.container(name))?.State as
    | { readonly Status: string; readonly StartedAt: string; readonly FinishedAt: string }
    | undefined;

test('a gate’s patience ends with the culprit named; what can do without goes on; and it mends itself', async () => {
  await aMade('gate-slow', WHEN_TOLD);
  const patient = (more: object) => ({
    depends_on: { 'gate-slow': { condition: 'healthy', timeout: '4s', ...more } },
  });
  const since = Date.now();
  await aMade('gate-strict', patient({}));
  await aMade('gate-easy', patient({ required: false }));
  await aMade('gate-free', { depends_on: { 'gate-nobody': { required: false } } });
  await until('gate-free', { status: 'running' });
  await until('gate-strict', { status: 'waiting' });
  const failed = await until('gate-strict', { status: 'failed' });
  expect(failed.reason).toMatchObject({
    code: 'dependency_failed',
    message: 'needs gate-slow to be healthy, which it was not within 4 s (starting)',
    culprit: { name: 'gate-slow', status: 'running' },
  });
  expect(Date.now() - since).toBeGreaterThanOrEqual(4000);
  await until('gate-easy', { status: 'running' });
  // Nothing was made of the one that failed.
  expect(await engineEvents(engine, since, /^gate-strict/)).toEqual([]);
  await docker().exec({ id: 'gate-slow', command: 'touch /ready' });
  await until('gate-strict', { status: 'running' });
  // One that is only wanted is waited for no longer than it may come.
  await aMade('gate-bad', { command: 'sh -c "exit 3"', role: 'job' });
  await until('gate-bad', { status: 'failed' });
  await aMade('gate-light', { depends_on: { 'gate-bad': { condition: 'completed', required: false } } });
  await until('gate-light', { status: 'running' });
});

test('inits run once and in order for all replicas of the others, and not again for a scale, a restart or another Berth', async () => {
  const volumes = [{ name: 'gate_data', container: '/data' }];
  const says = (word: string, then: string) => ({
    ...base,
    volumes,
    command: ['sh', '-c', `echo ${word} >> /data/said; ${then}`],
  });
  await docker().compose({
    name: 'gate_inits',
    containers: [
      { ...says('web', 'exec sleep 600'), name: 'web', replicas: 3 },
      { ...says('first', 'sleep 1'), name: 'first', role: 'init' },
      { ...says('second', 'sleep 1'), name: 'second', role: 'init' },
    ],
  });
  const ready = () =>
    eventually(async () => expect((await groups().status({ group: 'gate_inits' })).ready).toBe(true));
  const said = async () =>
    (await docker().exec({ id: 'gate_inits-web-1', command: 'cat /data/said' })).stdout?.trim().split('\n');
  await ready();
  await eventually(async () => expect(await said()).toEqual(['first', 'second', 'web', 'web', 'web']));
  const [first, second, ...webs] = await Promise.all(
    ['first', 'second', 'web-1', 'web-2', 'web-3'].map((name) => stateOf(`gate_inits-${name}`)),
  );
  expect((first?.FinishedAt ?? '') <= (second?.StartedAt ?? '')).toBe(true);
  for (const web of webs) expect((second?.FinishedAt ?? '') <= (web?.StartedAt ?? '')).toBe(true);

  await groups().scale({ group: 'gate_inits', service: 'web', replicas: 4, wait: true });
  await groups().restart({ group: 'gate_inits', wait: true, timeout: 0 });
  await docker().restart({ id: 'gate_inits-first', wait: true });
  await docker().start({ id: 'gate_inits-second', wait: true });
  await ready();
  expect(await stateOf('gate_inits-first')).toEqual(first);
  expect(await stateOf('gate_inits-second')).toEqual(second);
  await eventually(async () => expect((await said())?.filter((one) => one === 'web')).toHaveLength(8));
  expect((await said())?.filter((one) => one !== 'web')).toEqual(['first', 'second']);
});

test('a pull that fails is told by all that need it, with its cause, while the others of the group go on', async () => {
  const image = `${NONE}:1`;
  await docker().compose({
    name: 'gate_pull',
    containers: [
      { ...base, name: 'last', depends_on: ['child'] },
      { ...base, name: 'child', depends_on: ['bad'] },
      { ...base, name: 'bad', image },
      { ...base, name: 'free' },
    ],
  });
  await declare(
    entry('gate-none', SLEEP).replace('busybox:latest', `${NONE}:2`),
    entry('gate-needs', SLEEP, 'depends_on: [gate-none]'),
  );
  await until('gate_pull-free', { status: 'running' });
  await until('gate_pull-bad', { status: 'failed' });
  for (const name of ['gate_pull-child', 'gate_pull-last']) {
    const { reason } = await until(name, { status: 'failed' });
    expect(reason).toMatchObject({
      code: 'dependency_failed',
      culprit: { name: 'gate_pull-bad', status: 'failed' },
    });
    expect(reason?.message).toMatch(/gate_pull-bad to run, but it failed: pull .*\/none:1.*not found/);
  }
  const { members, ready } = await groups().status({ group: 'gate_pull' });
  expect([ready, members.find(({ name }) => name === 'gate_pull-last')?.reason?.message]).toEqual([
    false,
    expect.stringContaining(`${NONE}:1`),
  ]);
  // A declared one is tried again and again, so that nothing is lost yet for what needs it.
  const waiting = await until('gate-needs', { status: 'waiting' });
  await eventually(async () =>
    expect((await docker().get({ id: waiting.id })).reason?.message).toMatch(
      /^waits for gate-none to run \(failed: pull .*\/none:2.*not found/,
    ),
  );

  for (const tag of ['1', '2']) {
    const pushed = `${NONE}:${tag}`;
    await docker().commit({ id: 'gate_pull-free', image: pushed });
    await app.contract.open(images).push({ image: pushed });
    await app.contract.open(images).delete({ image: pushed });
  }
  await docker().start({ id: 'gate_pull-bad', wait: true });
  await until('gate_pull-last', { status: 'running' });
  await until('gate-needs', { status: 'running' });
});

test('one that waits has its image pulled, or built, before its gate opens', async () => {
  const image = `127.0.0.1:5000/gate/ahead-${RUN}:1`;
  await docker().commit({ id: 'gate_pull-free', image });
  await app.contract.open(images).push({ image });
  await app.contract.open(images).delete({ image });
  await engine.ask('DELETE', '/images/gate/built:1');
  await folder.write(
    'registry/context/Dockerfile',
    `FROM busybox:latest\nRUN echo built ahead ${Date.now()}\n`,
  );
  await aMade('gate-door', WHEN_TOLD);
  await aMade('gate-pulled', { image, depends_on: { 'gate-door': { condition: 'healthy' } } });
  await declare(
    entry(
      'gate-built',
      SLEEP,
      'build: { context: ./context }',
      'depends_on: { gate-door: { condition: healthy } }',
    ).replace('busybox:latest', 'gate/built:1'),
  );
  const those = [
    ['gate-pulled', image],
    ['gate-built', 'gate/built:1'],
  ] as const;
  for (const [name, its] of those) {
    await eventually(async () => expect((await engine.ask('GET', `/images/${its}/json`)).status).toBe(200));
    await until(name, { status: 'waiting' });
    expect(await engine.container(name)).toBeUndefined();
  }
  const built = async () =>
    (await docker().logs({ id: 'gate-built', source: 'build' })).lines.filter(({ line }) =>
      line.startsWith('built ahead'),
    );
  // What the build wrote is there to be read, too, and is not written again.
  await eventually(async () => expect(await built()).toHaveLength(1));
  const since = Date.now();
  await docker().exec({ id: 'gate-door', command: 'touch /ready' });
  for (const [name] of those) await until(name, { status: 'running' });
  const pulled = await engineEvents(engine, since, /gate\/(ahead|built)/);
  expect(pulled.filter(({ Type, Action }) => Type === 'image' && Action === 'pull')).toEqual([]);
  expect(await built()).toHaveLength(1);
});
