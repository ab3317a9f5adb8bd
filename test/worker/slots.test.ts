import { expect, test } from 'vitest';
import { slots } from '../../src/worker/slots.ts';

test('who only waits gives its slot to another, and goes on only when one is free again', async () => {
  let freed = 0;
  const places = slots(1, () => {
    freed += 1;
  });
  places.take();
  expect(places.free).toBe(0);
  const waited = Promise.withResolvers<string>();
  const first = places.aside(() => waited.promise);
  expect([places.free, freed]).toEqual([1, 1]);
  places.take();
  waited.resolve('image');
  const order: string[] = [];
  const goesOn = first.then((value) => order.push(`first goes on with ${value}`));
  await new Promise((resolve) => setImmediate(resolve));
  order.push('second ends');
  places.give();
  await goesOn;
  expect(order).toEqual(['second ends', 'first goes on with image']);
  expect(places.free).toBe(0);
  places.give();
  expect(places.free).toBe(1);
});

test('a wait that fails takes its slot again', async () => {
  const places = slots(1, () => undefined);
  places.take();
  await expect(places.aside(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(places.free).toBe(0);
});
