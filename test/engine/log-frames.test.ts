import { expect, test } from 'vitest';
import type { LogFrame } from '../../src/engine/port/container-calls.ts';
import type { RawFrame } from '../../src/engine/transport/decode-frames.ts';
import { logFrames, terminalFrames } from '../../src/engine/transport/log-frames.ts';

const TS = '2026-01-02T03:04:05.123456789Z';
const LATER = '2026-01-02T03:04:06.000000001Z';

async function all(batches: AsyncIterable<readonly LogFrame[]>): Promise<readonly LogFrame[]> {
  const frames: LogFrame[] = [];
  for await (const batch of batches) frames.push(...batch);
  return frames;
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function* inChunks(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const brief = ({ stream, ts, data, ends_line }: LogFrame): readonly unknown[] => [
  stream,
  ts,
  data.length > 100 ? data.length : data.toString(),
  ends_line,
];

test('each piece of a long line loses its own timestamp, and only the last ends the line', async () => {
  const raw: readonly RawFrame[] = [
    { stream: 'stdout', data: Buffer.from(`${TS} ${'a'.repeat(16_384)}`) },
    { stream: 'stderr', data: Buffer.from(`${LATER} between\n`) },
    { stream: 'stdout', data: Buffer.from(`${TS} tail\n`) },
  ];
  expect((await all(logFrames(once(raw)))).map(brief)).toEqual([
    ['stdout', TS, 16_384, false],
    ['stderr', LATER, 'between', true],
    ['stdout', TS, 'tail', true],
  ]);
});

test('an empty line, blanks and bytes that are no text stay as they are', async () => {
  const raw: readonly RawFrame[] = [
    { stream: 'stdout', data: Buffer.from(`${TS} \n`) },
    { stream: 'stdout', data: Buffer.from(`${TS}   two blanks\n`) },
    { stream: 'stdout', data: Buffer.concat([Buffer.from(`${TS} `), Buffer.from([0, 0xc3, 0x0a])]) },
  ];
  const frames = await all(logFrames(once(raw)));
  expect(frames.map(({ data }) => [...data])).toEqual([[], [...Buffer.from('  two blanks')], [0, 0xc3]]);
});

test.each([1, 10, 4096])(
  'a terminal’s lines come as stdout without their carriage return (chunks of %i)',
  async (size) => {
    const log = `${TS} one\r\n${TS} \r\n${LATER} two`;
    expect((await all(terminalFrames(inChunks(log, size)))).map(brief)).toEqual([
      ['stdout', TS, 'one', true],
      ['stdout', TS, '', true],
      ['stdout', LATER, 'two', false],
    ]);
  },
);

test('a terminal that writes no newline is cut into the engine’s pieces, and its memory is bounded', async () => {
  const piece = 'x'.repeat(16_384);
  const log = `${`${TS} ${piece}`.repeat(3)}${TS} end\r\n${LATER} next\r\n`;
  expect((await all(terminalFrames(inChunks(log, 1000)))).map(brief)).toEqual([
    ['stdout', TS, 16_384, false],
    ['stdout', TS, 16_384, false],
    ['stdout', TS, 16_384, false],
    ['stdout', TS, 'end', true],
    ['stdout', LATER, 'next', true],
  ]);
});
