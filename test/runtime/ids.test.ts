import { expect, test } from 'vitest';
import { newId } from '../../src/runtime/ids.ts';

test('ids are ULIDs after their prefix, sort by time, and are never the same', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => newId('ctr', 1_700_000_000_000 + index));
  expect(ids[0]).toMatch(/^ctr_[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 10_000 }, () => newId('ctr', 0))).size).toBe(10_000);
});
