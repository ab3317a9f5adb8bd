import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerView } from '../../contracts/container-view.ts';
import { chain, entry, SLEEP } from '../support/a-chain.ts';
import { aBerthFolder, type BerthFolder, type UpProcess } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;
let up: UpProcess;

const isRunning = ({ status }: ContainerView): boolean => status === 'running';
const startedAt = async (name: string): Promise<string> =>
  (await engine.container(name))?.State.StartedAt ?? '';
const finishedAt = async (name: string): Promise<string> =>
  ((await engine.container(name))?.State as { FinishedAt?: string } | undefined)?.FinishedAt ?? '';

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.write('_index.yaml', chain());
});
afterAll(() => berth[Symbol.asyncDispose]());

test('a completed init is not run again by another Berth, nor when its container is gone', async () => {
  up = await berth.up();
  await berth.until('dep-web', isRunning);
  up.kill('SIGTERM');
  await up.ended;
  up = await berth.up();
  const before = await startedAt('dep-migrate');
  await berth.until('dep-web', isRunning);
  expect(await startedAt('dep-migrate')).toBe(before);
  up.kill('SIGKILL');
  await up.ended;
  up = await berth.up();
  await berth.until('dep-web', isRunning);
  for (const name of ['dep-migrate', 'dep-web']) expect((await berth.run('restart', name)).code).toBe(0);
  await berth.until('dep-web', isRunning);
  expect(await startedAt('dep-migrate')).toBe(before);
  await engine.ask('DELETE', '/containers/dep-migrate?force=true');
  expect((await berth.run('restart', 'dep')).code).toBe(0);
  await berth.until('dep-web', ({ status, attempt }) => status === 'running' && attempt > 1);
  const migrate = await berth.until('dep-migrate', ({ status }) => status === 'stopped');
  expect(migrate).toMatchObject({ exit_code: 0, attempt: 1 });
  expect(await engine.container('dep-migrate')).toBeUndefined();
});

test('who asks for it is restarted after what it needs was, and a group stops from the last to the first', async () => {
  await berth.until('dep-web', isRunning);
  await berth.until('dep-db', ({ health }) => health === 'healthy');
  const [web, calm] = await Promise.all(['dep-web', 'dep-calm'].map(startedAt));
  expect((await berth.run('restart', 'dep-db')).code).toBe(0);
  await eventually(async () => {
    const [db, next] = await Promise.all(['dep-db', 'dep-web'].map(startedAt));
    expect(next).not.toBe(web);
    expect((db ?? '') < (next ?? '')).toBe(true);
  });
  expect(await startedAt('dep-calm')).toBe(calm);
  await berth.until('dep-web', isRunning);
  expect((await berth.run('stop', 'dep')).code).toBe(0);
  await berth.until('dep-db', ({ status }) => status === 'stopped');
  expect((await finishedAt('dep-web')) < (await finishedAt('dep-db'))).toBe(true);
  expect((await engine.container('dep-calm'))?.State.Status).toBe('running');
  // One member brings along what it needs.
  expect((await berth.run('start', 'dep-web')).code).toBe(0);
  await berth.until('dep-web', isRunning);
  expect((await engine.container('dep-db'))?.State.Status).toBe('running');
});

test('a failure is told with the culprit and its last 20 lines, ends up --wait with 9, and mends itself when the culprit does', async () => {
  const bad = (command: string): string => entry('dep-bad', 'role: job', `command: [sh, -c, '${command}']`);
  const victim = entry('dep-victim', SLEEP, 'depends_on: { dep-bad: { condition: completed } }');
  await berth.write('_index.yaml', chain(bad('seq 30; exit 3'), victim));
  const failed = await berth.until('dep-victim', ({ status }) => status === 'failed');
  expect(failed.reason).toMatchObject({
    code: 'dependency_failed',
    message: 'needs dep-bad to end with exit code 0, but it exited with code 3',
    culprit: { name: 'dep-bad', exit_code: 3 },
  });
  expect(failed.reason?.culprit?.lines).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 11}`));
  up.kill('SIGTERM');
  await up.ended;
  const { code, err } = await berth.run('up', berth.registry, '--wait', '--timeout', '120s');
  expect(code).toBe(9);
  expect(err).toMatch(/^dep-bad \| 30$/m);
  expect(err).toMatch(
    /^berth: dep-bad: failed, exit code 3, exited with code 3; dep-victim: failed, needs dep-bad/m,
  );
  await berth.write('_index.yaml', chain(bad('true'), victim));
  up = await berth.up();
  await berth.until('dep-victim', isRunning);
  expect((await engine.container('dep-victim'))?.State.Status).toBe('running');
});

test('kill -9 of every worker while one waits loses no wake-up and runs nothing twice', async () => {
  const slow = entry('dep-slow', 'role: job', "command: [sh, -c, 'sleep 8; echo once']");
  const late = entry('dep-late', SLEEP, 'depends_on: { dep-slow: { condition: completed } }');
  await berth.write('_index.yaml', chain(slow, late));
  await berth.until('dep-slow', isRunning);
  await berth.until('dep-late', ({ status }) => status === 'waiting');
  const children = await readFile(`/proc/${up.pid}/task/${up.pid}/children`, 'utf8');
  for (const pid of children.split(' ').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  await berth.until('dep-late', isRunning);
  expect(await berth.until('dep-slow', () => true)).toMatchObject({
    status: 'stopped',
    exit_code: 0,
    attempt: 1,
  });
  expect((await finishedAt('dep-slow')) < (await startedAt('dep-late'))).toBe(true);
  expect((await berth.run('logs', 'dep-slow')).out.match(/once/g)).toHaveLength(1);
});
