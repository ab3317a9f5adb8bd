import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { decodeFrames, type RawFrame } from '../../src/engine/transport/decode-frames.ts';

const frame = (kind: number, data: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(data);
  const header = Buffer.alloc(8);
  header[0] = kind;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(bytes: AsyncIterable<Buffer>): Promise<readonly RawFrame[]> {
  const frames: RawFrame[] = [];
  for await (const batch of decodeFrames(bytes)) frames.push(...batch);
  return frames;
}

test.each([1, 3, 7, 8, 9, 1000, 65_536])('frames are the same in chunks of %i bytes', async (size) => {
  const sent = [
    frame(1, 'out\n'),
    frame(2, 'err\n'),
    frame(1, ''),
    frame(1, Buffer.alloc(20_000, 0x41)),
    frame(2, Buffer.from([0, 255, 10])),
  ];
  const got = await all(inChunks(Buffer.concat(sent), size));
  expect(got.map(({ stream, data }) => [stream, data.toString('latin1')])).toEqual([
    ['stdout', 'out\n'],
    ['stderr', 'err\n'],
    ['stdout', ''],
    ['stdout', 'A'.repeat(20_000)],
    ['stderr', '\x00\xff\n'],
  ]);
});

test('fifty thousand one-byte frames in one chunk come one after the other, without a deep stack', async () => {
  const bytes = Buffer.concat(
    Array.from({ length: 50_000 }, (_, index) => frame(1, Buffer.from([index % 256]))),
  );
  const got = await all(inChunks(bytes, bytes.length));
  expect(got).toHaveLength(50_000);
  expect(got.every(({ data }, index) => data[0] === index % 256)).toBe(true);
});

test('fifty thousand kept frames weigh about what they hold, not the chunks that they came in', async () => {
  const chunk = Buffer.concat(Array.from({ length: 700 }, () => frame(1, 'x'.repeat(81))));
  async function* coalesced(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < 50_000; sent += 700) yield Buffer.from(chunk);
  }
  const before = process.memoryUsage().arrayBuffers;
  const kept = await all(coalesced());
  expect(kept.length).toBeGreaterThanOrEqual(50_000);
  expect(kept[0]?.data.buffer).not.toBe(chunk.buffer);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60e6);
});

test('frames that are read and let go are not held: 200 MB pass in little memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const chunk = Buffer.concat(Array.from({ length: 700 }, () => frame(1, 'x'.repeat(80))));
  let chunks = 0;
  let most = 0;
  async function* flood(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < 200e6; sent += chunk.length) {
      chunks += 1;
      if (chunks % 500 === 0) {
        collect();
        const { arrayBuffers, heapUsed } = process.memoryUsage();
        most = Math.max(most, arrayBuffers + heapUsed - before);
      }
      yield Buffer.from(chunk);
    }
  }
  collect();
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  let bytes = 0;
  for await (const batch of decodeFrames(flood())) for (const { data } of batch) bytes += data.length;
  expect(bytes).toBeGreaterThan(150e6);
  expect(most).toBeLessThan(60e6);
});

test('no chunk is asked for before the frames of the last were taken', async () => {
  let asked = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for (; asked < 100; ) {
      asked += 1;
      yield frame(1, 'line\n');
    }
  }
  const frames = decodeFrames(counted());
  await frames.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(1);
  await frames.return(undefined);
});

test.each([
  ['an unknown stream', Buffer.from([9, 0, 0, 0, 0, 0, 0, 1, 65])],
  ['bytes that should be zero', Buffer.from([1, 0, 7, 0, 0, 0, 0, 1, 65])],
  ['an absurd length', Buffer.from([1, 0, 0, 0, 255, 255, 255, 255, 65])],
  ['text', Buffer.from('HTTP/1.1 200 OK')],
])('%s is no frame', async (_, bytes) => {
  await expect(all(inChunks(bytes, 100))).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_failed'),
  );
});

test('an end in the middle of a frame is a broken connection, after what was whole', async () => {
  const bytes = Buffer.concat([frame(1, 'whole\n'), frame(1, 'cut off\n').subarray(0, 12)]);
  const got: string[] = [];
  const reading = (async () => {
    for await (const batch of decodeFrames(inChunks(bytes, 100)))
      got.push(...batch.map(({ data }) => data.toString()));
  })();
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
  expect(got).toEqual(['whole\n']);
});

test('what the engine says of its own failure is the error, after what came before', async () => {
  const bytes = Buffer.concat([frame(1, 'whole\n'), frame(3, 'Error grabbing logs: unexpected EOF\n')]);
  const got: string[] = [];
  const reading = (async () => {
    for await (const batch of decodeFrames(inChunks(bytes, 1000)))
      got.push(...batch.map(({ data }) => data.toString()));
  })();
  await expect(reading).rejects.toThrow('Error grabbing logs');
  expect(got).toEqual(['whole\n']);
});
