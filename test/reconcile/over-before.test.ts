import { expect, test } from 'vitest';
import type { ActionOf } from '../../src/plan/actions.ts';
import { step } from '../../src/plan/steps.ts';
import { overBefore } from '../../src/reconcile/over-before.ts';

const remove = (engine_id: string): ActionOf<'remove_container'> => ({
  type: 'remove_container',
  name: engine_id,
  engine_id,
  anonymous_volumes: false,
});
const start: ActionOf<'start_container'> = { type: 'start_container', name: 'web' };
const stop = (engine_id: string): ActionOf<'stop_container'> => ({
  type: 'stop_container',
  name: engine_id,
  engine_id,
});
const ahead = (...actions: readonly Parameters<typeof step>[0][]) => actions.map((one) => step(one, 'why'));

test('before a removal only the log of what is removed is over: another may stop only later', () => {
  const steps = ahead(remove('left'), stop('former'), start, remove('former'));
  expect(overBefore(remove('left'), steps)).toEqual(['left']);
});

test('before a start the logs of all that go are over', () => {
  expect(overBefore(start, ahead(start, remove('left'), remove('former')))).toEqual(['left', 'former']);
});

test('before a start what is stopped after it is up still', () => {
  expect(overBefore(start, ahead(start, stop('former'), remove('former')))).toEqual([]);
});

test('before a start the former container counts when it has ended, and not when it goes on running', () => {
  expect(overBefore(start, ahead(start), { engine_id: 'former', runs: false })).toEqual(['former']);
  expect(overBefore(start, ahead(start), { engine_id: 'former', runs: true })).toEqual([]);
});
