import { expect, test } from 'vitest';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { sweep } from '../../src/supervisor/sweep.ts';
import { aWorkplace } from '../support/a-workplace.ts';

const MINUTE = 60_000;

test('a removed container is forgotten with its log when its retention is over, and not before', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  const worker = place.worker('w1');
  place.add('app:echo', { image: 'busybox:latest', command: 'echo hello' });
  await place.until('app:echo', ({ completed }) => completed);
  place.store.containers.change('app:echo', { desired_state: 'removed' }, Date.now());
  worker.poke();
  await place.until('app:echo', ({ status, claimed_by }) => status === 'removed' && claimed_by === null);
  const at = (later: number) =>
    sweep(
      {
        ...place,
        hub: { isListening: () => false },
        now: () => Date.now() + later,
        retention_ms: MINUTE,
        stopStreamsOf: () => undefined,
        log: silentLog(),
      },
      new Map(),
    );
  await at(0);
  expect((await place.story('app:echo')).at(-1)).toBe('status removed');
  await at(2 * MINUTE);
  expect(place.store.containers.get('app:echo')).toBeUndefined();
  expect(await place.story('app:echo')).toEqual([]);
});

test('subscriptions of a connection that is gone for ten minutes are forgotten, and its streams ended; those of one that listens, and of whoever listens, stay', async () => {
  await using place = await aWorkplace(openMemoryEngine());
  place.add('app:cache', { image: 'busybox:latest', command: 'sleep 600' });
  const { subscriptions } = place.store;
  for (const reply_to of ['con_gone', 'con_here', 'billing', ''])
    subscriptions.ensure('app:cache', { topic: 'logs', ...(reply_to !== '' && { reply_to }) }, 0);
  for (const reply_to of ['con_gone', 'con_here'])
    place.store.operations.insert({
      id: `op_${reply_to}`,
      kind: 'stats',
      owner: 'daemon',
      reply_to,
      topic: 't',
      created_at: 0,
    });
  const stopped: string[] = [];
  let now = Date.now();
  const missing = new Map<string, number>();
  const parts = {
    ...place,
    hub: { isListening: (receiver: string) => receiver === 'con_here' },
    now: () => now,
    retention_ms: MINUTE,
    stopStreamsOf: (receiver: string) => stopped.push(receiver),
    log: silentLog(),
  };
  await sweep(parts, missing);
  now += 9 * MINUTE;
  await sweep(parts, missing);
  expect(subscriptions.all()).toHaveLength(4);
  now += 2 * MINUTE;
  await sweep(parts, missing);
  expect(stopped).toEqual(['con_gone']);
  expect(
    subscriptions
      .all()
      .map(({ reply_to }) => reply_to)
      .toSorted(),
  ).toEqual(['', 'billing', 'con_here']);
});
