import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';

const { create, compose } = containers.methods;
const paths = (result: ReturnType<typeof compose.input.safeParse>): string[] =>
  result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));

test('a group that is called as a network of the engine’s own must say which network it means', () => {
  const containersOf = [{ image: 'busybox' }];
  for (const name of ['host', 'none', 'bridge', 'default']) {
    expect(paths(compose.input.safeParse({ name, containers: containersOf }))).toEqual(['name']);
    expect(compose.input.safeParse({ name, network: 'own', containers: containersOf }).success).toBe(true);
    expect(paths(compose.input.safeParse({ name: 'own', network: name, containers: containersOf }))).toEqual([
      'network',
    ]);
  }
});

test('ports that are exposed are bounded in all, not only in their number of lines', () => {
  const fits = (expose: string[]): boolean => create.input.safeParse({ expose }).success;
  expect(fits(['80', '8000-8010/tcp', '53/udp'])).toBe(true);
  expect(fits(['1-65535'])).toBe(true);
  expect(fits(['1-65535', '80'])).toBe(false);
  expect(fits(Array.from({ length: 1024 }, () => '1-65535'))).toBe(false);
});
