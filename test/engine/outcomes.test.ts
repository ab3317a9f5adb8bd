import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import type { CreateContainer } from '../../src/engine/port/container-calls.ts';
import { aFakeDaemon, cutAfter, json, silence, text } from '../support/fake-daemon.ts';

const ID = 'c'.repeat(64);
const REQUEST: CreateContainer = {
  name: 'web',
  spec: { image: 'x' },
  restart_policy: 'no',
  aliases: [],
  labels: {},
  keep_volumes: {},
};
const seen = {
  Id: ID,
  Name: '/web',
  Created: '2026-01-01T00:00:00Z',
  State: { Status: 'running', StartedAt: '', FinishedAt: '' },
  Config: { Image: 'x', StopTimeout: 0 },
  HostConfig: {},
  NetworkSettings: {},
};
const refuse = (status: number, message: string) => json({ message }, status);

test.each([204, 304, 404])('a stop that is answered %i is done', async (status) => {
  await using daemon = await aFakeDaemon({ 'POST /containers/web/stop': text('', {}, status) });
  await daemon.engine().containers.stop('web', { timeout: 2.2 });
  expect(daemon.asked.at(-1)?.query.get('t')).toBe('3');
});

test('a stop without a timeout waits as long as the container’s own, and a moment more', async () => {
  await using daemon = await aFakeDaemon({
    'GET /containers/web/json': json(seen),
    'POST /containers/web/stop': silence,
  });
  const stop = daemon.engine().containers.stop('web', {});
  await expect(stop).rejects.toSatisfy((error) => isContractError(error, 'engine_timeout'));
  expect(daemon.asked.at(-1)?.query.has('t')).toBe(false);
});

test.each([204, 304])('a start that is answered %i is done', async (status) => {
  await using daemon = await aFakeDaemon({ 'POST /containers/web/start': text('', {}, status) });
  await daemon.engine().containers.start('web');
});

test('a start whose answer is lost is not asked again: what ended at once would run twice', async () => {
  await using daemon = await aFakeDaemon({ 'POST /containers/web/start': cutAfter('') });
  const start = daemon.engine().containers.start('web');
  await expect(start).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
  expect(daemon.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test.each([
  ['driver failed …: Bind for 0.0.0.0:8080 failed: port is already allocated', 8080],
  ['driver failed …: Bind for :::8080 failed: port is already allocated', 8080],
  ['Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use', 8080],
  ['Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use', 8080],
  ['failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use', 8080],
  ['failed to bind host port 0.0.0.0:8080/tcp: address already in use', 8080],
  ['failed to listen on TCP socket: address already in use', null],
])('«%s» is port_conflict with the port and who has it', async (message, port) => {
  await using daemon = await aFakeDaemon({
    'POST /containers/web/start': refuse(500, message),
    'GET /containers/json': json([
      { Id: 'e'.repeat(64), Names: ['/web'], State: 'created', Created: 1, Ports: [{ PublicPort: 8080 }] },
      {
        Id: 'd'.repeat(64),
        Names: ['/proxy'],
        State: 'running',
        Created: 1,
        Ports: [{ IP: '0.0.0.0', PublicPort: 8080, PrivatePort: 80, Type: 'tcp' }],
      },
    ]),
  });
  const start = daemon.engine().containers.start('web');
  await expect(start).rejects.toMatchObject({
    code: 'port_conflict',
    details: { port, holder: port === null ? null : 'd'.repeat(64) },
  });
});

test.each([
  [400, 'OCI runtime create failed: exec: "nope": executable file not found in $PATH', 'start_failed'],
  [500, 'OCI runtime create failed: permission denied', 'start_failed'],
  [404, 'No such container: web', 'not_found'],
  [404, 'network myapp-net not found', 'not_found'],
  [409, 'container is marked for removal and cannot be started', 'wrong_state'],
] as const)('a start that is answered %i «%s» is %s', async (status, message, code) => {
  await using daemon = await aFakeDaemon({ 'POST /containers/web/start': refuse(status, message) });
  const start = daemon.engine().containers.start('web');
  await expect(start).rejects.toSatisfy((error) => isContractError(error, code));
  await expect(start).rejects.toThrow(message);
});

test('a name that is taken is name_conflict with its holder, even while that one cannot be inspected', async () => {
  const holder = 'f'.repeat(64);
  const message = `Conflict. The container name "/web" is already in use by container "${holder}". You have to remove it.`;
  await using daemon = await aFakeDaemon({ 'POST /containers/create': refuse(409, message) });
  await expect(daemon.engine().containers.create(REQUEST)).rejects.toMatchObject({
    code: 'name_conflict',
    details: { holder },
  });
});

test.each([
  [404, 'No such image: x:latest', 'image_not_found'],
  [404, 'network nope not found', 'not_found'],
  [400, 'invalid mount config', 'engine_refused'],
  [409, 'something else is in the way', 'wrong_state'],
] as const)('a create that is answered %i «%s» is %s', async (status, message, code) => {
  await using daemon = await aFakeDaemon({ 'POST /containers/create': refuse(status, message) });
  const create = daemon.engine().containers.create(REQUEST);
  await expect(create).rejects.toSatisfy((error) => isContractError(error, code));
});

test('a create is asked once, whatever becomes of its answer', async () => {
  await using daemon = await aFakeDaemon({ 'POST /containers/create': cutAfter('HTTP/1.1 201 Created\r\n') });
  await expect(daemon.engine().containers.create(REQUEST)).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_unreachable'),
  );
  expect(daemon.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test.each([
  [204, ''],
  [404, 'No such container'],
  [409, 'removal of container web is already in progress'],
])('a remove that is answered %i waits until it is gone', async (status, message) => {
  let looks = 0;
  await using daemon = await aFakeDaemon({
    'DELETE /containers/web': refuse(status, message),
    'GET /containers/web/json': (response, asked) => {
      looks += 1;
      (looks < 3 ? json(seen) : refuse(404, 'No such container'))(response, asked);
    },
  });
  await daemon.engine().containers.remove('web', { force: true, anonymous_volumes: true });
  expect(looks).toBe(3);
  const asked = daemon.asked.find(({ method }) => method === 'DELETE');
  expect(Object.fromEntries(asked?.query ?? [])).toEqual({ force: 'true', v: 'true' });
});

test('a remove that is refused is wrong_state in the engine’s words, without its JSON', async () => {
  await using daemon = await aFakeDaemon({
    'DELETE /containers/web': refuse(409, 'You cannot remove a running container'),
  });
  const remove = daemon.engine().containers.remove('web', { force: false, anonymous_volumes: false });
  await expect(remove).rejects.toMatchObject({
    code: 'wrong_state',
    message: 'remove web: You cannot remove a running container',
  });
});
