import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aNewContainer } from '../support/builders.ts';

const WEEK = 7 * 86_400_000;
let store: Store;
let container_id: string;
beforeEach(async () => {
  store = await openStore({ path: ':memory:' });
  container_id = store.containers.insert(aNewContainer({})).id;
});
afterEach(() => store.close());

test('input of a name is new once, then under way, then delivered; other input of that name is told apart', () => {
  const input = { id: 'op', container_id, digest: 'a' };
  expect(store.inputs.dispatch(input, 1000, WEEK)).toBe('new');
  expect(store.inputs.dispatch(input, 1001, WEEK)).toBe('dispatched');
  store.inputs.deliver('op');
  expect(store.inputs.dispatch(input, 1002, WEEK)).toBe('delivered');
  expect(store.inputs.dispatch({ ...input, digest: 'b' }, 1003, WEEK)).toBe('other');
  expect(store.inputs.dispatch(input, 1001 + WEEK, WEEK)).toBe('new');
});
