import { expect, test } from 'vitest';
import { resolveImage } from '../../src/engine/registries.ts';

test.each([
  ['web', 'reg:5000/team/web:stable'],
  ['lib/web:1', 'reg:5000/team/lib/web:1'],
  ['other:5000/web', 'other:5000/web:stable'],
  [`web@sha256:${'a'.repeat(64)}`, `reg:5000/team/web@sha256:${'a'.repeat(64)}`],
  [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
  ['0123456789ab', '0123456789ab'],
  ['reg:5000/team/web:stable', 'reg:5000/team/web:stable'],
])('with a default registry and tag %s is %s', (given, expected) => {
  expect(resolveImage(given, { prefix: 'reg:5000/team', tag: 'stable' })).toBe(expected);
});
