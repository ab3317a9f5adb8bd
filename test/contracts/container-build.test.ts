import { expect, test } from 'vitest';
import { containerBuild } from '../../contracts/container-fields/build-source.ts';

const secrets = [{ id: 'token', file: './token' }];

test('secrets of an entry’s build are refused with the builder that would pass over them', () => {
  expect(containerBuild.safeParse({ context: './web', secrets }).success).toBe(true);
  expect(containerBuild.safeParse({ context: './web', secrets, builder: 'buildkit' }).success).toBe(true);
  const { error } = containerBuild.safeParse({ context: './web', secrets, builder: 'classic' });
  expect(error?.issues).toMatchObject([
    { path: ['secrets'], message: 'the classic builder knows no secrets' },
  ]);
});
