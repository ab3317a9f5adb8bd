import { expect, test } from 'vitest';
import type { LogFrame } from '../../../src/engine/port/container-calls.ts';
import { lineAssembler } from '../../../src/worker/follow/line-assembler.ts';
import { logEvent } from '../../../src/worker/follow/log-event.ts';
import { timeOf } from '../../support/builders.ts';

const MIB = 1024 * 1024;

function aFrame(
  text: string | Buffer,
  at: number,
  { stream = 'stdout', ends = true }: { stream?: 'stdout' | 'stderr'; ends?: boolean } = {},
): LogFrame {
  return { stream, ts: timeOf(at), data: Buffer.from(text), ends_line: ends };
}

test('pieces of two streams that interleave become the lines of each, with the time of their first piece', () => {
  const { push } = lineAssembler();
  const lines = [
    aFrame('out-1 ', 1, { ends: false }),
    aFrame('err-1 ', 2, { stream: 'stderr', ends: false }),
    aFrame('out-2', 1),
    aFrame('err-2', 2, { stream: 'stderr' }),
  ].flatMap(push);
  expect(lines.map(({ stream, ts, data }) => [stream, ts, data.toString()])).toEqual([
    ['stdout', timeOf(1), 'out-1 out-2'],
    ['stderr', timeOf(2), 'err-1 err-2'],
  ]);
});

test('a last line without its newline is told at the end of the run, and one of a former run before the next', () => {
  const { push, flush, openSince } = lineAssembler();
  expect(push(aFrame('tail of run 1', 1, { ends: false }))).toEqual([]);
  expect(openSince('stdout')).toBe(timeOf(1));
  const lines = push(aFrame('run 2', 5, { ends: false }));
  expect(lines.map(({ data, truncated }) => [data.toString(), truncated])).toEqual([
    ['tail of run 1', false],
  ]);
  expect(flush().map(({ data }) => data.toString())).toEqual(['run 2']);
  expect(flush()).toEqual([]);
});

test('a line over 1 MiB is told in pieces that say so, cut at the same places however it arrives', () => {
  const whole = Buffer.alloc(2 * MIB + 10, 'x');
  const cut = (size: number): [number, boolean][] => {
    const { push } = lineAssembler();
    const lines = [];
    for (let at = 0; at < whole.length; at += size)
      lines.push(...push(aFrame(whole.subarray(at, at + size), 1, { ends: at + size >= whole.length })));
    return lines.map(({ data, truncated }) => [data.length, truncated]);
  };
  const expected = [
    [MIB, true],
    [MIB, true],
    [10, false],
  ];
  expect(cut(16 * 1024)).toEqual(expected);
  expect(cut(1_000_003)).toEqual(expected);
});

test('an unfinished line holds no more than 1 MiB', () => {
  const { push, flush } = lineAssembler();
  const piece = Buffer.alloc(16 * 1024, 'x');
  let told = 0;
  for (let count = 0; count < 1000; count++)
    for (const { data } of push(aFrame(piece, 1, { ends: false }))) told += data.length;
  const [rest] = flush();
  expect(rest?.data.length ?? 0).toBeLessThanOrEqual(MIB);
  expect(told + (rest?.data.length ?? 0)).toBe(1000 * piece.length);
});

test('bytes are carried only when a line is not UTF-8; NUL, colours and a carriage return stay in the line', () => {
  const event = (data: Buffer) =>
    logEvent({ stream: 'stdout', ts: timeOf(1), data, truncated: false }, 1) as {
      line: string;
      bytes?: string;
    };
  const plain = event(Buffer.from('a\0b\u001b[31mré\r'));
  expect(plain.line).toBe('a\0b\u001b[31mré\r');
  expect(plain).not.toHaveProperty('bytes');
  const broken = Buffer.from([0x61, 0xc3, 0x28, 0x00]);
  expect(Buffer.from(event(broken).bytes ?? '', 'base64')).toEqual(broken);
  expect(event(broken).line).toContain('\ufffd');
});
