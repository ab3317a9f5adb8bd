import { describe, expect, test } from 'vitest';
import { STATUSES, type Status } from '../../contracts/events.ts';
import { allowedFrom, canMove } from '../../src/plan/transitions.ts';

const OBSERVED: readonly Status[] = ['running', 'restarting', 'paused', 'stopped', 'failed', 'removed'];
const ALIVE = STATUSES.filter((status) => status !== 'removed');

describe('status moves', () => {
  test('what the engine shows is never refused, whatever we were doing', () => {
    for (const from of ALIVE)
      for (const to of OBSERVED) expect([from, to, canMove(from, to)]).toEqual([from, to, true]);
  });

  test('nothing follows removed within its generation', () => {
    for (const to of ALIVE) expect(canMove('removed', to)).toBe(false);
  });

  test('work goes from each step to the next, and may end in each', () => {
    const way: readonly Status[] = [
      'pending',
      'waiting',
      'pulling',
      'creating',
      'stopping',
      'starting',
      'running',
      'stopping',
      'stopped',
      'removed',
    ];
    for (const [index, to] of way.slice(1).entries()) expect(canMove(way[index] ?? 'removed', to)).toBe(true);
  });

  test('only a change of mind makes what runs or rests pending again', () => {
    expect(allowedFrom('pending')).toEqual([
      'pending',
      'waiting',
      'pulling',
      'creating',
      'starting',
      'failed',
    ]);
  });

  test('allowedFrom lists exactly the statuses that may move there, itself included', () => {
    for (const to of STATUSES) {
      expect(allowedFrom(to)).toEqual(STATUSES.filter((from) => canMove(from, to)));
      expect(allowedFrom(to)).toContain(to);
    }
  });
});
