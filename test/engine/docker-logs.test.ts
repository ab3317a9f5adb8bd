import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import type { LogFrame, LogQuery } from '../../src/engine/port/container-calls.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { eventually } from '../support/eventually.ts';

let docker: EngineUnderTest;
beforeAll(async () => {
  docker = await aDockerEngine('docker-logs');
});
afterAll(() => docker[Symbol.asyncDispose]());

const ALL: LogQuery = { follow: false, tty: false };
const signal = (): AbortSignal => new AbortController().signal;

async function framesOf(ref: string, query: LogQuery): Promise<readonly LogFrame[]> {
  const frames: LogFrame[] = [];
  for await (const batch of docker.engine.containers.logs(ref, query, signal())) frames.push(...batch);
  return frames;
}
const linesOf = (frames: readonly LogFrame[]): readonly string[] => frames.map(({ data }) => data.toString());

async function ran(short: string, command: string): Promise<string> {
  const id = await docker.create(short, { spec: { command: ['sh', '-c', command] } });
  await docker.engine.containers.start(id);
  await eventually(async () => expect((await docker.engine.containers.inspect(id))?.state).toBe('exited'));
  return id;
}

test('a follow that is opened before the start sees the first line and ends with the container', async () => {
  const id = await ran('first', 'echo one; echo two >&2; printf three');
  const frames = await framesOf(id, { ...ALL, follow: true });
  expect(frames.map(({ stream, data, ends_line }) => `${stream} ${data} ${ends_line}`).toSorted()).toEqual([
    'stderr two true',
    'stdout one true',
    'stdout three false',
  ]);
});

test('`since` a frame’s own time gives that frame again and all after it, none before', async () => {
  const id = await ran('since', 'for n in 1 2 3 4 5 6 7 8; do echo $n; usleep 2000; done');
  const frames = await framesOf(id, ALL);
  expect(linesOf(frames)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  for (const [index, { ts }] of frames.entries())
    expect(linesOf(await framesOf(id, { ...ALL, since: ts }))).toEqual(linesOf(frames.slice(index)));
  const [, second] = frames;
  expect(second?.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  expect(linesOf(await framesOf(id, { ...ALL, tail: 3 }))).toEqual(['6', '7', '8']);
  expect(linesOf(await framesOf(id, { ...ALL, until: frames[2]?.ts ?? '' })).length).toBeLessThanOrEqual(3);
});

test('long lines and NUL keep their bytes; pieces say that they go on', async () => {
  const id = await ran('bytes', "head -c 40000 /dev/zero | tr '\\0' x; echo; printf 'a\\000b\\n'");
  const frames = await framesOf(id, ALL);
  expect(frames.map(({ data, ends_line }) => [data.length, ends_line])).toEqual([
    [16_384, false],
    [16_384, false],
    [7232, true],
    [3, true],
  ]);
  expect(new Set(frames.slice(0, 3).map(({ ts }) => ts)).size).toBe(1);
  expect([...(frames[3]?.data ?? [])]).toEqual([97, 0, 98]);
});

test('bytes that are no text, and a character that is cut at 16 KiB, come as they were written where the engine can', async () => {
  const { api } = await docker.engine.system.ping();
  const raw = await ran('raw', "printf 'a\\303\\n'");
  const [line] = await framesOf(raw, ALL);
  if (Number(api.split('.')[1]) < 44) {
    expect(line?.data.toString()).toBe('a\ufffd');
    return;
  }
  expect([...(line?.data ?? [])]).toEqual([97, 0xc3]);
  const id = await ran('cut', "printf x; for n in $(seq 1000); do printf 'ééééééééééééééééé'; done; echo");
  const frames = await framesOf(id, ALL);
  expect(frames.length).toBeGreaterThan(1);
  expect(Buffer.concat(frames.map(({ data }) => data)).toString()).toBe(`x${'é'.repeat(17_000)}`);
});

test('a follower half a million lines behind loses none of them', async () => {
  const line = 'x'.repeat(100);
  const id = await docker.create('behind', {
    spec: { command: ['sh', '-c', `seq 1 500000 | sed 's/$/ ${line}/'`] },
  });
  await docker.engine.containers.start(id);
  let last = 0;
  for await (const batch of docker.engine.containers.logs(id, { ...ALL, follow: true }, signal()))
    for (const { data } of batch) {
      const number = Number(data.toString('latin1', 0, data.indexOf(0x20)));
      if (number !== last + 1) throw new Error(`${number} after ${last}`);
      last = number;
    }
  expect(last).toBe(500_000);
});

test('two hundred thousand lines on both streams come once each, in order per stream', async () => {
  const id = await docker.create('flood', {
    spec: { command: ['sh', '-c', 'seq 1 100000 & seq 1 100000 >&2; wait'] },
  });
  await docker.engine.containers.start(id);
  const read = async (follow: boolean): Promise<{ stdout: number; stderr: number }> => {
    const next = { stdout: 0, stderr: 0 };
    for await (const batch of docker.engine.containers.logs(id, { ...ALL, follow }, signal()))
      for (const { stream, data } of batch) {
        next[stream] += 1;
        if (data.toString() !== String(next[stream]))
          throw new Error(`${stream}: ${data} after ${next[stream]}`);
      }
    return next;
  };
  const followed = await read(true);
  const { api } = await docker.engine.system.ping();
  // An engine before API 1.44 may end a follow too soon; whoever follows looks again. What it kept is whole.
  const next = Number(api.split('.')[1]) < 44 ? await read(false) : followed;
  expect(next).toEqual({ stdout: 100_000, stderr: 100_000 });
});

test('a follow of a silent container ends promptly when it is aborted', async () => {
  const id = await docker.create('silent', { spec: { command: 'sleep 600' } });
  await docker.engine.containers.start(id);
  const caller = new AbortController();
  const reading = (async () => {
    for await (const _ of docker.engine.containers.logs(id, { ...ALL, follow: true }, caller.signal));
  })();
  reading.catch(() => undefined);
  await eventually(async () => expect((await docker.engine.containers.inspect(id))?.state).toBe('running'));
  const before = performance.now();
  caller.abort();
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  expect(performance.now() - before).toBeLessThan(10_000);
});

test('the log of what is not there is not_found', async () => {
  await expect(framesOf(docker.name('nobody'), ALL)).rejects.toSatisfy((error) =>
    isContractError(error, 'not_found'),
  );
});
