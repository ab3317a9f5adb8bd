import { expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { mailbox } from '../../src/bus/mailbox.ts';

const lines = (count: number, line: string): BerthEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'log',
    container_id: 'c',
    seq: index + 1,
    attempt: 1,
    ts: '2026-01-01T00:00:00.000000000Z',
    stream: 'stdout',
    line,
  }));

test.each([
  ['many short lines', lines(100_000, 'x'), 2000],
  ['long lines', lines(100, 'x'.repeat(100_000)), 11],
  ['a line longer than the mailbox', lines(10, 'x'.repeat(3_000_000)), 1],
])('a mailbox takes of %s what it has room for, and at least one', (_what, events, most) => {
  const box = mailbox(() => undefined);
  const taken = box.push(events);
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(most);
  expect([box.full, box.push(events)]).toEqual([true, 0]);
});

test('it has room again once it was emptied, and says so', async () => {
  let told = 0;
  const box = mailbox(() => {
    told += 1;
  });
  box.push(lines(5000, 'x'));
  expect((await box.take())?.length).toBe(2000);
  await Promise.resolve();
  expect([told, box.full, box.push(lines(1, 'x'))]).toEqual([1, false, 1]);
});

test('closing it wakes its reader, and answers with what was not taken', async () => {
  const box = mailbox(() => undefined);
  const waiting = box.take();
  expect(box.close()).toEqual([]);
  expect(await waiting).toBeUndefined();
  const other = mailbox(() => undefined);
  other.push(lines(3, 'x'));
  expect(other.close().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect([await other.take(), other.push(lines(1, 'x'))]).toEqual([undefined, 0]);
});
