import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';

test('a name of one character, which no engine takes for a container or volume, is refused at the edge', () => {
  const create = containers.methods.create.input;
  expect(create.safeParse({ name: 'a' }).success).toBe(false);
  expect(create.safeParse({ volumes: [{ name: 'v', container: '/v' }] }).success).toBe(false);
  expect(
    create.safeParse({ name: 'ab', network: 'n', volumes: [{ name: 'vo', container: '/v' }] }).success,
  ).toBe(true);
});
