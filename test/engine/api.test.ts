import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { aFakeDaemon, chunks, json, text } from '../support/fake-daemon.ts';

const speaking = (api: string) => text('OK', { 'api-version': api });
const version = json({ Version: '26.1.5', Os: 'linux', Arch: 'amd64' });

test.each([
  ['1.40', '1.40'],
  ['1.41', '1.41'],
  ['1.45', '1.45'],
  ['1.60', '1.45'],
])('with an engine of API %s it speaks %s', async (theirs, ours) => {
  await using daemon = await aFakeDaemon({ 'GET /_ping': speaking(theirs), 'GET /version': version });
  expect((await daemon.engine().system.ping()).api).toBe(ours);
  expect(daemon.asked.at(-1)?.version).toBe(ours);
});

test.each(['1.39', '1.9', '0.9', 'nonsense'])('an engine of API %s is engine_version', async (theirs) => {
  await using daemon = await aFakeDaemon({ 'GET /_ping': speaking(theirs) });
  await expect(daemon.engine().containers.list({})).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_version'),
  );
});

test('the version is negotiated once, and anew after the connection was lost', async () => {
  await using daemon = await aFakeDaemon({ 'GET /containers/json': json([]) });
  const engine = daemon.engine();
  await engine.containers.list({});
  await engine.containers.list({});
  expect(daemon.asked.filter(({ path }) => path === '/_ping')).toHaveLength(1);
  await daemon.kill();
  await expect(engine.containers.list({})).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_unreachable'),
  );
  daemon.on('GET /_ping', speaking('1.41'));
  await daemon.revive();
  await engine.containers.list({});
  expect(daemon.asked.at(-1)?.version).toBe('1.41');
});

test('an engine that was replaced unseen by one of another version is spoken to anew after one engine_version', async () => {
  await using daemon = await aFakeDaemon({
    'GET /containers/json': (response, asked) =>
      asked.version === '1.41'
        ? json([])(response, asked)
        : json({ message: 'client version 1.45 is too new. Maximum supported API version is 1.41' }, 400)(
            response,
            asked,
          ),
  });
  const engine = daemon.engine();
  await expect(engine.containers.list({})).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_version'),
  );
  daemon.on('GET /_ping', speaking('1.41'));
  expect(await engine.containers.list({})).toEqual([]);
});

test.each([
  [400, 'bad parameter', 'engine_refused'],
  [403, 'forbidden', 'engine_denied'],
  [404, 'no such thing', 'not_found'],
  [409, 'conflict', 'wrong_state'],
  [418, 'teapot', 'engine_refused'],
  [500, 'it broke', 'engine_failed'],
  [500, 'write /var/lib: no space left on device', 'no_space'],
  [501, 'not here', 'unsupported'],
  [503, 'starting', 'engine_failed'],
] as const)('status %i «%s» is %s, in the engine’s words', async (status, message, code) => {
  await using daemon = await aFakeDaemon({ 'GET /containers/json': json({ message }, status) });
  const list = daemon.engine().containers.list({});
  await expect(list).rejects.toSatisfy((error) => isContractError(error, code));
  await expect(list).rejects.toThrow(message);
});

test.each([
  ['no JSON', text('<html>')],
  ['no object', text('12')],
  ['half a JSON', chunks(['[{"Id":'], 'end')],
])('an answer that is %s is engine_failed', async (_, reply) => {
  await using daemon = await aFakeDaemon({ 'GET /containers/json': reply });
  await expect(daemon.engine().containers.list({})).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_failed'),
  );
});

test.each([
  'a?force=1&v=1&x=',
  '../images/x',
  'a/b',
  '',
  '.',
  '-a',
  'a b',
  'a%2Fb',
  'a\nb',
  'ä',
  'x'.repeat(256),
])('`%s` never reaches a path', async (ref) => {
  await using daemon = await aFakeDaemon();
  const { containers, networks, volumes } = daemon.engine();
  const gone = { force: true, anonymous_volumes: true };
  const calls = [
    () => containers.inspect(ref),
    () => containers.start(ref),
    () => containers.stop(ref, {}),
    () => containers.remove(ref, gone),
    () => containers.rename(ref, 'b'),
    () => containers.update(ref, { restart_policy: 'no' }),
    () => networks.inspect(ref),
    () => networks.remove(ref),
    () => networks.create({ name: ref, labels: {} }),
    () => networks.connect('net', ref, { aliases: [] }),
    () => volumes.inspect(ref),
    () => volumes.remove(ref),
    () => volumes.create({ name: ref, labels: {} }),
  ];
  daemon.on('GET /networks/net', json({ Id: 'n'.repeat(64), Name: 'net', Driver: 'bridge' }));
  for (const call of calls)
    await expect(call()).rejects.toSatisfy((error) => isContractError(error, 'invalid_input'));
  expect(daemon.asked.filter(({ path }) => path !== '/_ping' && path !== '/networks/net')).toEqual([]);
});

test.each(['../../containers/x', 'a b', 'a?x=1', 'A/b', 'a@sha256:short', 'a:b:c', ''])(
  '`%s` is no image reference, and nothing is asked',
  async (ref) => {
    await using daemon = await aFakeDaemon();
    const { images } = daemon.engine();
    for (const call of [
      () => images.inspect(ref),
      () => images.pull(ref, {}),
      () => images.remove(ref, { force: false }),
    ])
      await expect(call()).rejects.toSatisfy((error) => isContractError(error, 'invalid_input'));
    expect(daemon.asked).toEqual([]);
  },
);

test('a name of hex digits is not taken for the beginning of a stranger’s id', async () => {
  const id = `db${'0'.repeat(62)}`;
  const stranger = {
    Id: id,
    Name: '/stranger',
    Created: '2026-01-01T00:00:00Z',
    State: { Status: 'running', StartedAt: '', FinishedAt: '' },
    Config: { Image: 'x' },
    HostConfig: {},
    NetworkSettings: {},
  };
  await using daemon = await aFakeDaemon({
    'GET /containers/db/json': json(stranger),
    [`GET /containers/${id.slice(0, 12)}/json`]: json(stranger),
  });
  const { containers } = daemon.engine();
  expect(await containers.inspect('db')).toBeUndefined();
  expect((await containers.inspect(id.slice(0, 12)))?.name).toBe('stranger');
  await expect(containers.start('db')).rejects.toSatisfy((error) => isContractError(error, 'not_found'));
  await containers.stop('db', {});
  await containers.remove('db', { force: true, anonymous_volumes: true });
  expect(daemon.asked.filter(({ method }) => method !== 'GET')).toEqual([]);
});
