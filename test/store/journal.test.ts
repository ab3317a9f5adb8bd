import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import type { Journal, LogCursor, NewEvent } from '../../src/store/journal.ts';
import { type JournalOptions, openJournal } from '../../src/store/open-journal.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aNewLine, timeOf } from '../support/builders.ts';

let folder: Folder;
let journal: Journal;
const open: Journal[] = [];

async function aJournal(options: Partial<JournalOptions> = {}): Promise<Journal> {
  const made = await openJournal({ path: join(folder.path, 'logs.db'), ...options });
  open.push(made);
  return made;
}
beforeEach(async () => {
  folder = await aFolder();
  journal = await aJournal();
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await folder[Symbol.asyncDispose]();
});

const lines = (from: number, count: number): readonly NewEvent[] =>
  Array.from({ length: count }, (_, index) => aNewLine(from + index));
const running: NewEvent = { type: 'status', attempt: 1, ts: timeOf(0), status: 'running' };
const cursor: LogCursor = {
  engine_id: 'e',
  stdout: { open: null, ts: timeOf(3), count: 1 },
  stderr: null,
  run: null,
};
const numbers = (page: { readonly lines: readonly { readonly line: string }[] }): readonly number[] =>
  page.lines.map(({ line }) => Number(line.split(' ')[1]));

describe('appending', () => {
  test('events get the next seqs without a hole, container by container', async () => {
    expect(await journal.append('a', null, lines(1, 2))).toMatchObject([
      { seq: 1, container_id: 'a', line: 'line 1' },
      { seq: 2, container_id: 'a', line: 'line 2' },
    ]);
    const both = await Promise.all([
      journal.append('a', null, [running]),
      journal.append('b', null, lines(9, 1)),
    ]);
    expect(both).toMatchObject([[{ seq: 3, status: 'running' }], [{ seq: 1, container_id: 'b' }]]);
    expect(await journal.state('a')).toMatchObject({ next_seq: 4, first_seq: 1 });
  });

  test('what is read is what was written: any event, bytes that are not UTF-8, NUL, marks of a cut line', async () => {
    const written: readonly NewEvent[] = [
      aNewLine(1, { stream: 'stderr', line: 'nul \0, \u2028, quote ", emoji 🦭', attempt: 3 }),
      aNewLine(2, { line: 'caf\uFFFD', bytes: Buffer.from([0x63, 0x61, 0x66, 0xe9]).toString('base64') }),
      aNewLine(3, { line: 'x'.repeat(1024 * 1024), truncated: true }),
      aNewLine(4, { line: '\uFFFD', bytes: '/w==', truncated: true }),
      aNewLine(5, { line: 'of a build', source: 'build' }),
      aNewLine(6, { line: '\uFFFD', bytes: '/w==', truncated: true, source: 'build' }),
      running,
      {
        type: 'progress',
        attempt: 0,
        ts: timeOf(5),
        image: 'redis:7',
        phase: 'Downloading',
        current: 1,
        total: 2,
      },
      { type: 'gap', attempt: 0, ts: timeOf(6), reason: 'rotated' },
      { type: 'done', attempt: 1, ts: timeOf(7), status: 'stopped', exit_code: 0 },
    ];
    const placed = await journal.append('a', null, written);
    expect(placed).toEqual(written.map((event, index) => ({ ...event, container_id: 'a', seq: index + 1 })));
    expect(await journal.read('a', 1, 100)).toEqual(placed);
  });

  test('the cursor is kept with the events, and stays when none is given', async () => {
    await journal.append('a', null, lines(1, 3), cursor);
    await journal.append('a', null, [running]);
    expect((await journal.state('a')).cursor).toEqual(cursor);
    await journal.append('a', null, [], { ...cursor, run: 'r' });
    expect(await journal.state('a')).toMatchObject({ next_seq: 5, cursor: { run: 'r' } });
  });

  test('the newest token alone writes; what others try leaves no trace', async () => {
    expect(await journal.open('a', 1)).toMatchObject({ next_seq: 1, token: 1, cursor: null });
    await journal.append('a', 1, lines(1, 1), cursor);
    expect(await journal.open('a', 2)).toMatchObject({ next_seq: 2, cursor });
    expect(await journal.open('a', 1)).toBe('fenced');
    expect(await journal.append('a', 1, lines(2, 1), { ...cursor, run: 'late' })).toBe('fenced');
    expect(await journal.append('a', 3, lines(2, 1))).toBe('fenced');
    expect(await journal.append('a', null, [running])).toMatchObject([{ seq: 2 }]);
    expect(await journal.append('a', 2, lines(2, 1))).toMatchObject([{ seq: 3 }]);
    expect((await journal.state('a')).cursor).toEqual(cursor);
  });

  test('the oldest chunks go when the bound is passed, and a reader from before is told what it missed', async () => {
    const small = await aJournal({ path: join(folder.path, 'small.db'), max_bytes_per_container: 20_000 });
    for (let batch = 0; batch < 40; batch++)
      await small.append(
        'a',
        null,
        Array.from({ length: 100 }, (_, index) =>
          aNewLine(batch * 100 + index, { line: `${Math.random()}` }),
        ),
      );
    const { first_seq, next_seq } = await small.state('a');
    expect(next_seq).toBe(4001);
    expect(first_seq).toBeGreaterThan(2000);
    const [gap, next] = await small.read('a', 5, 10);
    expect(gap).toMatchObject({
      type: 'gap',
      reason: 'retention',
      from: 5,
      to: first_seq - 1,
      count: first_seq - 5,
      seq: first_seq - 1,
    });
    expect(next).toMatchObject({ type: 'log', seq: first_seq });
    expect((await small.read('a', first_seq, 1))[0]).toMatchObject({ type: 'log', seq: first_seq });
    await small.append('a', null, [
      aNewLine(1, { line: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('base64') }),
    ]);
    expect(await small.state('a')).toMatchObject({ first_seq: 4001, next_seq: 4002 });
  });

  test('lines that come one at a time take little more room than lines that come together', async () => {
    const small = await aJournal({
      path: join(folder.path, 'small.db'),
      max_bytes_per_container: 20_000,
    });
    for (let number = 1; number <= 500; number++)
      await small.append('a', null, [number % 50 === 0 ? running : aNewLine(number)]);
    expect(await small.state('a')).toMatchObject({ first_seq: 1, next_seq: 501 });
    const events = await small.read('a', 1, 1000);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    for (const [index, event] of events.entries())
      expect(event).toEqual({
        ...((index + 1) % 50 === 0 ? running : aNewLine(index + 1)),
        container_id: 'a',
        seq: index + 1,
      });
    expect(numbers(await small.lines('a', { since: timeOf(148), until: timeOf(152), limit: 9 }))).toEqual([
      148, 149, 151, 152,
    ]);
  });

  test('what is forgotten begins anew', async () => {
    await journal.append('a', null, lines(1, 3));
    await journal.append('b', null, lines(1, 1));
    await journal.forget(['a', 'unknown']);
    expect(await journal.read('a', 1, 10)).toEqual([]);
    expect(await journal.state('a')).toEqual({ next_seq: 1, first_seq: 1, token: 0, cursor: null });
    expect(await journal.read('b', 1, 10)).toHaveLength(1);
  });
});

describe('reading', () => {
  test('pages of events follow each other without a hole, until an empty one', async () => {
    await journal.append('a', null, lines(1, 2500));
    await journal.append('a', null, [running]);
    const seqs: number[] = [];
    for (let from = 1; ; ) {
      const page = await journal.read('a', from, 700);
      if (page.length === 0) break;
      seqs.push(...page.map(({ seq }) => seq));
      from = (seqs.at(-1) ?? 0) + 1;
    }
    expect(seqs).toEqual(Array.from({ length: 2501 }, (_, index) => index + 1));
  });

  test('an answer is bounded by its weight as well as by its limit', async () => {
    const heavy = Array.from({ length: 20 }, (_, index) =>
      aNewLine(index, { line: 'y'.repeat(1024 * 1024) }),
    );
    await journal.append('a', null, heavy);
    const page = await journal.read('a', 1, 1000);
    expect(page.length).toBeGreaterThan(0);
    expect(page.length).toBeLessThan(10);
    const found = await journal.lines('a', { tail: 20, limit: 1000 });
    expect(found.lines.length).toBeLessThan(10);
    expect([found.has_more, found.lines[0]?.seq]).toEqual([true, 1]);
    const rest = await journal.lines('a', { after_seq: 15, limit: 1000 });
    expect(rest.lines.map(({ seq }) => seq)).toEqual([16, 17, 18, 19, 20]);
    expect(rest.has_more).toBe(false);
  });

  describe('lines', () => {
    beforeEach(async () => {
      // 1…5000, every tenth on stderr, in chunks of many sizes, with other events in between.
      for (let from = 1; from <= 5000; ) {
        const count = Math.min(1 + ((from * 7919) % 1500), 5001 - from);
        await journal.append('a', null, [
          running,
          ...Array.from({ length: count }, (_, index) =>
            aNewLine(from + index, { stream: (from + index) % 10 === 0 ? 'stderr' : 'stdout' }),
          ),
        ]);
        from += count;
      }
    });

    test('tail gives the last of them, oldest first, page by page', async () => {
      expect(numbers(await journal.lines('a', { tail: 3, limit: 100 }))).toEqual([4998, 4999, 5000]);
      expect(await journal.lines('a', { tail: 0, limit: 100 })).toEqual({ lines: [], has_more: false });
      const first = await journal.lines('a', { tail: 2000, limit: 1500 });
      expect([numbers(first)[0], first.lines.length, first.has_more]).toEqual([3001, 1500, true]);
      const second = await journal.lines('a', { after_seq: first.lines.at(-1)?.seq ?? 0, limit: 1500 });
      expect([numbers(second)[0], second.lines.length, second.has_more]).toEqual([4501, 500, false]);
      expect((await journal.lines('a', { tail: 9999, limit: 9999 })).lines).toHaveLength(5000);
    });

    test('since and until are inclusive to the nanosecond', async () => {
      const between = { since: timeOf(1200), until: timeOf(1300) };
      expect(numbers(await journal.lines('a', { ...between, limit: 999 }))).toEqual(
        Array.from({ length: 101 }, (_, index) => 1200 + index),
      );
      expect(numbers(await journal.lines('a', { ...between, tail: 2, limit: 999 }))).toEqual([1299, 1300]);
      expect(await journal.lines('a', { since: timeOf(5001), limit: 9 })).toEqual({
        lines: [],
        has_more: false,
      });
    });

    test('one stream alone is counted and cut as such', async () => {
      expect(numbers(await journal.lines('a', { stream: 'stderr', tail: 3, limit: 9 }))).toEqual([
        4980, 4990, 5000,
      ]);
      const page = await journal.lines('a', { stream: 'stderr', limit: 2 });
      expect([numbers(page), page.has_more]).toEqual([[10, 20], true]);
      expect((await journal.lines('a', { stream: 'stdout', limit: 9999 })).lines).toHaveLength(4500);
    });

    test('what a build wrote is apart from the container’s own lines, each counted as such', async () => {
      await journal.append('built', null, [
        ...lines(1, 2),
        aNewLine(3, { source: 'build' }),
        aNewLine(4),
        aNewLine(5, { source: 'build' }),
      ]);
      expect(numbers(await journal.lines('built', { limit: 10 }))).toEqual([1, 2, 4]);
      expect(numbers(await journal.lines('built', { source: 'build', limit: 10 }))).toEqual([3, 5]);
      expect(numbers(await journal.lines('built', { tail: 2, limit: 10 }))).toEqual([2, 4]);
      expect(numbers(await journal.lines('built', { source: 'build', tail: 1, limit: 10 }))).toEqual([5]);
    });

    test('an exact fit says that there are no more', async () => {
      expect((await journal.lines('a', { limit: 5000 })).has_more).toBe(false);
      expect((await journal.lines('a', { limit: 4999 })).has_more).toBe(true);
    });
  });
});

describe('the thread', () => {
  test('closing does first what was asked before, twice is once, and later calls are refused', async () => {
    const appends = Array.from({ length: 50 }, (_, index) => journal.append('a', null, lines(index, 10)));
    await Promise.all([journal.close(), journal.close()]);
    expect((await Promise.all(appends)).at(-1)?.at(-1)).toMatchObject({ seq: 500 });
    await expect(journal.append('a', null, lines(1, 1))).rejects.toSatisfy((error) =>
      isContractError(error, 'database_failed'),
    );
    expect((await (await aJournal()).state('a')).next_seq).toBe(501);
  });
});
