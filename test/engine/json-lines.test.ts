import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { jsonLines } from '../../src/engine/transport/json-lines.ts';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(bytes: AsyncIterable<Buffer>): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(bytes)) values.push(value);
  return values;
}

test.each([1, 2, 5, 1000])(
  'lines cut into chunks of %i bytes keep their letters, and the last needs no newline',
  async (size) => {
    const bytes = Buffer.from('{"a":"größe ✓"}\r\n\n{"b":2}\n{"c":"🐳"}');
    expect(await all(inChunks(bytes, size))).toEqual([{ a: 'größe ✓' }, { b: 2 }, { c: '🐳' }]);
  },
);

test('a line that is no JSON is passed over', async () => {
  expect(await all(inChunks(Buffer.from('{"a":1}\n<html>\n{"b":'), 100))).toEqual([{ a: 1 }]);
});

test('a line without an end is refused before it fills the memory', async () => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (; sent < 50e6; sent += 65_536) yield Buffer.alloc(65_536, 0x61);
  }
  await expect(all(endless())).rejects.toSatisfy((error) => isContractError(error, 'engine_failed'));
  expect(sent).toBeLessThan(2e6);
});
