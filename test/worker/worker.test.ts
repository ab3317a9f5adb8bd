import { describe, expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import type { ContainerRow } from '../../src/store/container-row.ts';
import { aWorkplace } from '../support/a-workplace.ts';
import { eventually } from '../support/eventually.ts';

const BUSYBOX = { image: 'busybox:latest' };
const isRunning = ({ status }: ContainerRow): boolean => status === 'running';
const isAtRest = ({ completed, claimed_by }: ContainerRow): boolean => completed && claimed_by === null;

describe('one row', () => {
  test('is pulled, made and started, and its story is told in order, the end last and once', async () => {
    const engine = openMemoryEngine();
    await using place = await aWorkplace(engine);
    const worker = place.worker('w1');
    place.add('app:echo', { ...BUSYBOX, command: 'echo hello' });
    const row = await place.until('app:echo', isAtRest);
    expect(row).toMatchObject({ status: 'stopped', exit_code: 0, attempt: 1, follower: null });
    const expected = [
      'status pending',
      'status pulling',
      'progress',
      'status creating',
      'status starting',
      'stdout hello',
      'status stopped',
      'done',
    ];
    expect(await place.story('app:echo')).toEqual(expected);
    expect(place.told.map(({ seq }) => seq)).toEqual(expected.map((_, index) => index + 1));
    expect(place.told.at(-1)).toMatchObject({ type: 'done', status: 'stopped', exit_code: 0, attempt: 1 });
    place.store.containers.touch(['app:echo'], Date.now());
    worker.poke();
    await place.until('app:echo', ({ due_at }) => due_at === null);
    expect(await place.story('app:echo')).toEqual(expected);
  });

  test('begins a new chapter with each change of mind, which ends with its own `done`, even when it never starts', async () => {
    const engine = openMemoryEngine();
    await using place = await aWorkplace(engine);
    const worker = place.worker('w1');
    place.add('ctr_1', { ...BUSYBOX, command: 'echo one' }, { declared: false, name: 'one' });
    await place.until('ctr_1', isAtRest);
    const spec = { image: 'nowhere:latest', command: 'echo two' };
    const extras = { name: 'one', aliases: ['one'], restart_policy: 'no' };
    place.store.containers.change(
      'ctr_1',
      {
        spec: {
          spec,
          spec_hash: specHash(spec, extras),
          recreate_hash: recreateHash(spec, extras),
          aliases: ['one'],
          name: 'one',
          entry_source: null,
        },
      },
      Date.now(),
    );
    worker.poke();
    await place.until('ctr_1', (row) => row.status === 'failed' && isAtRest(row));
    const story = await place.story('ctr_1');
    expect(story.slice(story.indexOf('done') + 1)).toEqual([
      'status pending',
      'status pulling',
      'status failed',
      'done',
    ]);
  });

  test('that is removed after its end is told removed, not ended twice', async () => {
    const engine = openMemoryEngine();
    await using place = await aWorkplace(engine);
    const worker = place.worker('w1');
    place.add('app:echo', { ...BUSYBOX, command: 'echo hello' });
    await place.until('app:echo', isAtRest);
    place.store.containers.change('app:echo', { desired_state: 'removed' }, Date.now());
    worker.poke();
    await place.until('app:echo', ({ status }) => status === 'removed');
    await eventually(async () => {
      const story = await place.story('app:echo');
      expect(story.at(-1)).toBe('status removed');
      expect(story.filter((one) => one === 'done')).toHaveLength(1);
    });
    expect(await engine.containers.list({})).toEqual([]);
  });

  test('whose container is removed while it runs has its log read to the end first, then `removed`, then `done`', async () => {
    const engine = openMemoryEngine();
    await using place = await aWorkplace(engine);
    const worker = place.worker('w1');
    place.add('app:sleep', { ...BUSYBOX, command: 'sleep 600' });
    await place.until('app:sleep', isRunning);
    place.store.containers.change('app:sleep', { desired_state: 'removed' }, Date.now());
    worker.poke();
    await place.until('app:sleep', (row) => row.status === 'removed' && isAtRest(row));
    expect((await place.story('app:sleep')).slice(-4)).toEqual([
      'status pending',
      'status stopping',
      'status removed',
      'done',
    ]);
  });

  test('whose image is nowhere fails with its reason, and a declared one is tried again after a growing pause that survives', async () => {
    await using place = await aWorkplace(openMemoryEngine());
    place.worker('w1');
    place.add('app:none', { image: 'nowhere:latest' });
    const first = await place.until(
      'app:none',
      ({ failures, claimed_by }) => failures === 1 && claimed_by === null,
    );
    expect(first).toMatchObject({ status: 'failed', reason: { code: 'image_not_found' } });
    expect(first.next_attempt_at).toBe(first.due_at);
    const second = await place.until(
      'app:none',
      ({ failures, claimed_by }) => failures === 2 && claimed_by === null,
    );
    // It was not tried before that, and then it has twice the pause.
    expect((second.next_attempt_at ?? 0) - (first.next_attempt_at ?? 0)).toBeGreaterThan(1900);
    expect((await place.story('app:none')).filter((one) => one === 'done')).toEqual([]);
  });
});

describe('a worker', () => {
  test('pulls an image once however many rows want it, and works on others meanwhile', async () => {
    const memory = openMemoryEngine();
    const open = Promise.withResolvers<void>();
    const engine: Engine = {
      ...memory,
      images: {
        ...memory.images,
        pull: async (ref, options, signal) => {
          if (ref === 'alpine:latest') await open.promise;
          return memory.images.pull(ref, options, signal);
        },
      },
    };
    await using place = await aWorkplace(engine);
    place.worker('w1');
    place.worker('w2');
    for (let count = 0; count < 20; count++)
      place.add(`app:a${count}`, { image: 'alpine:latest', command: 'sleep 600' });
    await eventually(() => expect(memory.counts()['images.inspect']).toBeGreaterThanOrEqual(20));
    place.add('app:b', { ...BUSYBOX, command: 'sleep 600' });
    await place.until('app:b', isRunning);
    open.resolve();
    for (let count = 0; count < 20; count++) await place.until(`app:a${count}`, isRunning);
    expect(memory.counts()).toMatchObject({ 'images.pull': 2, 'containers.create': 21 });
  });

  test('starts containers that publish ports one after the other, and tells a conflict with port and holder', async () => {
    const memory = openMemoryEngine();
    let starting = 0;
    let most = 0;
    const engine: Engine = {
      ...memory,
      containers: {
        ...memory.containers,
        start: async (ref, signal) => {
          most = Math.max(most, ++starting);
          await new Promise((resolve) => setTimeout(resolve, 20));
          starting -= 1;
          return memory.containers.start(ref, signal);
        },
      },
    };
    await using place = await aWorkplace(engine);
    place.worker('w1');
    for (let count = 0; count < 6; count++)
      place.add(`app:p${count}`, { ...BUSYBOX, command: 'sleep 600', ports: [{ container: 80 }] });
    for (let count = 0; count < 6; count++) await place.until(`app:p${count}`, isRunning);
    expect(most).toBe(1);
    place.add('app:first', { ...BUSYBOX, command: 'sleep 600', ports: [{ host: 8080, container: 80 }] });
    await place.until('app:first', isRunning);
    const before = memory.counts()['containers.start'];
    place.add('app:second', { ...BUSYBOX, command: 'sleep 600', ports: [{ host: 8080, container: 80 }] });
    const row = await place.until('app:second', ({ failures }) => failures > 0);
    expect(row.reason).toEqual({ code: 'port_conflict', message: 'port 8080 is taken by app:first' });
    expect(memory.counts()['containers.start']).toBe(before);
  });

  test('that was stopped has let everything go; another follows what runs, and nothing is started again', async () => {
    const engine = openMemoryEngine();
    await using place = await aWorkplace(engine);
    const first = place.worker('w1');
    for (let count = 0; count < 5; count++) place.add(`app:s${count}`, { ...BUSYBOX, command: 'sleep 600' });
    for (let count = 0; count < 5; count++)
      await place.until(`app:s${count}`, (row) => isRunning(row) && row.follower === 'w1');
    await first.stop();
    expect(
      place.store.containers.present().every((row) => row.follower === null && row.claimed_by === null),
    ).toBe(true);
    place.worker('w2');
    for (let count = 0; count < 5; count++)
      await place.until(
        `app:s${count}`,
        (row) => isRunning(row) && row.follower === 'w2' && row.claimed_by === null,
      );
    expect(engine.counts()).toMatchObject({ 'containers.create': 5, 'containers.start': 5 });
    expect(await place.story('app:s0')).toEqual([
      'status pending',
      'status pulling',
      ...(await place.story('app:s0')).filter((one) => one === 'progress'),
      'status creating',
      'status starting',
      'status running',
    ]);
  });
});

test('a status that a worker wrote and died before telling is told by its successor, once', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  const first = place.worker('w1');
  place.add('app:sleep', { ...BUSYBOX, command: 'sleep 600' });
  await place.until('app:sleep', (row) => isRunning(row) && row.claimed_by === null);
  await first.stop();
  const { store, journal } = place;
  // As if it had died between its last write and the telling: the row says running, the journal that it starts.
  await journal.append('app:sleep', null, [
    { type: 'status', attempt: 1, ts: new Date().toISOString(), status: 'starting' },
  ]);
  store.containers.touch(['app:sleep'], Date.now());
  const second = place.worker('w2');
  await place.until('app:sleep', (row) => isRunning(row) && row.claimed_by === null && row.due_at === null);
  const told = (await place.story('app:sleep')).filter((one) => one.startsWith('status'));
  expect(told.slice(-2)).toEqual(['status starting', 'status running']);
  store.containers.touch(['app:sleep'], Date.now());
  second.poke();
  await place.until('app:sleep', (row) => row.claimed_by === null && row.due_at === null);
  expect((await place.story('app:sleep')).filter((one) => one.startsWith('status'))).toEqual(told);
});

test('a log that cannot be read is told once, with the status, and the container runs on', async () => {
  const memory = openMemoryEngine();
  const engine: Engine = {
    ...memory,
    containers: {
      ...memory.containers,
      logs: () => {
        throw new ContractError('logs_unavailable', 'configured logging driver does not support reading');
      },
    },
  };
  await using place = await aWorkplace(memory);
  place.worker('w1', { engine });
  place.add('app:mute', { ...BUSYBOX, command: 'sleep 6000' });
  const row = await place.until('app:mute', (one) => isRunning(one) && one.reason !== null);
  expect(row.reason).toEqual({
    code: 'logs_unavailable',
    message: 'configured logging driver does not support reading. Use the json-file or local driver.',
  });
  await place.until('app:mute', (one) => one.claimed_by === null && one.due_at === null);
  expect((await place.story('app:mute')).filter((one) => one === 'status running')).toHaveLength(1);
  expect(memory.counts()['containers.start']).toBe(1);
});

test('a container whose worker died right after its start is not run a second time once it has ended', async () => {
  const memory = openMemoryEngine();
  const started = Promise.withResolvers<string>();
  const engine: Engine = {
    ...memory,
    containers: {
      ...memory.containers,
      start: async (ref, signal) => {
        await memory.containers.start(ref, signal);
        started.resolve(ref);
        // The worker that asked never hears of it.
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    },
  };
  await using place = await aWorkplace(memory);
  const first = place.worker('w1', { engine });
  place.add('ctr_once', { ...BUSYBOX, command: 'sleep 6000' }, { declared: false, name: 'once' });
  const ref = await started.promise;
  await first.stop();
  const second = place.worker('w2');
  await place.until('ctr_once', (row) => isRunning(row) && row.claimed_by === null);
  await memory.containers.stop(ref, {});
  place.store.containers.touch(['ctr_once'], Date.now());
  second.poke();
  expect(await place.until('ctr_once', isAtRest)).toMatchObject({ status: 'failed', attempt: 1 });
  expect(memory.counts()['containers.start']).toBe(1);
  expect((await place.story('ctr_once')).at(-1)).toBe('done');
});

test('a container whose worker died right after its start and that ended before anybody looked again is not run a second time', async () => {
  const memory = openMemoryEngine();
  const started = Promise.withResolvers<string>();
  const engine: Engine = {
    ...memory,
    containers: {
      ...memory.containers,
      start: async (ref, signal) => {
        await memory.containers.start(ref, signal);
        started.resolve(ref);
        // The worker that asked never hears of it.
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    },
  };
  await using place = await aWorkplace(memory);
  const first = place.worker('w1', { engine });
  place.add('ctr_once', { ...BUSYBOX, command: 'sleep 6000' }, { declared: false, name: 'once' });
  const ref = await started.promise;
  await first.stop();
  await memory.containers.stop(ref, {});
  place.worker('w2');
  expect(await place.until('ctr_once', isAtRest)).toMatchObject({ status: 'failed', attempt: 1 });
  expect(memory.counts()['containers.start']).toBe(1);
  expect((await place.story('ctr_once')).at(-1)).toBe('done');
});
