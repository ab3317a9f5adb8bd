import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { parseHost } from '../../src/engine/parse-host.ts';
import { createTransport, type Transport } from '../../src/engine/transport/transport.ts';
import { eventually } from '../support/eventually.ts';
import {
  aFakeDaemon,
  chunks,
  cutAfter,
  type FakeDaemon,
  json,
  silence,
  text,
} from '../support/fake-daemon.ts';

const LONG = 60_000;
const opened: Transport[] = [];
const transportTo = ({ socketPath }: Pick<FakeDaemon, 'socketPath'>): Transport => {
  const transport = createTransport(`unix://${socketPath}`, { socketPath });
  opened.push(transport);
  return transport;
};
afterEach(() => {
  for (const transport of opened.splice(0)) transport.close();
});

test.each([
  ['in the header', cutAfter('HTTP/1.1 200 OK\r\nContent-Le')],
  ['in the middle of the body', cutAfter('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Id":')],
  ['in the middle of a chunk', chunks(['{"Id":'], 'break')],
  ['before any byte', cutAfter('')],
])('an answer cut %s is engine_unreachable, not a wait without end', async (_, reply) => {
  await using daemon = await aFakeDaemon({ 'POST /x': reply });
  const call = transportTo(daemon).call({ method: 'POST', path: '/x' }, LONG);
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
  expect(daemon.asked).toHaveLength(1);
});

test('what may be asked twice is asked twice when the connection breaks, and no more', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': cutAfter('') });
  const call = transportTo(daemon).call({ method: 'GET', path: '/x', again: true }, LONG);
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
  expect(daemon.asked).toHaveLength(2);
});

test('the first calls after a daemon’s restart succeed, though the kept sockets are dead', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': text('fine'), 'POST /y': text('made') });
  const transport = transportTo(daemon);
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      Array.from({ length: 8 }, () => transport.call({ method: 'GET', path: '/x', again: true }, LONG)),
    );
    await daemon.kill();
    await daemon.revive();
    const [read, made] = await Promise.all([
      transport.call({ method: 'GET', path: '/x', again: true }, LONG),
      transport.call({ method: 'POST', path: '/y' }, LONG),
    ]);
    expect([read.body, made.body]).toEqual(['fine', 'made']);
  }
  expect(daemon.asked.filter(({ method }) => method === 'POST')).toHaveLength(5);
});

test.each([
  ['silence', silence],
  ['a body that stops', chunks(['{"Id":'], 'stay')],
])('%s ends at the deadline as engine_timeout, and the socket is let go', async (_, reply) => {
  await using daemon = await aFakeDaemon({ 'GET /x': reply });
  const call = transportTo(daemon).call({ method: 'GET', path: '/x', again: true }, 300);
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'engine_timeout'));
  expect(daemon.asked).toHaveLength(1);
  await eventually(() => expect(daemon.connections.size).toBe(0));
});

test('an aborted call ends as aborted, and leaves no listener on the caller’s signal', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': silence, 'GET /y': text('fine') });
  const transport = transportTo(daemon);
  const caller = new AbortController();
  await transport.call({ method: 'GET', path: '/y' }, LONG, caller.signal);
  const call = transport.call({ method: 'GET', path: '/x' }, LONG, caller.signal);
  await eventually(() => expect(daemon.asked).toHaveLength(2));
  caller.abort();
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  await eventually(() => expect(daemon.connections.size).toBe(0));
  expect(getEventListeners(caller.signal, 'abort').length).toBeLessThanOrEqual(2);
});

test('a call that is aborted before it begins asks nothing', async () => {
  await using daemon = await aFakeDaemon();
  const call = transportTo(daemon).call({ method: 'GET', path: '/x' }, LONG, AbortSignal.abort());
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  expect(daemon.asked).toHaveLength(0);
});

test('no engine there is engine_unreachable that names the socket', async () => {
  const call = transportTo({ socketPath: '/nowhere/d.sock' }).call({ method: 'GET', path: '/x' }, LONG);
  await expect(call).rejects.toThrow('unix:///nowhere/d.sock');
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
});

test('something else that listens there is engine_unreachable, not a crash', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': cutAfter('SSH-2.0-OpenSSH_9.2\r\n') });
  const call = transportTo(daemon).call({ method: 'GET', path: '/x' }, LONG);
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
});

test('twenty slow mutations hold up no query', async () => {
  await using daemon = await aFakeDaemon({ 'POST /stop': silence, 'GET /x': text('fine') });
  const transport = transportTo(daemon);
  const caller = new AbortController();
  const slow = Array.from({ length: 20 }, () =>
    transport.call({ method: 'POST', path: '/stop' }, LONG, caller.signal),
  );
  const settled = Promise.allSettled(slow);
  await eventually(() => expect(daemon.asked).toHaveLength(20));
  expect((await transport.call({ method: 'GET', path: '/x' }, LONG)).body).toBe('fine');
  caller.abort();
  await settled;
});

test('a stream may be silent for longer than its deadline, which is for the headers', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': chunks(['begun'], 'stay'), 'GET /y': silence });
  const caller = new AbortController();
  const transport = transportTo(daemon);
  const response = await transport.open({ method: 'GET', path: '/x' }, 200, caller.signal);
  await expect(transport.call({ method: 'GET', path: '/y' }, 400)).rejects.toThrow('no answer');
  expect(response.destroyed).toBe(false);
  expect(String(response.read())).toBe('begun');
  caller.abort();
  await eventually(() => expect(daemon.connections.size).toBe(0));
});

test('a stream that breaks while nobody reads it does not end the process', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': chunks(['begun'], 'break') });
  const caller = new AbortController();
  const response = await transportTo(daemon).open({ method: 'GET', path: '/x' }, LONG, caller.signal);
  await eventually(() => expect(response.destroyed || response.readableAborted).toBe(true));
});

test('close ends calls and streams', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': chunks(['begun'], 'stay'), 'GET /y': silence });
  const transport = transportTo(daemon);
  const response = await transport.open({ method: 'GET', path: '/x' }, LONG, new AbortController().signal);
  const call = transport.call({ method: 'GET', path: '/y' }, LONG);
  await eventually(() => expect(daemon.asked).toHaveLength(2));
  transport.close();
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  await eventually(() => expect(response.destroyed).toBe(true));
  await eventually(() => expect(daemon.connections.size).toBe(0));
});

test('what is asked reaches the path, the query, the headers and the body, and nothing else', async () => {
  await using daemon = await aFakeDaemon({ 'POST /v9/x': json({ ok: true }, 201) });
  const answer = await transportTo(daemon).call(
    {
      method: 'POST',
      path: '/v9/x',
      query: { name: 'a b&c', left: undefined, changes: ['CMD ["a"]', 'ENV A=b'] },
      headers: { 'X-Registry-Auth': 'abc' },
      body: { Größe: 1 },
    },
    LONG,
  );
  expect([answer.status, answer.body]).toEqual([201, '{"ok":true}']);
  const [asked] = daemon.asked;
  expect([...(asked?.query ?? [])]).toEqual([
    ['name', 'a b&c'],
    ['changes', 'CMD ["a"]'],
    ['changes', 'ENV A=b'],
  ]);
  expect(asked?.headers['x-registry-auth']).toBe('abc');
  expect(JSON.parse(asked?.body ?? '')).toEqual({ Größe: 1 });
});

test('the environment’s DOCKER_HOST does not turn it elsewhere', async () => {
  await using daemon = await aFakeDaemon({ 'GET /x': text('fine') });
  const former = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
  try {
    expect((await transportTo(daemon).call({ method: 'GET', path: '/x' }, LONG)).body).toBe('fine');
  } finally {
    if (former === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = former;
  }
});

test('an engine is reached over TCP as over a socket, with streams and with what is refused', async () => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'api-version': '1.45' });
    response.end(JSON.stringify({ method: request.method, url: request.url }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const transport = createTransport('tcp', parseHost(`tcp://127.0.0.1:${port}`));
  opened.push(transport);
  const asking = { path: '/v1.45/containers/a/json', query: { a: 'b c' } } as const;
  for (const method of ['GET', 'POST'] as const)
    expect(JSON.parse((await transport.call({ method, ...asking }, LONG)).body)).toEqual({
      method,
      url: '/v1.45/containers/a/json?a=b%20c',
    });
  const stream = await transport.open({ method: 'GET', path: '/events' }, LONG, new AbortController().signal);
  expect((await stream.toArray()).join('')).toContain('/events');
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  await expect(transport.call({ method: 'GET', path: '/x', again: true }, LONG)).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_unreachable'),
  );
});

test('an answer without an end is cut off instead of filling the memory', async () => {
  await using daemon = await aFakeDaemon({
    'GET /x': (response) => {
      const piece = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    },
  });
  const call = transportTo(daemon).call({ method: 'GET', path: '/x' }, LONG);
  await expect(call).rejects.toSatisfy((error) => isContractError(error, 'engine_failed'));
  await eventually(() => expect(daemon.connections.size).toBe(0));
});
