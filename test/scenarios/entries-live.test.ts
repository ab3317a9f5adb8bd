import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder, type UpProcess } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: RawEngine;
let up: UpProcess;

const entry = (name: string, more = ''): string => `
  - name: ${name}
    kind: registry.entry
    meta:
      type: docker.container
    image: busybox:latest
    command: sleep 3600
    stop_timeout: 1
${more}`;
const index = (...entries: string[]): string =>
  `version: "1.0"\nnamespace: live\nentries:${entries.join('')}`;
const identity = (seen: RawContainer | undefined): unknown => seen && [seen.Id, seen.State.StartedAt];
const isUp = ({ status }: { status: string }): boolean => status === 'running';

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  berth = await aBerthFolder(host);
  engine = rawEngine(socket_path);
  await berth.write('one/_index.yaml', index(entry('live_a'), entry('live_b')));
  await berth.write('two/_index.yaml', `namespace: other\nentries:${entry('live_bystander')}`);
  up = await berth.up();
  for (const name of ['live_a', 'live_b', 'live_bystander']) await berth.until(name, isUp);
});

afterAll(() => berth?.[Symbol.asyncDispose]());

describe('while Berth runs', () => {
  test('a new entry is running, and no other container is touched', async () => {
    const before = await Promise.all(
      ['live_a', 'live_b', 'live_bystander'].map(async (name) => identity(await engine.container(name))),
    );
    await berth.write('one/_index.yaml', index(entry('live_a'), entry('live_b'), entry('live_c')));
    await berth.until('live_c', isUp);
    expect((await engine.container('live_c'))?.State.Status).toBe('running');
    expect(
      await Promise.all(
        ['live_a', 'live_b', 'live_bystander'].map(async (name) => identity(await engine.container(name))),
      ),
    ).toEqual(before);
  });

  test('a changed entry is replaced, and only it', async () => {
    const [a, b] = [await engine.container('live_a'), await engine.container('live_b')];
    await berth.write(
      'one/_index.yaml',
      index(entry('live_a', '    env: { CHANGED: "yes" }\n'), entry('live_b'), entry('live_c')),
    );
    await eventually(async () => {
      const now = await engine.container('live_a');
      expect(now?.Id).not.toBe(a?.Id);
      expect(now?.State.Status).toBe('running');
      expect(now?.Config.Env).toContain('CHANGED=yes');
    });
    await berth.until('live_a', isUp);
    expect((await engine.names()).filter((name) => name.startsWith('live_a'))).toEqual(['live_a']);
    expect(identity(await engine.container('live_b'))).toEqual(identity(b));
  });

  test('an entry that only changes its limits keeps its container and its start time', async () => {
    const before = await engine.container('live_b');
    await berth.write(
      'one/_index.yaml',
      index(
        entry('live_a', '    env: { CHANGED: "yes" }\n'),
        entry('live_b', '    memory_limit: 64m\n    cpu_limit: 0.5\n'),
        entry('live_c'),
      ),
    );
    await eventually(async () => {
      const now = await engine.container('live_b');
      expect(now?.HostConfig.Memory).toBe(64 * 1024 * 1024);
      expect(now?.HostConfig.NanoCpus).toBe(500_000_000);
    });
    await berth.until('live_b', isUp);
    expect(identity(await engine.container('live_b'))).toEqual(identity(before));
  });

  test('a removed entry’s container is stopped and removed, and no other', async () => {
    const before = identity(await engine.container('live_b'));
    await berth.write(
      'one/_index.yaml',
      index(
        entry('live_a', '    env: { CHANGED: "yes" }\n'),
        entry('live_b', '    memory_limit: 64m\n    cpu_limit: 0.5\n'),
      ),
    );
    await eventually(async () => expect(await engine.container('live_c')).toBeUndefined());
    expect(identity(await engine.container('live_b'))).toEqual(before);
  });

  test('a file that does not parse changes nothing and says where; a restart with it broken removes nothing; mending it goes on', {
    timeout: 240_000,
  }, async () => {
    const before = await Promise.all(
      ['live_a', 'live_b', 'live_bystander'].map(async (name) => identity(await engine.container(name))),
    );
    const now = async (): Promise<unknown[]> =>
      Promise.all(
        ['live_a', 'live_b', 'live_bystander'].map(async (name) => identity(await engine.container(name))),
      );
    await berth.write(
      'one/_index.yaml',
      index(entry('live_a', '    imagee: nonsense\n'), '\n  - name: [unclosed\n'),
    );
    await eventually(() => expect(up.written.err).toMatch(/one\/_index\.yaml:\d+:\d+/));
    await berth.write(
      'one/_index.yaml',
      index(
        entry('live_a', '    env: { CHANGED: "yes" }\n    comand: sleep 1\n'),
        entry('live_b', '    memory_limit: 64m\n    cpu_limit: 0.5\n'),
      ),
    );
    await eventually(() => expect(up.written.err).toMatch(/comand[\s\S]*did you mean[\s\S]*command/i));
    expect(await now()).toEqual(before);

    up.kill('SIGTERM');
    expect(await up.ended).toBe(0);
    up = await berth.up();
    await eventually(() => expect(up.written.err).toMatch(/comand/));
    await berth.write(
      'two/_index.yaml',
      `namespace: other\nentries:${entry('live_bystander')}${entry('live_new')}`,
    );
    await berth.until('live_new', isUp);
    expect(await now()).toEqual(before);

    await berth.write(
      'one/_index.yaml',
      index(
        entry('live_a', '    env: { CHANGED: again }\n'),
        entry('live_b', '    memory_limit: 64m\n    cpu_limit: 0.5\n'),
      ),
    );
    await eventually(async () =>
      expect((await engine.container('live_a'))?.Config.Env).toContain('CHANGED=again'),
    );
    expect(identity(await engine.container('live_b'))).toEqual(before[1]);
  });

  test('a half-written file is not acted on', async () => {
    const whole = `namespace: other\nentries:${entry('live_bystander')}${entry('live_new')}`;
    const before = identity(await engine.container('live_new'));
    await berth.write('two/_index.yaml', whole.slice(0, whole.indexOf('live_new') - 12));
    await berth.write('two/_index.yaml', whole);
    await berth.write('three/_index.yaml', `namespace: third\nentries:${entry('live_marker')}`);
    await berth.until('live_marker', isUp);
    expect(identity(await engine.container('live_new'))).toEqual(before);
  });
});
