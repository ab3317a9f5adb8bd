import { expect, onTestFinished, test } from 'vitest';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type Pool, startPool } from '../../src/supervisor/pool.ts';
import { aChild } from '../support/a-child.ts';
import { aMemoryEngineProcess, type MemoryEngineProcess } from '../support/a-memory-engine-process.ts';
import { aWorkplace, IDENTITY, type Workplace } from '../support/a-workplace.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/is-alive.ts';

const SLEEP = { image: 'busybox:latest', command: 'sleep 6000' };
const QUICK = { lease_ms: 1000, renew_ms: 300, fallback_ms: 100 };
const MAIN = new URL('../../src/worker/main.ts', import.meta.url);

/** Real worker processes on that workplace’s databases. */
function aPool(
  place: Workplace,
  engine: MemoryEngineProcess,
  { count, timing }: { readonly count: number; readonly timing?: typeof QUICK },
): Pool {
  const pool = startPool({
    count,
    main: MAIN,
    settings: {
      database: `${place.path}/berth.db`,
      journal: `${place.path}/logs.db`,
      builds_folder: `${place.path}/builds`,
      engine: engine.host,
      tls: {},
      instance: IDENTITY.instance,
      key: IDENTITY.key.toString('base64'),
      log_level: 'error',
      ...(timing && { timing }),
    },
    store: place.store,
    hub: { publish: (notice) => place.told.push(...(notice.kind === 'events' ? notice.events : [])) },
    log: silentLog(),
    now: Date.now,
  });
  onTestFinished(() => pool.stop());
  return pool;
}

test('five hundred rows converge over four worker processes that are killed in the middle of creates; each container is made once, and no two work on one', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  await using engine = await aMemoryEngineProcess(`${place.path}/engine.sock`, 40);
  const ids = Array.from({ length: 500 }, (_, index) => `app:c${index}`);
  for (const id of ids) place.add(id, SLEEP);
  const pool = aPool(place, engine, { count: 4 });
  for (let kills = 0; kills < 8; kills++) {
    const made = (await engine.made()).length;
    await eventually(async () => expect((await engine.made()).length).toBeGreaterThan(made + 10));
    const pid = pool.pids()[kills % 4];
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }
  await eventually(() => {
    const rows = place.store.containers.present();
    const left = rows.filter(({ status, claimed_by }) => status !== 'running' || claimed_by !== null);
    if (left.length > 0)
      throw new Error(`${left.length} rows are not running, ${left[0]?.id} is ${left[0]?.status}`);
  }, 240_000);
  const made = await engine.made();
  expect(made.length).toBe(500);
  expect(new Set(made).size).toBe(500);
  expect(await engine.overlaps()).toEqual([]);
  for (const id of ['app:c0', 'app:c250', 'app:c499']) {
    const story = await place.story(id);
    expect(story.filter((one) => one === 'status running')).toHaveLength(1);
    expect(story.at(-1)).toBe('status running');
  }
}, 300_000);

test('a worker that was paused past its lease does nothing to the engine and writes nothing when it wakes', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  await using engine = await aMemoryEngineProcess(`${place.path}/engine.sock`);
  const paused = aPool(place, engine, { count: 1, timing: QUICK });
  await eventually(() => expect(paused.pids()).toHaveLength(1));
  const { held } = await engine.hold('inspect', 'cache');
  place.add('app:cache', SLEEP);
  paused.poke();
  await held;
  const [pid = 0] = paused.pids();
  process.kill(pid, 'SIGSTOP');
  const token = place.store.containers.get('app:cache')?.claim_token ?? 0;

  const worker = place.worker('successor', { settings: { ...QUICK }, engine: openEngine(engine.host) });
  const row = await place.until(
    'app:cache',
    ({ status, claimed_by }) => status === 'running' && claimed_by === null,
  );
  expect(row.claim_token).toBeGreaterThan(token);
  const before = await engine.counts();
  const story = await place.story('app:cache');
  await engine.release();
  process.kill(pid, 'SIGCONT');

  // It lives, and works on what is its own.
  await worker.stop();
  place.add('app:other', SLEEP);
  paused.poke();
  await place.until('app:other', ({ status }) => status === 'running');
  const after = await engine.counts();
  const { 'containers.create': created = 0, 'containers.start': started = 0 } = before;
  expect([after['containers.create'], after['containers.start']]).toEqual([created + 1, started + 1]);
  expect(await engine.made()).toEqual(['cache', 'other']);
  expect((await place.story('app:cache')).slice(0, story.length)).toEqual(story);
});

test('a dead worker’s rows are followed and worked on by the others well before its lease is over, their containers untouched', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  await using engine = await aMemoryEngineProcess(`${place.path}/engine.sock`);
  const pool = aPool(place, engine, { count: 2 });
  for (let count = 0; count < 10; count++) place.add(`app:c${count}`, SLEEP);
  pool.poke();
  for (let count = 0; count < 10; count++)
    await place.until(`app:c${count}`, (row) => row.status === 'running' && row.follower !== null);
  const [pid = 0, other = 0] = pool.pids();
  const victim = place.store.containers.get('app:c0')?.follower ?? '';
  process.kill(victim.endsWith('.1') ? pid : other, 'SIGKILL');
  for (let count = 0; count < 10; count++)
    await place.until(
      `app:c${count}`,
      (row) => row.follower !== null && row.claimed_by === null && row.due_at === null,
      20_000,
    );
  expect(await engine.counts()).toMatchObject({ 'containers.create': 10, 'containers.start': 10 });
  for (let count = 0; count < 10; count++)
    expect(place.store.containers.get(`app:c${count}`)).toMatchObject({ status: 'running', attempt: 1 });
});

test('workers end by themselves when their parent dies, and leave the containers running', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  await using engine = await aMemoryEngineProcess(`${place.path}/engine.sock`);
  const parent = aChild(new URL('./processes/pool-process.ts', import.meta.url), [place.path, engine.host]);
  onTestFinished(() => parent[Symbol.asyncDispose]());
  const pids = await parent.call<number[]>('pids');
  place.add('app:cache', SLEEP);
  await place.until('app:cache', (row) => row.status === 'running' && row.claimed_by === null);
  await parent.kill('SIGKILL');
  await eventually(() => {
    expect(pids.filter(isAlive)).toEqual([]);
  });
  expect(place.store.containers.get('app:cache')).toMatchObject({
    status: 'running',
    follower: null,
    claimed_by: null,
  });
  expect(await engine.counts()).not.toHaveProperty('containers.stop');
});

test('Ctrl-C, which reaches every process of a terminal, ends no worker; its parent does, and then everything is let go', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  await using engine = await aMemoryEngineProcess(`${place.path}/engine.sock`);
  const pool = aPool(place, engine, { count: 1 });
  place.add('app:first', SLEEP);
  pool.poke();
  await place.until('app:first', ({ status }) => status === 'running');
  const pids = pool.pids();
  for (const pid of pids) process.kill(pid, 'SIGINT');
  place.add('app:second', SLEEP);
  pool.poke();
  await place.until('app:second', ({ status }) => status === 'running');
  expect(pool.pids()).toEqual(pids);
  await pool.stop();
  for (const row of place.store.containers.present())
    expect(row).toMatchObject({ status: 'running', claimed_by: null, follower: null });
  expect(await engine.counts()).not.toHaveProperty('containers.stop');
});
