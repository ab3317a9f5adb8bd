import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type Pool, type PoolParts, startPool } from '../../src/supervisor/pool.ts';
import { aFolder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';
import { fakeTimers } from '../support/fake-timers.ts';

const MAIN = new URL('./processes/ending-worker.ts', import.meta.url);

interface Birth {
  readonly name: string;
  readonly at: number;
  readonly pid: number;
}

async function aPool(
  lives_after: number,
  given: Pick<PoolParts, 'timers'> = {},
): Promise<{
  readonly pool: Pool;
  births(): Promise<readonly Birth[]>;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const folder = await aFolder();
  const births = `${folder.path}/births`;
  const store = await openStore({ path: ':memory:' });
  const pool = startPool({
    count: 1,
    main: MAIN,
    settings: { births, lives_after },
    store,
    hub: { publish: () => undefined },
    log: silentLog(),
    now: Date.now,
    ...given,
  });
  return {
    pool,
    births: async () =>
      (await readFile(births, 'utf8').catch(() => ''))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Birth),
    [Symbol.asyncDispose]: async () => {
      await pool.stop();
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('a worker that dies at its start is started again after pauses that grow, and lives once it can', {
  timeout: 60_000,
}, async () => {
  await using running = await aPool(3);
  await eventually(async () => expect(await running.births()).toHaveLength(4), 30_000);
  const births = await running.births();
  const pauses = births.slice(1).map(({ at }, index) => at - (births[index]?.at ?? 0));
  // At least: how much longer a start takes is the machine’s.
  expect(pauses[0]).toBeGreaterThanOrEqual(400);
  expect(pauses[1]).toBeGreaterThanOrEqual(800);
  expect(pauses[2]).toBeGreaterThanOrEqual(1600);
  await eventually(() => expect(running.pool.pids()).toEqual([births[3]?.pid]));
});

test('a pool that was stopped starts nobody again, not even one whose pause is under way', {
  timeout: 60_000,
}, async () => {
  const timers = fakeTimers();
  await using running = await aPool(1000, { timers });
  await eventually(() => expect(timers.waiting()).toBe(1));
  await timers.pass(10_000);
  await eventually(() => expect(timers.waiting()).toBe(1));
  expect(await running.births()).toHaveLength(2);
  await running.pool.stop();
  expect(timers.waiting()).toBe(0);
  await timers.pass(60_000);
  expect(running.pool.pids()).toEqual([]);
  expect(await running.births()).toHaveLength(2);
});
