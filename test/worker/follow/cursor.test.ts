import { describe, expect, test } from 'vitest';
import type { LogCursor } from '../../../src/store/journal.ts';
import {
  advance,
  aSecondBefore,
  cursorFor,
  marksByPosition,
  marksSince,
  resumeSince,
  resumption,
} from '../../../src/worker/follow/cursor.ts';
import { orderWatch } from '../../../src/worker/follow/order-watch.ts';
import { timeOf } from '../../support/builders.ts';

const out = (at: number) => ({ stream: 'stdout' as const, ts: timeOf(at) });
const err = (at: number) => ({ stream: 'stderr' as const, ts: timeOf(at) });
const nothingOpen = () => undefined;
const EMPTY: LogCursor = { engine_id: 'c1', stdout: null, stderr: null, run: null };
const SECOND = 1_000_000;

describe('where reading begins again', () => {
  test('is the beginning when nothing was stored', () => {
    expect(resumeSince(EMPTY)).toBeUndefined();
  });

  test('is where the stream that is less far stands, and at most a second before the other', () => {
    const near = advance(EMPTY, [out(10), err(12)], nothingOpen);
    expect(resumeSince(near)).toBe(timeOf(10));
    const far = advance(EMPTY, [out(10), err(10 + 5 * SECOND)], nothingOpen);
    expect(resumeSince(far)).toBe(timeOf(10 + 4 * SECOND));
    const alone = advance(EMPTY, [out(10 + 5 * SECOND)], nothingOpen);
    expect(resumeSince(alone)).toBe(timeOf(10 + 4 * SECOND));
  });

  test('is the first piece of a line that is not whole, however old', () => {
    const cursor = advance(EMPTY, [out(10 * SECOND)], (stream) =>
      stream === 'stderr' ? timeOf(3) : undefined,
    );
    expect(resumeSince(cursor)).toBe(timeOf(3));
  });

  test('is the beginning once the clock was set back', () => {
    expect(resumeSince({ ...advance(EMPTY, [out(10)], nothingOpen), set_back: true })).toBeUndefined();
  });

  test('a second is taken off to the nanosecond', () => {
    expect(aSecondBefore('2026-01-01T00:00:00.000000001Z')).toBe('2025-12-31T23:59:59.000000001Z');
    expect(aSecondBefore('2026-03-01T00:00:00Z')).toBe('2026-02-28T23:59:59Z');
  });
});

describe('what is new', () => {
  test('is told by stream, time and ordinal, also among lines of one time', () => {
    const cursor = advance(EMPTY, [out(1), out(2), out(2), err(2)], nothingOpen);
    const { take } = resumption(marksSince(cursor, undefined), false);
    const log = [out(1), out(2), out(2), err(2), out(2), err(2), err(3), out(4)];
    expect(log.map(take)).toEqual(['skip', 'skip', 'skip', 'skip', 'new', 'new', 'new', 'new']);
  });

  test('follows a gap, once per stream, when the mark is no longer in the log', () => {
    const cursor = advance(EMPTY, [out(5), err(6)], nothingOpen);
    const { take } = resumption(marksSince(cursor, timeOf(5)), false);
    expect([out(8), out(9), err(6), err(10)].map(take)).toEqual(['missing', 'new', 'skip', 'new']);
  });

  test('is everything of a stream whose mark lies before the place where reading begins', () => {
    const cursor = advance(EMPTY, [err(1), out(10 * SECOND)], nothingOpen);
    const since = resumeSince(cursor);
    const { take } = resumption(marksSince(cursor, since), false);
    expect([out(10 * SECOND), err(10 * SECOND + 1)].map(take)).toEqual(['skip', 'new']);
  });

  test('is what stands behind the mark, whatever its time, when the clock was set back', () => {
    const cursor = advance(EMPTY, [out(50), out(90), out(20)], nothingOpen);
    const { take } = resumption(marksByPosition(cursor, { stdout: 1, stderr: 0 }), true);
    expect([out(50), out(90), out(20), out(21), out(95)].map(take)).toEqual([
      'skip',
      'skip',
      'skip',
      'new',
      'new',
    ]);
  });

  test('is all of it, after a gap, when the mark is looked for by position and not there', () => {
    const cursor = advance(EMPTY, [out(50), out(20)], nothingOpen);
    const { take } = resumption(marksByPosition(cursor, { stdout: 0, stderr: 0 }), true);
    expect([out(30), out(31)].map(take)).toEqual(['missing', 'new']);
  });
});

describe('the cursor', () => {
  test('of a container that was replaced comes back with it', () => {
    const first = advance(EMPTY, [out(1)], nothingOpen);
    const second = advance(cursorFor('c2', first), [out(5)], nothingOpen);
    expect(cursorFor('c2', second)).toBe(second);
    expect(cursorFor('c1', second)).toMatchObject({ engine_id: 'c1', stdout: { ts: timeOf(1), count: 1 } });
    expect(cursorFor('c3', second)).toMatchObject({ engine_id: 'c3', stdout: null });
    const third = cursorFor('c3', cursorFor('c2', first));
    expect(cursorFor('c1', third)).toMatchObject({ engine_id: 'c1', stdout: first.stdout });
    expect(JSON.stringify(cursorFor('c4', third))).not.toContain('c1');
  });
});

describe('a clock that was set back', () => {
  test('shows when a stream’s time falls, or the other’s falls by more than a second', () => {
    const within = orderWatch();
    expect([out(10), out(11), out(9)].map(within.isBack)).toEqual([false, false, true]);
    const across = orderWatch();
    expect([out(3 * SECOND), err(SECOND)].map(across.isBack)).toEqual([false, true]);
  });

  test('does not show in further pieces of a line, nor in the small disorder between streams', () => {
    const { isBack } = orderWatch();
    expect([out(5), err(9 * SECOND), out(5), out(9 * SECOND - 1), err(9 * SECOND)].map(isBack)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
