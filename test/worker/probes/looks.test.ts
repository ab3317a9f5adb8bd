import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as tcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { Probe } from '../../../contracts/container-fields/convergence.ts';
import type { Way } from '../../../src/plan/probes/reach.ts';
import {
  type Dialling,
  dialContainer,
  type Learned,
  takesConnection,
} from '../../../src/worker/probes/dial.ts';
import { lookByHttp, MOST_OUTPUT, type Seen } from '../../../src/worker/probes/looks.ts';

const servers: { close(): void; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const one of servers.splice(0)) {
    one.closeAllConnections?.();
    one.close();
  }
});

async function listening<S extends Server | ReturnType<typeof tcpServer>>(server: S): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const direct = (port: number, more: Partial<Extract<Way, { kind: 'direct' }>> = {}): Way => ({
  kind: 'direct',
  host: '127.0.0.1',
  port,
  refused: 'answer',
  relayed: false,
  ...more,
});
const dialling = (
  ways: readonly Way[],
  learned: Learned = { good: undefined },
  timeout_ms = 1000,
): Dialling => ({
  ways,
  learned,
  helped: { engine_id: 'e1', started_at: '' },
  helpers: {
    connects: async () => ({ ok: true, why: '' }),
    dial: async () => {
      throw new Error('asked the helper');
    },
    drop: async () => undefined,
  },
  timeout_ms,
  signal: AbortSignal.timeout(5000),
});
const look = async (
  answer: RequestListener,
  given: Partial<NonNullable<Probe['http']>> = {},
  signal = AbortSignal.timeout(5000),
): Promise<Seen> => {
  const port = await listening(createServer(answer));
  const dial = (): Promise<Duplex> => dialContainer(dialling([direct(port)]));
  return lookByHttp({ port, ...given }, dial, signal);
};

test('an http answer is good by its status, and a redirect is an answer', async () => {
  let asked: unknown;
  const seen = await look(
    (request, response) => {
      asked = { url: request.url, host: request.headers.host, connection: request.headers.connection };
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('moved');
    },
    { path: '/ready?a=b', headers: { host: 'app.test' } },
  );
  expect(seen).toEqual({ ok: true, output: 'HTTP 302\nmoved' });
  expect(asked).toEqual({ url: '/ready?a=b', host: 'app.test', connection: 'close' });
  expect(await look((_, response) => response.writeHead(503).end('no'))).toEqual({
    ok: false,
    output: 'HTTP 503\nno',
  });
  expect((await look((_, response) => response.writeHead(503).end(), { status: [503] })).ok).toBe(true);
  expect((await look((_, response) => response.writeHead(200).end(), { status: 204 })).ok).toBe(false);
});

test('of an endless body only the beginning is read', async () => {
  const seen = await look((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  expect(seen.ok).toBe(true);
  expect(Buffer.byteLength(seen.output)).toBeLessThanOrEqual(MOST_OUTPUT);
});

test('the head is the answer: a body that does not end, or breaks off, takes nothing back', async () => {
  const dripping: RequestListener = (_, response) => void response.writeHead(200).write('begun');
  const long = AbortSignal.timeout(60_000);
  expect(await look(dripping, {}, long)).toEqual({ ok: true, output: 'HTTP 200\nbegun' });
  // Nor does it keep others waiting until its own time is over.
  expect(long.aborted).toBe(false);
  expect(await look(dripping, {}, AbortSignal.timeout(150))).toEqual({ ok: true, output: 'HTTP 200\nbegun' });
  const breaking: RequestListener = (_, response) => {
    response.writeHead(503, { 'content-length': '100' }).write('begun', () => response.destroy());
  };
  expect(await look(breaking)).toEqual({ ok: false, output: 'HTTP 503\nbegun' });
});

test('one that takes a connection and says nothing fails when its time is over', async () => {
  await expect(look(() => undefined, {}, AbortSignal.timeout(100))).rejects.toThrow();
});

test('a refusal by the container is an answer, and its way is kept to', async () => {
  const port = await listening(createServer());
  servers.pop()?.close();
  const learned: Learned = { good: undefined };
  await expect(
    dialContainer(dialling([direct(port), { kind: 'helper', host: 'x', port }], learned)),
  ).rejects.toThrow(/ECONNREFUSED/);
  expect(learned.good).toBe(0);
});

test('where a refusal may be somebody else’s, or nobody answers, the next way is tried, and kept to when it is good', async () => {
  const port = await listening(tcpServer());
  const closed = direct(1, { refused: 'no_way', relayed: true });
  const learned: Learned = { good: undefined };
  (await dialContainer(dialling([closed, direct(port)], learned))).destroy();
  expect(learned.good).toBe(1);
  // An address that leads nowhere.
  const nowhere = direct(9, { host: '255.255.255.255' });
  const other: Learned = { good: undefined };
  await takesConnection(dialling([nowhere, { kind: 'helper', host: 'x', port }], other, 500));
  expect(other.good).toBe(1);
});

test('a way that was good, and is none any more, is given up for the next one; one that is silent is not', async () => {
  const port = await listening(tcpServer());
  const nowhere = direct(9, { host: '255.255.255.255' });
  const learned: Learned = { good: 0 };
  (await dialContainer(dialling([nowhere, direct(port)], learned))).destroy();
  expect(learned.good).toBe(1);
  const closed = direct(1, { refused: 'no_way' });
  const kept: Learned = { good: 0 };
  await expect(dialContainer(dialling([closed, direct(port)], kept))).rejects.toThrow(/ECONNREFUSED/);
  expect(kept.good).toBe(0);
});

test('of a way whose time was over nothing is learned', async () => {
  const port = await listening(tcpServer());
  const learned: Learned = { good: undefined };
  const over = { ...dialling([direct(port)], learned), signal: AbortSignal.abort() };
  await expect(dialContainer(over)).rejects.toThrow(/abort/);
  expect(learned.good).toBeUndefined();
});

test('who stands before the container and ends the connection at once has taken none', async () => {
  const server = tcpServer((socket) => socket.end());
  const port = await listening(server);
  await expect(takesConnection(dialling([direct(port, { relayed: true })]))).rejects.toThrow(
    /takes no connection/,
  );
  const kept = await listening(tcpServer((socket) => void socket.on('error', () => undefined)));
  await takesConnection(dialling([direct(kept, { relayed: true })]));
  connect(kept, '127.0.0.1').destroy();
});
