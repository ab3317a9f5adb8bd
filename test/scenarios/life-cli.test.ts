import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder, type UpProcess } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let up: UpProcess;
let engine: ReturnType<typeof rawEngine>;
const status = async (name: string): Promise<string | undefined> =>
  (await engine.container(name))?.State.Status;

const declared = (name: string): string => `namespace: ${name}
entries:
  - name: ${name}
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    command: sleep 3600
    stop_timeout: 1
`;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.write('one/_index.yaml', declared('cli_declared'));
  up = await berth.up();
  for (const name of ['cli_a', 'cli_b'])
    await berth.run(
      ...['call', 'containers', 'create', '--image', 'busybox:latest', '--name', name],
      ...['--command', 'sleep 3600', '--stop_timeout', '1'],
    );
  for (const name of ['cli_a', 'cli_b', 'cli_declared'])
    await berth.until(name, (view) => view.status === 'running');
});
afterAll(() => berth[Symbol.asyncDispose]());

test('stop, start and restart return when the engine has it so, and go on past a name that nobody has', async () => {
  const stopped = await berth.run('stop', '-t', '1', 'cli_a', 'cli_nobody', 'cli_b');
  expect(stopped.code).toBe(3);
  expect(stopped.out.trim().split('\n').toSorted()).toEqual(['cli_a', 'cli_b']);
  expect(stopped.err).toContain('cli_nobody');
  expect([await status('cli_a'), await status('cli_b')]).toEqual(['exited', 'exited']);
  expect((await berth.run('start', 'cli_a', 'cli_b')).code).toBe(0);
  expect([await status('cli_a'), await status('cli_b')]).toEqual(['running', 'running']);
  const before = (await engine.container('cli_a'))?.State.StartedAt ?? '';
  const { code, out } = await berth.run('restart', '-t', '0', 'cli_a', '--json');
  expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ status: 'running' })]);
  expect(((await engine.container('cli_a'))?.State.StartedAt ?? '') > before).toBe(true);
});

test('ps shows what a script asks for: ids alone, the newest, by label, by exit code, with sizes', async () => {
  const ids = async (...words: string[]): Promise<readonly string[]> =>
    (await berth.run('ps', '-q', ...words)).out.split('\n').filter(Boolean);
  const running = await ids('--status', 'running');
  expect(running).toContain('cli_declared:cli_declared');
  expect(running.length).toBeGreaterThanOrEqual(3);
  expect(await ids('-n', '1')).toHaveLength(1);
  expect(await ids('-l', 'nobody=has-it')).toEqual([]);
  expect(await ids('--exit-code', '77')).toEqual([]);
  expect((await berth.run('ps', '--size', '--since', 'cli_a')).out).toMatch(
    /^NAME .* SIZE +ID\n.*cli_b .* B of /,
  );
});

test('a declared container that is stopped stays down, also over a restart of Berth and a new entry, until it is started', async () => {
  expect((await berth.run('stop', 'cli_declared')).code).toBe(0);
  expect(await status('cli_declared')).toBe('exited');
  const stopped = await engine.container('cli_declared');
  up.kill('SIGTERM');
  await up.ended;
  await berth.write('two/_index.yaml', declared('cli_another'));
  up = await berth.up();
  await berth.until('cli_another', (view) => view.status === 'running');
  await berth.until('cli_declared', (view) => view.status === 'stopped' && !view.stale);
  expect((await engine.container('cli_declared'))?.State).toEqual(stopped?.State);
  expect((await berth.run('rm', 'cli_declared')).code).toBe(4);
  expect((await berth.run('rename', 'cli_declared', 'cli_other')).code).toBe(4);
  expect((await berth.run('start', 'cli_declared')).code).toBe(0);
  expect(await status('cli_declared')).toBe('running');
});

test('pause, unpause, kill, wait and rename act on the container itself', async () => {
  expect((await berth.run('pause', 'cli_b')).out).toBe('cli_b\n');
  expect(await status('cli_b')).toBe('paused');
  expect((await berth.run('start', 'cli_b')).code).toBe(4);
  await berth.run('unpause', 'cli_b');
  expect(await status('cli_b')).toBe('running');
  expect((await berth.run('wait', '-t', '0.2', 'cli_b')).code).toBe(6);
  await berth.run('kill', '-s', '9', 'cli_b');
  expect(await berth.run('wait', 'cli_b')).toMatchObject({ code: 0, out: '137\n' });
  expect((await berth.run('rename', 'cli_b', 'cli_c')).out).toBe('cli_c\n');
  expect(await status('cli_c')).toBe('exited');
  expect(await status('cli_b')).toBeUndefined();
});

test('inspect, top and stats show the engine’s figures', async () => {
  const seen = await engine.container('cli_a');
  expect(JSON.parse((await berth.run('inspect', 'cli_a')).out)).toMatchObject({
    name: 'cli_a',
    engine: { id: seen?.Id, pid: seen?.State.Pid },
  });
  await eventually(async () => {
    const top = await berth.run('top', 'cli_a', '--', '-o', 'pid,args');
    expect(top.out).toMatch(/^PID +COMMAND\n/);
    expect(top.out).toMatch(/\d +sleep 3600/);
  });
  const stats = await berth.run('stats', '--no-stream', '--json', 'cli_a', 'cli_nobody');
  const [one, other] = stats.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(one).toMatchObject({ name: 'cli_a', sample: { pids: expect.any(Number) } });
  expect(other).toEqual({ id: 'cli_nobody', name: 'cli_nobody', gap: 'not_found' });
  expect((await berth.run('stats', '--no-stream')).out).toMatch(/^NAME +CPU .*\n(?:.*\n)*cli_a +\d+\.\d%/);
});

test('rm --keep-volumes leaves anonymous volumes there, though Berth was killed on the way; without it they go', async () => {
  const volumesOf = async (name: string): Promise<readonly string[]> =>
    ((await engine.container(name))?.Mounts ?? []).map((mount) => mount.Name ?? '');
  const isThere = async (volume: string): Promise<boolean> =>
    (await engine.ask('GET', `/volumes/${volume}`)).status === 200;
  const command = ['--', 'sh', '-c', 'trap "" TERM; while :; do sleep 0.2; done'];
  for (const name of ['cli_keeps', 'cli_drops'])
    await berth.run(
      'create',
      '--name',
      name,
      '-v',
      '/data',
      '--stop-timeout',
      '3',
      'busybox:latest',
      ...command,
    );
  for (const name of ['cli_keeps', 'cli_drops']) await berth.run('start', name);
  const [kept = ''] = await volumesOf('cli_keeps');
  const [dropped = ''] = await volumesOf('cli_drops');
  expect([await isThere(kept), await isThere(dropped)]).toEqual([true, true]);
  expect((await berth.run('rm', '--no-wait', '--keep-volumes', 'cli_keeps')).code).toBe(0);
  up.kill('SIGKILL');
  await up.ended;
  up = await berth.up();
  await eventually(async () => expect(await engine.container('cli_keeps')).toBeUndefined());
  expect((await berth.run('rm', '-f', 'cli_drops')).code).toBe(0);
  expect([await isThere(kept), await isThere(dropped)]).toEqual([true, false]);
  await engine.ask('DELETE', `/volumes/${kept}`);
});

test('rm removes it, and without a daemon nothing pretends to have been done', async () => {
  expect((await berth.run('rm', '-f', 'cli_a')).code).toBe(0);
  expect(await engine.container('cli_a')).toBeUndefined();
  up.kill('SIGTERM');
  await up.ended;
  const { code, out, err } = await berth.run('stop', 'cli_declared');
  expect([code, out]).toEqual([7, '']);
  expect(err).toContain('berth up');
  expect(await status('cli_declared')).toBe('running');
});
