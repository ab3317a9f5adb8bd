import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: RawEngine;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.write('_index.yaml', 'version: "1.0"\nnamespace: run\nentries: []\n');
  await berth.up();
});
afterAll(() => berth[Symbol.asyncDispose]());

test('run prints what it writes, ends with its exit code, and --rm leaves nothing', async () => {
  await writeFile(join(berth.folder, 'vars'), 'FROM_FILE=yes\n');
  const script = 'echo "$A $FROM_FILE $(pwd)"; echo oops >&2; exit 3';
  const words = ['-e', 'A=1', '--env-file', 'vars', '-w', '/tmp', '--name', 'run_one', 'busybox:latest'];
  const ran = await berth.run('run', '--rm', ...words, 'sh', '-c', script);
  expect(ran).toEqual({ code: 3, out: '1 yes /tmp\n', err: 'oops\n' });
  expect(await engine.container('run_one')).toBeUndefined();
});

test('run -d returns once it runs, as the engine sees it, and create starts nothing', async () => {
  const flags = [
    '--name',
    'run_two',
    '-p',
    '127.0.0.1::80',
    '-m',
    '64m',
    '--network',
    'run_net',
    '-l',
    'a=b',
  ];
  const ran = await berth.run('run', '-d', ...flags, 'busybox:latest', 'sleep', '600');
  expect(ran.code, ran.err).toBe(0);
  expect(ran.out).toMatch(/^ctr_[0-9A-Z]{26}\n$/);
  const seen = await engine.container('run_two');
  expect(seen).toMatchObject({
    State: { Status: 'running' },
    Config: { Cmd: ['sleep', '600'] },
    HostConfig: { Memory: 64 * 1024 * 1024, NetworkMode: 'run_net' },
  });
  const made = await berth.run('create', '--name', 'run_three', '--read-only', 'busybox:latest', 'true');
  expect(made.code, made.err).toBe(0);
  await eventually(async () =>
    expect(await engine.container('run_three')).toMatchObject({
      State: { Status: 'created' },
      HostConfig: { ReadonlyRootfs: true },
    }),
  );
  const taken = await berth.run('run', '-d', '--name', 'run_two', 'busybox:latest');
  expect(taken.err).toMatch(/^berth: the name run_two is taken by .*\n$/);
  expect(taken.code).not.toBe(0);
});

test('an image that is nowhere ends run with the reason and its exit code', async () => {
  const ran = await berth.run('run', '--name', 'run_none', 'nowhere.invalid/none:1');
  expect(ran.code).not.toBe(0);
  expect(ran.err).toMatch(/^berth: .*nowhere\.invalid/);
  expect((await berth.ps()).find(({ name }) => name === 'run_none')?.status).toBe('stopped');
  await berth.run('rm', '-f', 'run_none');
});

test('Ctrl-C stops it, and a second one kills it', async () => {
  const stopped = berth.start(
    'run',
    '--name',
    'run_stop',
    'busybox:latest',
    'sh',
    '-c',
    'echo up; exec sleep 600',
  );
  await eventually(() => expect(stopped.written.out).toBe('up\n'));
  stopped.kill('SIGINT');
  expect(await stopped.ended).toBe(143);
  expect((await engine.container('run_stop'))?.State.Status).toBe('exited');
  const deaf = 'trap "" TERM; echo up; while :; do sleep 0.2; done';
  const killed = berth.start(
    'run',
    '--name',
    'run_kill',
    '--stop-timeout',
    '300',
    'busybox:latest',
    'sh',
    '-c',
    deaf,
  );
  await eventually(() => expect(killed.written.out).toBe('up\n'));
  killed.kill('SIGINT');
  await eventually(async () =>
    expect((await berth.ps()).find(({ name }) => name === 'run_kill')?.status).toBe('stopping'),
  );
  killed.kill('SIGINT');
  expect(await killed.ended).toBe(137);
  expect((await engine.container('run_kill'))?.State.ExitCode).toBe(137);
});

test('run -i hands on what comes in here, to its end', async () => {
  const input = join(berth.folder, 'input');
  await writeFile(input, 'first\nsecond\n');
  const ran = await berth.runOn(input, 'run', '--rm', '-i', '--name', 'run_in', 'busybox:latest', 'cat');
  expect(ran).toEqual({ code: 0, out: 'first\nsecond\n', err: '' });
  expect(await engine.container('run_in')).toBeUndefined();
});

test('run -it is the terminal of what it runs, and ends with its exit code', async () => {
  const input = join(berth.folder, 'keys');
  await writeFile(input, 'echo "it is $((40 + 2))"; exit 7\n');
  const ran = await berth.runOn(input, 'run', '--rm', '-it', 'busybox:latest', 'sh');
  expect(ran.out).toContain('it is 42');
  expect(ran.code).toBe(7);
});
