import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { LABEL } from '../../src/engine/labels.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { serveEngine } from '../../src/engine/memory/serve-engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { ContainerRow } from '../../src/store/container-row.ts';
import { compare } from '../../src/supervisor/compare-rows.ts';
import { type EngineWatch, watchEngine } from '../../src/supervisor/watch-engine.ts';
import { aWorkplace, IDENTITY, type Workplace } from '../support/a-workplace.ts';
import { eventually } from '../support/eventually.ts';
import { aContainer } from '../support/plan-builders.ts';

const SLEEP = { image: 'busybox:latest', command: 'sleep 6000' };
const isSettled = ({ status, claimed_by, due_at }: ContainerRow): boolean =>
  status === 'running' && claimed_by === null && due_at === null;

function watch(place: Workplace, engine: Engine, poke = (): void => undefined): EngineWatch {
  const watching = watchEngine({
    engine,
    identity: IDENTITY,
    store: place.store,
    now: Date.now,
    poke,
    log: silentLog(),
  });
  onTestFinished(() => watching.stop());
  return watching;
}

/** A row whose container runs, and nobody at work any more. */
async function aRunningRow(place: Workplace, id: string, engine?: Engine): Promise<ContainerRow> {
  const worker = place.worker('w1', engine === undefined ? {} : { engine });
  place.add(id, SLEEP);
  await place.until(id, isSettled);
  await worker.stop();
  place.store.containers
    .claim({ worker: 'test', limit: 1, now: Date.now(), lease_ms: 60_000 })
    .forEach(({ claim }) => {
      place.store.containers.release(claim, {}, null, Date.now());
    });
  return place.until(id, isSettled);
}

test('a container that ends is looked at at once, by an event', async () => {
  const engine = openMemoryEngine();
  await using place = await aWorkplace(engine);
  const { engine_id } = await aRunningRow(place, 'app:cache');
  let poked = 0;
  watch(place, engine, () => {
    poked += 1;
  });
  await eventually(() => expect(engine.counts()['containers.list']).toBeGreaterThan(0));
  await engine.containers.stop(engine_id ?? '', {});
  await place.until('app:cache', ({ due_at }) => due_at !== null, 4000);
  expect(poked).toBeGreaterThan(0);
});

test('what events did not tell is found by the next relist', async () => {
  const memory = openMemoryEngine();
  const deaf: Engine = {
    ...memory,
    system: {
      ...memory.system,
      events: async function* (_query: object, signal: AbortSignal) {
        yield { type: 'connected' as const };
        await pause(2 ** 30, undefined, { signal }).catch(() => undefined);
      },
    },
  };
  await using place = await aWorkplace(memory);
  const { engine_id } = await aRunningRow(place, 'app:cache');
  watch(place, deaf);
  await eventually(() => expect(memory.counts()['containers.list']).toBeGreaterThan(0));
  await memory.containers.stop(engine_id ?? '', {});
  await place.until('app:cache', ({ due_at }) => due_at !== null);
});

test('an engine that is away is no death: rows stay as they are and age; what it lost is made again when it is back', async () => {
  const first = openMemoryEngine();
  await using place = await aWorkplace(first);
  const socket = `${place.path}/engine.sock`;
  const served = await serveEngine(first, socket);
  const remote = openEngine(`memory://${socket}`);
  const before = await aRunningRow(place, 'app:cache', remote);
  const worker = place.worker('w2', { engine: remote });
  const watching = watch(place, remote, () => worker.poke());
  await place.until(
    'app:cache',
    (row) => isSettled(row) && (row.observed_at ?? 0) > (before.observed_at ?? 0),
  );
  await served.close();
  await eventually(() => expect(watching.answers()).toBe(false));
  const away = place.store.containers.get('app:cache');
  expect(away).toMatchObject({ status: 'running', engine_id: before.engine_id });

  const second = openMemoryEngine();
  const again = await serveEngine(second, socket);
  onTestFinished(() => again.close());
  await place.until('app:cache', (row) => isSettled(row) && row.engine_id !== before.engine_id);
  expect(watching.answers()).toBe(true);
  expect(await second.containers.list({})).toHaveLength(1);
  expect((await place.story('app:cache')).filter((one) => /failed|done|removed/.test(one))).toEqual([]);
});

describe('what differs', () => {
  const { id, name, image, image_id, created_at, ports } = aContainer();
  const summary = (state: 'running' | 'exited', of = 'app:cache') => ({
    id,
    name,
    image,
    image_id,
    state,
    created_at,
    ports,
    networks: [],
    labels: { [LABEL.id]: of },
  });

  test('is what the engine shows otherwise than the row, or not at all; rows at work and rows with a time of their own are left', async () => {
    await using place = await aWorkplace(openMemoryEngine());
    const row = { ...place.add('app:cache', SLEEP), status: 'running' as const, engine_id: id };
    const differing = (given: Partial<ContainerRow>, seen: ReturnType<typeof summary>[]) =>
      compare([{ ...row, ...given }], seen, 1000);
    expect(differing({}, [summary('running')])).toEqual({ as_said: ['app:cache'], differing: [] });
    expect(differing({}, [summary('exited')])).toEqual({ as_said: [], differing: ['app:cache'] });
    expect(differing({}, [])).toEqual({ as_said: [], differing: ['app:cache'] });
    expect(differing({ engine_id: 'other' }, [summary('running')])).toEqual({
      as_said: [],
      differing: ['app:cache'],
    });
    expect(differing({ claimed_by: 'w1' }, [])).toEqual({ as_said: [], differing: [] });
    expect(differing({ next_attempt_at: 2000 }, [])).toEqual({ as_said: [], differing: [] });
    expect(differing({ next_attempt_at: 500 }, [])).toEqual({ as_said: [], differing: ['app:cache'] });
  });
});
