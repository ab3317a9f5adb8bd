import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';

test('it answers the value of the first try that holds', async () => {
  let tries = 0;
  const value = await eventually(() => {
    tries += 1;
    if (tries < 3) throw new Error('not yet');
    return tries;
  });
  expect(value).toBe(3);
});

test('past its deadline it tells the last failure', async () => {
  await expect(
    eventually(() => {
      throw new Error('the reason');
    }, 50),
  ).rejects.toThrow('did not hold within 50 ms: the reason');
});
