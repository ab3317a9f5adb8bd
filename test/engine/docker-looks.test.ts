import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { eventually } from '../support/eventually.ts';

let mine: EngineUnderTest;
beforeAll(async () => {
  mine = await aDockerEngine('looks');
});
afterAll(() => mine[Symbol.asyncDispose]());

const running = async (short: string, command: string, more: object = {}): Promise<string> => {
  const id = await mine.create(short, { spec: { command, ...more } });
  await mine.engine.containers.start(id);
  return id;
};

test('a busy container’s sample shows a processor at work, an idle one’s shows none', async () => {
  const busy = await running('busy', 'sh -c "while :; do :; done"', { memory_limit: 64 * 1024 * 1024 });
  const idle = await running('idle', 'sleep 600');
  const [hot, cold] = await Promise.all([
    mine.engine.containers.stats(busy),
    mine.engine.containers.stats(idle),
  ]);
  // Two cores and a loaded machine: it gets some of one, and the idle one next to nothing.
  expect(hot?.cpu_percent).toBeGreaterThan(5);
  expect(hot?.cpu_seconds).toBeGreaterThan(0);
  expect(hot?.memory_limit).toBe(64 * 1024 * 1024);
  expect(hot?.memory_usage).toBeGreaterThan(0);
  expect(hot?.pids).toBeGreaterThanOrEqual(1);
  expect(cold?.cpu_percent).toBeLessThan((hot?.cpu_percent ?? 0) / 2);
  await mine.engine.containers.pause(idle);
  expect((await mine.engine.containers.stats(idle))?.cpu_percent).toBe(0);
});

test('processes are listed by the titles that ps gives; options that it does not take are refused', async () => {
  const id = await running('listed', 'sleep 600');
  // Its init begins it a moment after the start.
  await eventually(async () => {
    const { titles, processes } = await mine.engine.containers.top(id, '-o pid,args');
    expect(titles).toEqual(['PID', 'COMMAND']);
    expect(processes.map((words) => words.slice(1).join(' '))).toContain('sleep 600');
  });
  await expect(mine.engine.containers.top(id, '--nonsense')).rejects.toSatisfy(
    (error: unknown) => isContractError(error, 'engine_refused') || isContractError(error, 'engine_failed'),
  );
});

test('details show health checks, addresses, the process and, when asked, sizes', async () => {
  const id = await running('detailed', 'sh -c "echo x > /written; sleep 600"', {
    health_check: { test: 'echo well', interval: 1 },
    user: '0',
  });
  await eventually(async () =>
    expect((await mine.engine.containers.details(id, { size: false }))?.health).toMatchObject({
      status: 'healthy',
      failing_streak: 0,
    }),
  );
  const details = await mine.engine.containers.details(id, { size: true });
  expect(details?.health?.log[0]).toMatchObject({ exit_code: 0, output: 'well\n' });
  expect(details?.pid).toBeGreaterThan(1);
  expect(details?.networks[0]).toMatchObject({ name: 'bridge', ip: expect.stringMatching(/^\d+\./) });
  expect(details?.size_written).toBeGreaterThan(0);
  expect(details?.size_total).toBeGreaterThan(details?.size_written ?? 0);
  expect(details?.user).toBe('0');
});

test('a signal that there is none is refused', async () => {
  const id = await running('signalled', 'sleep 600');
  await expect(mine.engine.containers.kill(id, 'SIGNONSENSE')).rejects.toSatisfy((error: unknown) =>
    isContractError(error, 'engine_refused'),
  );
});
