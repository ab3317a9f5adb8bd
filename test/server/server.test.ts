import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { createHub, type Hub, type Subscription } from '../../src/bus/hub.ts';
import { type Connection, connect } from '../../src/connect.ts';
import { CONTRACTS } from '../../src/dispatch/client.ts';
import { type Call, createDispatch } from '../../src/dispatch/dispatch.ts';
import { createOffers } from '../../src/handlers/sessions/offers.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import type { Journal } from '../../src/store/journal.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

let folder: Folder;
let journal: Journal;
let hub: Hub;
let server: Server;
let connection: Connection;
let calls: Call[];
let socket: string;
const subscriptions: Subscription[] = [];
let looked: Promise<void> = Promise.resolve();

const nothing = createOffers().join;
const open = (): Promise<Server> =>
  startServer(socket, {
    dispatch: (call) => (call.method === 'get' ? waitForAbort(call) : direct(call)),
    hub,
    version: '1.2.3',
    join: nothing,
  });
const direct = (call: Call): Promise<unknown> => {
  calls.push(call);
  return createDispatch(
    [
      {
        contract: containers,
        handlers: {
          list: async () => ({ containers: [] }),
          create: async () => ({ id: 'x', status: 'pending' }),
        },
      },
    ],
    silentLog(),
  )(call);
};
const waitForAbort = (call: Call): Promise<unknown> =>
  new Promise((_, reject) => {
    calls.push(call);
    call.signal.addEventListener('abort', () => reject(call.signal.reason));
  });

beforeEach(async () => {
  folder = await aFolder();
  socket = join(folder.path, 'berth.sock');
  journal = await openJournal({ path: join(folder.path, 'logs.db') });
  calls = [];
  subscriptions.length = 0;
  looked = Promise.resolve();
  subscriptions.push({ stream_id: 'c', reply_to: 'me', topic: 't', acked_seq: 0 });
  hub = createHub({
    replay: journal.read,
    nextSeq: async (id) => {
      await looked;
      return (await journal.state(id)).next_seq;
    },
    subscriptionsOf: ({ reply_to, topic }) =>
      subscriptions.filter((one) => one.topic === topic && one.reply_to === reply_to),
    onHeard: () => undefined,
    onPoke: () => undefined,
    log: silentLog(),
  });
  server = await open();
  connection = await connect(socket, { self: 'me' });
});
afterEach(async () => {
  await connection.close();
  hub.close();
  await server.close();
  await journal.close();
  await folder[Symbol.asyncDispose]();
});

const tell = async (count: number): Promise<void> => {
  const events = await journal.append(
    'c',
    null,
    Array.from({ length: count }, (_, index) => ({
      type: 'log' as const,
      stream: 'stdout' as const,
      attempt: 1,
      ts: '2026-01-01T00:00:00.000000000Z',
      line: `${index}`,
    })),
  );
  if (events !== 'fenced') hub.publish({ kind: 'events', stream_id: 'c', events });
};
const raw = (
  path: string,
  body: string,
  headers: Record<string, string>,
  method = 'POST',
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socket, path, method, headers }, (incoming) => {
      let text = '';
      incoming.on('data', (part: Buffer) => {
        text += part.toString();
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

test('the socket is the owner’s alone', () => {
  expect(statSync(socket).mode & 0o777).toBe(0o600);
});

test('a call crosses the socket with the caller’s own id, and its answer comes back', async () => {
  expect(await connection.contract.open(containers).list({})).toEqual({ containers: [] });
  expect(calls[0]).toMatchObject({ contract_id: containers.id, method: 'list', self: 'me' });
});

test('a failure crosses the socket whole: code, cause, next step, every problem', async () => {
  const error: unknown = await connection
    .call({ contract_id: containers.id, method: 'create', input: { image: '', name: '/' } })
    .catch((reason: unknown) => reason);
  expect(isContractError(error, 'invalid_input')).toBe(true);
  expect(error).toMatchObject({
    problems: expect.arrayContaining([expect.objectContaining({ path: 'name' })]),
    next: expect.stringMatching(/\w/),
  });
});

test.each([
  [
    'a body that is no JSON',
    '/v1/userspace.docker:containers/list',
    '{',
    { 'content-type': 'application/json' },
    400,
  ],
  [
    'another content type',
    '/v1/userspace.docker:containers/list',
    'x=1',
    { 'content-type': 'application/x-www-form-urlencoded' },
    400,
  ],
  [
    'a body that is plain text',
    '/v1/userspace.docker:containers/list',
    '{}',
    { 'content-type': 'text/plain' },
    400,
  ],
  [
    'an unknown method',
    '/v1/userspace.docker:containers/nothing',
    '{}',
    { 'content-type': 'application/json' },
    404,
  ],
  ['an unknown path', '/nothing', '{}', { 'content-type': 'application/json' }, 404],
  [
    'a body that is too long',
    '/v1/userspace.docker:containers/list',
    `"${'x'.repeat(9 * 1024 * 1024)}"`,
    { 'content-type': 'application/json' },
    400,
  ],
])('%s is a typed error', async (_what, path, body, headers, status) => {
  const answer = await raw(path, body, headers);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({
    error: { code: expect.any(String), next: expect.any(String) },
  });
});

test('a caller that goes away ends its call', async () => {
  const ending = new AbortController();
  const call = connection
    .call({ contract_id: containers.id, method: 'get', input: { id: 'x' } }, ending.signal)
    .catch((error: unknown) => error);
  await eventually(() => expect(calls).toHaveLength(1));
  ending.abort();
  expect(isContractError(await call, 'aborted')).toBe(true);
  await eventually(() => expect(calls[0]?.signal.aborted).toBe(true));
});

test('a listener gets every event once and in order, over a server that goes and comes back', async () => {
  const ending = new AbortController();
  const seqs: number[] = [];
  const listening = (async () => {
    for await (const event of connection.process.listen('t', { signal: ending.signal })) seqs.push(event.seq);
  })();
  await tell(100);
  await eventually(() => expect(seqs).toHaveLength(100));
  await server.close();
  await tell(50);
  server = await open();
  await tell(50);
  await eventually(() => expect(seqs).toHaveLength(200));
  expect(seqs).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  ending.abort();
  await listening;
});

test('listening begins when it is asked for, not when its loop begins', async () => {
  const events = connection.process.listen('t');
  await eventually(() => expect(hub.isListening('me')).toBe(true));
  await tell(2);
  const seqs: number[] = [];
  for await (const { seq } of events) if (seqs.push(seq) === 2) break;
  expect(seqs).toEqual([1, 2]);
});

test('a listening that is left before its first event ends', async () => {
  const events = connection.process.listen('t')[Symbol.asyncIterator]();
  await eventually(() => expect(hub.isListening('me')).toBe(true));
  await events.return?.();
  await eventually(() => expect(hub.isListening('me')).toBe(false));
});

test('a listening that nobody reads fails nobody when there is no daemon', async () => {
  const nowhere = await connect(join(folder.path, 'none.sock'));
  const events = nowhere.process.listen('t');
  await expect(nowhere.contract.open(containers).list({})).rejects.toThrow();
  await expect(events[Symbol.asyncIterator]().next()).rejects.toSatisfy((error: unknown) =>
    isContractError(error, 'daemon_not_running'),
  );
  await nowhere.close();
});

test('a listener that leaves while its place is looked up leaves nothing behind', async () => {
  subscriptions.push({ stream_id: 'd', reply_to: '', topic: 'slow', acked_seq: 0 });
  const { promise: found, resolve } = Promise.withResolvers<void>();
  looked = found;
  const outgoing = request({
    socketPath: socket,
    path: '/v1/events',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ topic: 'slow' }));
  await eventually(() => expect(hub.isListening('')).toBe(true));
  const closed = new Promise((done) => outgoing.once('close', done));
  outgoing.destroy();
  await closed;
  // A call that is answered later shows that the server has seen the other one go.
  await connection.contract.open(containers).list({});
  resolve();
  await eventually(() => expect(hub.isListening('')).toBe(false));
});

test('calls go on over a server that goes and comes back', async () => {
  const docker = connection.contract.open(containers);
  await docker.list({});
  await server.close();
  server = await open();
  expect(await docker.list({})).toEqual({ containers: [] });
});

test('a receiver’s id that is none is refused, not replaced by another', async () => {
  const answer = await raw('/v1/userspace.docker:containers/list', '{}', {
    'content-type': 'application/json',
    'berth-self': 'a b',
  });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { error: { code: 'invalid_input' } }]);
});

test('a loop that is left closes its listener, and the server forgets it', async () => {
  await tell(3);
  const events: BerthEvent[] = [];
  for await (const event of connection.process.listen('t')) {
    events.push(event);
    if (event.seq === 3) break;
  }
  expect(events).toHaveLength(3);
  await eventually(() => expect(hub.isListening('me')).toBe(false));
});

test('closing the server ends the listeners’ connections promptly', async () => {
  const answer = raw('/v1/events', JSON.stringify({ reply_to: 'me', topic: 't' }), {
    'content-type': 'application/json',
  });
  await eventually(() => expect(hub.isListening('me')).toBe(true));
  hub.close();
  await server.close();
  expect((await answer).status).toBe(200);
  server = await open();
});

test('what to listen to is checked', async () => {
  const answer = await raw('/v1/events', JSON.stringify({ topic: 'a b' }), {
    'content-type': 'application/json',
  });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
    400,
    { error: { code: 'invalid_input', problems: [{ path: 'topic' }] } },
  ]);
});

test('a socket that a dead daemon left behind is replaced; one that is answered is not', async () => {
  await expect(startServer(socket, { dispatch: direct, hub, version: 'x', join: nothing })).rejects.toSatisfy(
    (error: unknown) => isContractError(error, 'daemon_running'),
  );
  const left = join(folder.path, 'left.sock');
  writeFileSync(left, '');
  const other = await startServer(left, { dispatch: direct, hub, version: 'x', join: nothing });
  await other.close();
});

test('nobody at the socket is daemon_not_running', async () => {
  const nowhere = await connect(join(folder.path, 'none.sock'));
  await expect(nowhere.contract.open(containers).list({})).rejects.toSatisfy((error: unknown) =>
    isContractError(error, 'daemon_not_running'),
  );
  await nowhere.close();
});

test('the API describes itself as OpenAPI 3.1, every method with its errors', async () => {
  const { body } = await raw('/openapi.json', '', {}, 'GET');
  const document = JSON.parse(body) as {
    openapi: string;
    paths: Record<string, { post: { responses: object } }>;
  };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(
      Object.values(CONTRACTS).flatMap(({ id, methods }) =>
        Object.keys(methods).map((method) => `/v1/${id}/${method}`),
      ),
    ),
  );
  expect(Object.keys(document.paths['/v1/userspace.docker:containers/create']?.post.responses ?? {})).toEqual(
    expect.arrayContaining(['200', '400', '409']),
  );
});
