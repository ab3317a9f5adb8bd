import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedText } from '../../../src/handlers/sessions/bounded-text.ts';
import { detachKeys } from '../../../src/handlers/sessions/detach-keys.ts';
import { handOver } from '../../../src/handlers/sessions/hand-over.ts';
import { lineSplitter } from '../../../src/handlers/sessions/line-splitter.ts';

const typed = (keys: string | undefined, ...parts: readonly string[]) => {
  const { sift } = detachKeys(keys);
  const sifted = parts.map((part) => sift(Buffer.from(part, 'latin1')));
  return {
    passed: sifted.map(({ data }) => data.toString('latin1')).join(''),
    detached: sifted.map(({ detached }) => detached),
  };
};

test('detach keys are seen whole or in pieces, and all else is passed on', () => {
  expect(typed(undefined, 'ab\x10\x11')).toEqual({ passed: 'ab', detached: [true] });
  expect(typed(undefined, 'a\x10', '\x11')).toEqual({ passed: 'a', detached: [false, true] });
  expect(typed(undefined, '\x10', 'b\x10\x10', '\x10c')).toEqual({
    passed: '\x10b\x10\x10\x10c',
    detached: [false, false, false],
  });
  expect(typed('a,a,b', 'aaab')).toEqual({ passed: 'a', detached: [true] });
  expect(typed('ctrl-],q', '\x1dq')).toEqual({ passed: '', detached: [true] });
  expect(typed('', '\x10\x11')).toEqual({ passed: '\x10\x11', detached: [false] });
});

test('what is no sequence of detach keys goes through byte by byte, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c') })), (parts) => {
      const { passed, detached } = typed('a,b,a,c', ...parts);
      const all = parts.join('');
      const at = all.indexOf('abac');
      if (at < 0) {
        expect(detached).not.toContain(true);
        expect(all.startsWith(passed)).toBe(true);
        expect('abac'.startsWith(all.slice(passed.length))).toBe(true);
      } else {
        const until = detached.indexOf(true);
        expect(until).toBeGreaterThanOrEqual(0);
        expect(typed('a,b,a,c', ...parts.slice(0, until + 1)).passed).toBe(all.slice(0, at));
      }
    }),
  );
});

test('a bounded text keeps its beginning, with no half of a character, and all that is no UTF-8 as bytes', () => {
  const text = boundedText(5);
  text.add(Buffer.from('aä'));
  expect(text.result()).toEqual({ text: 'aä', truncated: false });
  text.add(Buffer.from('bä'));
  text.add(Buffer.from('c'));
  expect(text.result()).toEqual({ text: 'aäb', truncated: true });
  const bytes = boundedText(5);
  bytes.add(Buffer.from([0xff, 0xfe]));
  expect(bytes.result()).toEqual({ text: '\ufffd\ufffd', bytes: '//4=', truncated: false });
});

test('lines are split wherever the output is cut, and long ones are cut at 1 MiB', () => {
  const split = lineSplitter();
  expect(split.push(Buffer.from('one\n\ntw')).map(({ line }) => line)).toEqual(['one', '']);
  expect(split.push(Buffer.from('o\r\nthr')).map(({ line }) => line)).toEqual(['two\r']);
  expect(split.rest()).toEqual([{ line: 'thr' }]);
  expect(split.rest()).toEqual([]);
  const MEBI = 1024 * 1024;
  const long = [...split.push(Buffer.alloc(2.5 * MEBI, 'x')), ...split.push(Buffer.from('\n'))];
  expect(long.map(({ line, truncated }) => [line.length, truncated])).toEqual([
    [MEBI, true],
    [MEBI, true],
    [MEBI / 2, undefined],
  ]);
  expect(split.push(Buffer.from([0xff, 10]))).toEqual([{ line: '\ufffd', bytes: '/w==' }]);
});

test('what is handed over goes no faster than it is taken, and nothing waits for who left', async () => {
  let left = false;
  const { give, end, items } = handOver<number>(() => {
    left = true;
  });
  const iterator = items[Symbol.asyncIterator]();
  let taken = false;
  const given = give(1).then(() => {
    taken = true;
  });
  await Promise.resolve();
  expect(taken).toBe(false);
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  await given;
  const waiting = give(2);
  await iterator.return?.(undefined);
  await waiting;
  await give(3);
  expect(left).toBe(true);
  end();
});
