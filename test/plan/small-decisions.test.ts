import { describe, expect, test } from 'vitest';
import { backoff } from '../../src/plan/backoff.ts';
import { compareTimes } from '../../src/plan/compare-times.ts';
import { isForPlatform } from '../../src/plan/is-for-platform.ts';
import { fullReference, mentionedNetworks, mentionedVolumes } from '../../src/plan/mentioned.ts';
import { parseRestartPolicy, restartPolicyOf } from '../../src/plan/restart-policy.ts';

describe('backoff', () => {
  test('begins at a second, doubles, and ends at five minutes', () => {
    expect([1, 2, 3, 4, 9].map((failures) => backoff(failures, 0))).toEqual([
      1000, 2000, 4000, 8000, 256_000,
    ]);
    for (const failures of [10, 11, 40, 5000]) expect(backoff(failures, 0)).toBe(300_000);
  });

  test('is spread by at most a tenth', () => {
    expect(backoff(1, 1)).toBe(1100);
    expect(backoff(20, 1)).toBe(330_000);
  });
});

describe('restart policies', () => {
  test('default to on-failure for declared entries and to no for made ones', () => {
    expect(restartPolicyOf({}, true)).toBe('on-failure');
    expect(restartPolicyOf({}, false)).toBe('no');
    expect(restartPolicyOf({ restart_policy: 'always' }, false)).toBe('always');
  });

  test('are read with their limit', () => {
    expect(parseRestartPolicy('on-failure:4')).toEqual({ name: 'on-failure', max: 4 });
    expect(parseRestartPolicy('on-failure')).toEqual({ name: 'on-failure' });
    expect(parseRestartPolicy('on-failure:0')).toEqual({ name: 'on-failure' });
    expect(parseRestartPolicy('unless-stopped')).toEqual({ name: 'unless-stopped' });
    expect(parseRestartPolicy('')).toEqual({ name: 'no' });
  });
});

test('times of the engine are compared by their nanoseconds, trailing zeros left out or not', () => {
  const ordered = [
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.09Z',
    '2026-01-01T00:00:00.1Z',
    '2026-01-01T00:00:00.100000001Z',
    '2026-01-01T00:00:01Z',
  ];
  expect(ordered.toReversed().toSorted(compareTimes)).toEqual(ordered);
  expect(compareTimes('2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.100Z')).toBe(0);
});

test('image references are compared with their defaults written out', () => {
  for (const text of [
    'redis',
    'redis:latest',
    'library/redis',
    'docker.io/redis',
    'docker.io/library/redis:latest',
  ])
    expect(fullReference(text)).toBe('redis:latest');
  expect(fullReference('host:5000/a/b')).toBe('host:5000/a/b:latest');
  expect(fullReference('a/b@sha256:00')).toBe('a/b@sha256:00');
});

test('a spec mentions its network unless that is the engine’s own, and each named volume once', () => {
  expect(mentionedNetworks({ network: 'net' })).toEqual(['net']);
  for (const network of ['bridge', 'host', 'none']) expect(mentionedNetworks({ network })).toEqual([]);
  const volumes = [
    { name: 'a', container: '/1' },
    { name: 'a', container: '/2' },
    { host: '/h', container: '/3' },
  ];
  expect(mentionedVolumes({ volumes })).toEqual(['a']);
});

test('an image is for a platform by system, architecture and variant, as far as the engine shows them', () => {
  const arm = { os: 'linux', architecture: 'arm', variant: 'v6' };
  const isFor = (platform: string, image: Parameters<typeof isForPlatform>[0] = arm): boolean =>
    isForPlatform(image, platform);
  expect(['linux', 'arm', 'linux/arm', 'linux/arm/v6'].map((platform) => isFor(platform))).toEqual(
    Array(4).fill(true),
  );
  expect(['linux/arm/v7', 'linux/arm64', 'windows/arm', 'amd64'].map((one) => isFor(one))).toEqual(
    Array(4).fill(false),
  );
  expect(isFor('linux/arm64/v8', { os: 'linux', architecture: 'arm64' })).toBe(true);
});
