import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aChild } from '../support/a-child.ts';
import { aBerthFolder } from '../support/berth-process.ts';
import { eventually } from '../support/eventually.ts';
import { ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';
import type { Seen } from './processes/line-counter.ts';

const COUNTER = new URL('./processes/line-counter.ts', import.meta.url);
/** Fifty numbered lines a second on both streams, until it is told to end. */
const TICKS = `
trap 'over=1' USR1
n=1
while [ -z "$over" ]; do echo $n; echo $n >&2; n=$((n + 1)); sleep 0.02; done
echo $n
`;

test('an engine that is killed or frozen is no death: the container stays as it was, the answer is stale, and its lines go on with no gap and no double', {
  timeout: 300_000,
}, async () => {
  await using own = await ownEngine({ live_restore: true });
  const engine = rawEngine(own.socket_path);
  await using berth = await aBerthFolder(own.host);
  await berth.up();
  await using counter = aChild(COUNTER, [join(berth.state, 'berth.sock')]);
  const { id } = await counter.call<{ id: string }>(
    'create',
    { name: 'outage_ticks', image: 'busybox:latest', command: ['sh', '-c', TICKS] },
    [],
  );
  const seen = (): Promise<Seen> => counter.call<Seen>('seen');
  const more = async (): Promise<void> => {
    const { last_seq } = await seen();
    await eventually(async () => expect((await seen()).last_seq).toBeGreaterThan(last_seq + 100));
  };
  await more();
  const before = await engine.container('outage_ticks');
  const isStale = () =>
    berth.until('outage_ticks', ({ status, stale }) => status === 'running' && stale === true);
  const isFresh = () =>
    berth.until('outage_ticks', ({ status, stale }) => status === 'running' && stale !== true);

  await own.kill();
  await isStale();
  await own.start();
  await isFresh();
  await more();

  await own.freeze();
  await isStale();
  own.thaw();
  await isFresh();
  await more();

  const after = await engine.container('outage_ticks');
  expect([after?.Id, after?.State.StartedAt]).toEqual([before?.Id, before?.State.StartedAt]);
  await engine.ask('POST', '/containers/outage_ticks/kill?signal=USR1');
  await eventually(async () => expect((await seen()).done).toBe(true));
  const all = await seen();
  expect(all.problems).toEqual([]);
  expect(all.lines.stdout).toBe(all.lines.stderr + 1);
  expect(all.tail).toEqual(['log', 'log', 'status stopped', 'done']);
  expect((await berth.ps()).find((one) => one.id === id)?.status).toBe('stopped');
});

test('what was meant to run and ended with its engine is started again when the engine comes back; a job that had ended is not', {
  timeout: 300_000,
}, async () => {
  await using own = await ownEngine();
  const engine = rawEngine(own.socket_path);
  await using berth = await aBerthFolder(own.host);
  await berth.write(
    '_index.yaml',
    `namespace: outage
entries:
  - { name: outage_server, kind: registry.entry, meta: { type: docker.container }, image: busybox:latest, command: sleep 6000, stop_timeout: 1 }
  - { name: outage_job, kind: registry.entry, meta: { type: docker.container }, image: busybox:latest, command: echo once }
`,
  );
  await berth.up();
  await berth.until('outage_server', ({ status }) => status === 'running');
  await berth.until('outage_job', ({ status }) => status === 'stopped');
  const before = await engine.container('outage_server');
  const job = await engine.container('outage_job');
  await own.stop();
  await berth.until('outage_server', ({ status, stale }) => status === 'running' && stale === true);
  await own.start();
  await eventually(async () => {
    const now = await engine.container('outage_server');
    expect(now?.State.Status).toBe('running');
    expect(now?.State.StartedAt).not.toBe(before?.State.StartedAt);
    expect(now?.Id).toBe(before?.Id);
  });
  await berth.until('outage_server', ({ status, stale }) => status === 'running' && stale !== true);
  expect((await engine.container('outage_job'))?.State.StartedAt).toBe(job?.State.StartedAt);
});
