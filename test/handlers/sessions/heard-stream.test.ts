import { expect, test } from 'vitest';
import { type HeardStream, heardStream } from '../../../src/handlers/sessions/heard-stream.ts';

const live = (stream: HeardStream, text: string): boolean =>
  stream.live({ stream: 'stdout', data: Buffer.from(text) });
const logged = (stream: HeardStream, text: string, ends_line = true): string =>
  stream
    .logged({ stream: 'stdout', ts: '', data: Buffer.from(text), ends_line })
    .map(({ data }) => data.toString())
    .join('');
const gone = (stream: HeardStream): string | undefined => stream.goLive()?.data.toString();

test('the log gives every line until the live stream shows what the log cannot; then that alone is heard', () => {
  const stream = heardStream('stdout');
  expect(logged(stream, 'before')).toBe('before\n');
  expect(live(stream, 'ne\ntwo\n')).toBe(false);
  expect(logged(stream, 'one')).toBe('one\n');
  expect(stream.isUnfinished()).toBe(false);
  expect(live(stream, 'name? ')).toBe(false);
  expect(stream.isUnfinished()).toBe(true);
  // The log is not as far yet.
  expect(gone(stream)).toBeUndefined();
  expect(logged(stream, 'two')).toBe('two\n');
  expect(gone(stream)).toBe('name? ');
  expect(live(stream, 'Ann\n')).toBe(true);
  expect(logged(stream, 'name? Ann')).toBe('');
});

test('of an unfinished line nothing is given twice: what the log has of it, long as it is, is not unfinished', () => {
  const stream = heardStream('stdout');
  live(stream, 'line\n');
  logged(stream, 'line');
  live(stream, 'x'.repeat(20));
  logged(stream, 'x'.repeat(16), false);
  expect(gone(stream)).toBe('xxxx');
  const middle = heardStream('stdout');
  expect(logged(middle, 'abcdef', false)).toBe('abcdef');
  live(middle, 'efgh');
  expect(gone(middle)).toBe('gh');
});

test('an end of a line proves no more than that end; an empty line is none like another', () => {
  const fragment = heardStream('stdout');
  logged(fragment, 'a whole line');
  live(fragment, '\n$ ');
  expect(gone(fragment)).toBe('$ ');
  const empty = heardStream('stdout');
  logged(empty, 'a whole line');
  live(empty, 'a whole line\n\n$ ');
  expect(gone(empty)).toBeUndefined();
  logged(empty, '');
  expect(gone(empty)).toBe('$ ');
});
