import { expect, test } from 'vitest';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { hashOf } from '../../src/plan/spec-hash.ts';
import type { ContainerRow } from '../../src/store/container-row.ts';
import { aWorkplace } from '../support/a-workplace.ts';

const image = 'busybox:latest';
const isRunning = ({ status }: ContainerRow): boolean => status === 'running';
const isWaiting = ({ status }: ContainerRow): boolean => status === 'waiting';

test('rows wait for each other without looking, and are woken by what they wait for', async () => {
  const engine = openMemoryEngine();
  await using place = await aWorkplace(engine);
  place.worker('w1', { settings: { fallback_ms: 20_000 } });
  place.worker('w2', { settings: { fallback_ms: 20_000 } });
  place.add('app:web', { image, depends_on: { db: {}, migrate: { condition: 'completed' } } });
  const waiting = await place.until('app:web', isWaiting);
  expect(waiting).toMatchObject({
    reason: {
      code: 'waiting',
      message: 'waits for db to run (not there), migrate to end with exit code 0 (not there)',
    },
    waits_for: ['db', 'migrate'],
  });
  place.add('app:db', { image });
  await place.until('app:db', isRunning);
  await place.until('app:web', ({ waits_for }) => waits_for?.join() === 'migrate');
  place.add('app:migrate', { image, command: 'sh -c "echo done; exit 0"', role: 'job' });
  const web = await place.until('app:web', isRunning);
  expect(web).toMatchObject({ waits_for: null, waits_since: null, reason: null });
  expect(await place.story('app:migrate')).toContain('stdout done');
  const migrate = await place.until('app:migrate', ({ completed }) => completed);
  expect(migrate).toMatchObject({ status: 'stopped', exit_code: 0, completed_hash: migrate.spec_hash });
});

test('one that waits has its image brought meanwhile: once though several want it, and joined by whoever may start', async () => {
  const engine = openMemoryEngine({ registry: [image, 'ahead:1'] });
  await using place = await aWorkplace(engine);
  const those = ['app:web', 'app:api'];
  place.worker('w1');
  place.worker('w2');
  await engine.control.hold('images.pull', 'ahead:1');
  for (const id of those) place.add(id, { image: 'ahead:1', depends_on: { db: {} } });
  await engine.control.held();
  for (const id of those) expect((await place.until(id, isWaiting)).attempt).toBe(0);
  place.add('app:db', { image });
  await place.until('app:db', isRunning);
  await engine.control.release();
  for (const id of those) await place.until(id, isRunning);
  expect((await engine.control.counts())['images.pull']).toBe(2);
  // What fails is said only when it is needed.
  place.add('app:lost', { image: 'lost:1', depends_on: { later: {} } });
  await place.until('app:lost', isWaiting);
  place.add('app:later', { image });
  const lost = await place.until('app:lost', ({ status }) => status === 'failed');
  expect(lost.reason?.code).toBe('image_not_found');
});

test('a failure is told with the culprit, its exit code and its last 20 lines, and tried again when that changes', async () => {
  const engine = openMemoryEngine();
  await using place = await aWorkplace(engine);
  place.worker('w1');
  const failing = { image, command: 'sh -c "seq 30; exit 3"', role: 'init' } as const;
  place.add('app:init', failing);
  place.add('app:db', { image, depends_on: { init: { condition: 'completed' } } });
  place.add('app:web', { image, depends_on: { db: {} } });
  const reason = {
    code: 'dependency_failed',
    culprit: { id: 'app:init', name: 'init', status: 'failed', exit_code: 3 },
  };
  const db = await place.until('app:db', ({ status }) => status === 'failed');
  expect(db.reason).toMatchObject({
    ...reason,
    message: 'needs init to end with exit code 0, but it exited with code 3',
  });
  expect(db.reason?.culprit?.lines).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 11}`));
  expect(db).toMatchObject({ next_attempt_at: null, waits_for: ['app:init'] });
  const web = await place.until('app:web', ({ status }) => status === 'failed');
  expect(web.reason).toMatchObject(reason);
  const row = place.store.containers.get('app:init');
  if (row === undefined) throw new Error('no row');
  const { aliases, name, entry_source } = row;
  const spec = { ...failing, command: 'true' };
  const hashes = { spec_hash: hashOf(spec), recreate_hash: hashOf(spec) };
  place.store.containers.change(
    'app:init',
    { spec: { spec, ...hashes, aliases, name, entry_source } },
    Date.now(),
  );
  await place.until('app:web', isRunning);
  expect(await place.until('app:init', ({ completed }) => completed)).toMatchObject({ attempt: 2 });
});

test('a stop of all goes from the last to the first, and one that stays holds up nobody', async () => {
  const engine = openMemoryEngine();
  await using place = await aWorkplace(engine);
  place.worker('w1');
  place.add('app:db', { image });
  place.add('app:api', { image, depends_on: { db: {} } });
  place.add('app:web', { image, depends_on: { api: {} } });
  place.add('app:other', { image, depends_on: { db: {} } });
  for (const id of ['app:web', 'app:other']) await place.until(id, isRunning);
  for (const id of ['app:db', 'app:api', 'app:web'])
    place.store.containers.change(id, { desired_state: 'removed' }, Date.now());
  const ends = await Promise.all(
    ['app:web', 'app:api', 'app:db'].map(async (id) => {
      await place.until(id, ({ status }) => status === 'removed');
      return (await place.events(id)).findLast((event) => event.type === 'status')?.ts ?? '';
    }),
  );
  expect(ends).toEqual([...ends].sort());
  const said = (await place.events('app:db')).flatMap((event) =>
    event.type === 'status' && event.status === 'stopping' ? [event.reason?.message] : [],
  );
  expect(said).toContain('waits for api to stop');
  expect(await place.until('app:other', () => true)).toMatchObject({ status: 'running' });
});

test('a job that has ended well is not run again when its container is gone, nor by a start', async () => {
  const engine = openMemoryEngine();
  await using place = await aWorkplace(engine);
  const worker = place.worker('w1');
  place.add('app:job', { image, command: 'echo once', role: 'job' });
  const { engine_id } = await place.until(
    'app:job',
    ({ completed, claimed_by }) => completed && claimed_by === null,
  );
  await engine.containers.remove(engine_id ?? '', { force: true, anonymous_volumes: true });
  place.store.containers.change('app:job', { desired_state: 'running' }, Date.now());
  worker.poke();
  const again = await place.until('app:job', ({ status, due_at }) => status === 'stopped' && due_at === null);
  expect(again).toMatchObject({ attempt: 1, exit_code: 0, reason: null, engine_id: null });
  expect((await place.story('app:job')).filter((line) => line === 'stdout once')).toHaveLength(1);
});

test('those that ask for it are restarted after what they need was', async () => {
  const engine = openMemoryEngine();
  await using place = await aWorkplace(engine);
  const worker = place.worker('w1');
  place.add('app:db', { image });
  place.add('app:web', { image, depends_on: { db: { restart: true } } });
  place.add('app:calm', { image, depends_on: { db: {} } });
  for (const id of ['app:web', 'app:calm']) await place.until(id, isRunning);
  const before = place.store.containers.get('app:db')?.observed?.started_at;
  place.store.containers.change(
    'app:db',
    { desired_state: 'running', restart_from: before ?? '' },
    Date.now(),
  );
  worker.poke();
  await place.until('app:web', ({ attempt, status }) => attempt === 2 && status === 'running');
  expect(place.store.containers.get('app:calm')).toMatchObject({ attempt: 1 });
});
