import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { images } from '../../contracts/images.ts';
import { moment } from '../../contracts/moment.ts';
import { duration } from '../../contracts/units.ts';

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

test('what stands beside bytes is bounded in all, since it goes in the head of a request', () => {
  const { save } = images.methods;
  const named = (length: number): string[] => Array.from({ length: 10 }, () => 'a'.repeat(length));
  expect(save.input.safeParse({ images: named(400) }).success).toBe(true);
  expect(save.input.safeParse({ images: named(401) }).success).toBe(false);
});

test('a label of SELinux is for a path of the machine alone', () => {
  const { success } = create.input.safeParse({
    volumes: [{ host: '/srv', container: '/srv', selinux: 'private' }],
  });
  expect(success).toBe(true);
  const named = { volumes: [{ name: 'data', container: '/data', selinux: 'shared' }] };
  expect(create.input.safeParse(named).success).toBe(false);
});

test('times may be said in weeks and days, down to milliseconds, and are a year at most', () => {
  const seconds = (text: string | number): number | undefined => duration.safeParse(text).data;
  expect(['7d', '2w', '1d12h', '1w1d1h1m1s1ms', '1.5d', 90, '90', '500ms'].map(seconds)).toEqual([
    ...[604_800, 1_209_600, 129_600, 694_861.001, 129_600, 90, undefined, 0.5],
  ]);
  expect(['', 'd', '1d2w', '53w', '7 d', '-1d', '1y', '1m1m'].map(seconds)).toEqual(Array(8).fill(undefined));
  expect(moment.safeParse('2w').success).toBe(true);
});

test('our own labels are no one else’s, on a volume without a name too', () => {
  const labelled = (name: string) => ({
    mounts: [{ type: 'volume' as const, target: '/data', volume: { labels: { [name]: 'x' } } }],
  });
  expect(create.input.safeParse(labelled('mine')).success).toBe(true);
  expect(
    paths(create.input.safeParse(labelled('berth.id')) as ReturnType<typeof compose.input.safeParse>),
  ).toEqual(['mounts.0.volume.labels']);
});
