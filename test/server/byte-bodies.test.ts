import { join } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByteStream } from '../../contracts/byte-stream.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import { createHub } from '../../src/bus/hub.ts';
import { type Connection, connect } from '../../src/connect.ts';
import type { Call } from '../../src/dispatch/dispatch.ts';
import { createOffers } from '../../src/handlers/sessions/offers.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

const CHUNK = 65_536;
let folder: Folder;
let server: Server;
let connection: Connection;
/** Bytes that the other side has taken or given so far, and whether it was let go. */
let far: { bytes: number; ended: boolean };

async function* endless(): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      far.bytes += CHUNK;
      yield Buffer.alloc(CHUNK, 'x');
      await soon();
    }
  } finally {
    far.ended = true;
  }
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(CHUNK);
  throw new ContractError('engine_unreachable', 'the engine went away');
}

/** What a handler could do with bytes. */
async function work({ method, input }: Call): Promise<unknown> {
  const tar = (input as { readonly tar: ByteStream }).tar;
  switch (method) {
    case 'count': {
      let count = 0;
      for await (const chunk of tar) count += chunk.length;
      return { count, with: (input as { readonly more: string }).more };
    }
    case 'refuse':
      for await (const _ of tar) throw new ContractError('engine_refused', 'no more of that');
      return {};
    case 'give':
      return { name: 'é', tar: endless() };
    case 'break':
      return { tar: breaking() };
    default:
      throw new ContractError('image_not_found', 'nothing there');
  }
}

const call = (method: string, input: object = {}, signal?: AbortSignal): Promise<unknown> =>
  connection.call({ contract_id: 'test:bytes', method, input }, signal);

beforeEach(async () => {
  far = { bytes: 0, ended: false };
  folder = await aFolder();
  const socket = join(folder.path, 'b.sock');
  const hub = createHub({
    replay: async () => ({ events: [] }) as never,
    nextSeq: async () => 1,
    subscriptionsOf: () => [],
    onHeard: () => undefined,
    onPoke: () => undefined,
    log: silentLog(),
  });
  server = await startServer(socket, { dispatch: work, hub, version: '1', join: createOffers().join });
  connection = await connect(socket);
});

afterEach(async () => {
  // It ends whatever became of the bytes.
  await server.close();
  await connection.close();
  await folder[Symbol.asyncDispose]();
});

test('bytes go up beside the other fields, and come down beside them', async () => {
  async function* some(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 100; count++) yield Buffer.alloc(CHUNK);
  }
  expect(await call('count', { tar: some(), more: 'é"' })).toEqual({ count: 100 * CHUNK, with: 'é"' });
  const given = (await call('give')) as { readonly name: string; readonly tar: ByteStream };
  expect(given.name).toBe('é');
  for await (const chunk of given.tar) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await eventually(() => expect(far.ended).toBe(true));
  await expect(call('none', { tar: some() })).rejects.toMatchObject({ code: 'image_not_found' });
});

test('a slow reader holds the giver up, and nothing is piled up in between', async () => {
  const { tar } = (await call('give')) as { readonly tar: ByteStream };
  const reading = tar[Symbol.asyncIterator]();
  await reading.next();
  let before = -1;
  await eventually(() => {
    const now = far.bytes;
    const same = now === before;
    before = now;
    expect(same).toBe(true);
  });
  expect(far.bytes).toBeLessThan(16 * 1024 * 1024);
  await reading.return?.();
  await eventually(() => expect(far.ended).toBe(true));
});

test('a refusal in the midst of an upload is heard, and ends it', async () => {
  for (let count = 0; count < 20; count++) {
    far.ended = false;
    await expect(call('refuse', { tar: endless() })).rejects.toMatchObject({ code: 'engine_refused' });
    await eventually(() => expect(far.ended).toBe(true));
  }
});

test('what breaks off is no success: on the way down, on the way up, and by the caller’s will', async () => {
  const { tar } = (await call('break')) as { readonly tar: ByteStream };
  await expect(
    (async () => {
      for await (const _ of tar);
    })(),
  ).rejects.toMatchObject({ code: 'interrupted' });
  await expect(call('count', { tar: breaking() })).rejects.toMatchObject({ code: 'invalid_input' });
  const caller = new AbortController();
  const counting = call('count', { tar: endless() }, caller.signal);
  await eventually(() => expect(far.bytes).toBeGreaterThan(CHUNK));
  caller.abort();
  await expect(counting).rejects.toMatchObject({ code: 'aborted' });
  await eventually(() => expect(far.ended).toBe(true));
});

test('a server that closes ends the bytes that are under way', async () => {
  const { tar } = (await call('give')) as { readonly tar: ByteStream };
  const reading = tar[Symbol.asyncIterator]();
  await reading.next();
  const counting = call('count', { tar: endless() });
  counting.catch(() => undefined);
  await server.close();
  await expect(counting).rejects.toMatchObject({ code: 'daemon_not_running' });
  await expect(
    (async () => {
      while (!(await reading.next()).done);
    })(),
  ).rejects.toMatchObject({ code: 'interrupted' });
});
