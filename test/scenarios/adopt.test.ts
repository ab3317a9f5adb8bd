import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const ENTRIES = `namespace: adopt
entries:
  - name: adopt_counter
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    command: i=0; while true; do echo line $i; i=$((i+1)); sleep 0.05; done
    stop_timeout: 1
`.replaceAll('$', '$$$$');

test('after kill -9 of the supervisor the container is adopted, not restarted, nothing is made twice, and its log goes on without a gap', {
  timeout: 240_000,
}, async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  await berth.write('_index.yaml', ENTRIES);
  const first = await berth.up();
  const { id } = await berth.until('adopt_counter', ({ status }) => status === 'running');
  const lines = async (): Promise<string[]> => {
    const { out } = await berth.run('logs', '--json', id);
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { line: string }).line);
  };
  await eventually(async () => expect((await lines()).length).toBeGreaterThan(20));
  const before = await engine.container('adopt_counter');

  first.kill('SIGKILL');
  await first.ended;
  await eventually(async () => {
    const { body } = await engine.ask('GET', '/containers/adopt_counter/logs?stdout=1&tail=1');
    expect(Number(/line (\d+)/.exec(String(body))?.[1] ?? 0)).toBeGreaterThan(80);
  });
  const second = await berth.up();
  const reached = (await lines()).length;
  await eventually(async () => expect((await lines()).length).toBeGreaterThan(Math.max(reached, 80) + 20));
  const read = await lines();
  expect(read).toEqual(read.map((_, index) => `line ${index}`));
  const after = await engine.container('adopt_counter');
  expect([after?.Id, after?.State.StartedAt, after?.RestartCount]).toEqual([
    before?.Id,
    before?.State.StartedAt,
    0,
  ]);
  expect((await engine.names()).filter((name) => name.startsWith('adopt_'))).toEqual(['adopt_counter']);
  second.kill('SIGTERM');
  expect(await second.ended).toBe(0);
});
