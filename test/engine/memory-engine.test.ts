import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { openRemoteEngine } from '../../src/engine/memory/remote-engine.ts';
import { serveEngine } from '../../src/engine/memory/serve-engine.ts';
import type { CreateContainer } from '../../src/engine/port/container-calls.ts';
import { aMemoryEngineProcess } from '../support/a-memory-engine-process.ts';
import { eventually } from '../support/eventually.ts';

const request = (spec: ContainerSpec): CreateContainer => ({
  name: 'web',
  spec,
  restart_policy: 'no',
  aliases: [],
  labels: {},
  keep_volumes: {},
});

const coded = (code: ErrorCode) => expect.toSatisfy((error: unknown) => isContractError(error, code));

/** Its events as words, and the end of their stream. */
function heard({ system }: Engine): { readonly told: string[]; readonly end: Promise<void> } {
  const told: string[] = [];
  const read = async (): Promise<void> => {
    for await (const event of system.events({}, new AbortController().signal))
      told.push('action' in event ? event.action : event.type);
  };
  return { told, end: read() };
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'memory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each<ContainerSpec>([
  { command: 'redis-server' },
  { command: 'echo a | wc' },
  { command: ['sh', '-c', 'while :; do :; done'] },
  { entrypoint: ['/x'] },
  { health_check: { test: 'true' } },
])('%j is unsupported, since only a real process could do it', async (spec) => {
  const engine = openMemoryEngine();
  await engine.images.pull('alpine', {});
  const create = engine.containers.create(request(spec));
  await expect(create).rejects.toSatisfy((error) => isContractError(error, 'unsupported'));
  expect(await engine.containers.list({})).toEqual([]);
});

test('a pull finds what the registry has and nothing else', async () => {
  const engine = openMemoryEngine({ registry: ['app:1'] });
  await engine.images.pull('app:1', {});
  await expect(engine.images.pull('app:2', {})).rejects.toSatisfy((error) =>
    isContractError(error, 'image_not_found'),
  );
});

test('it counts its calls, whoever makes them', async () => {
  const engine = openMemoryEngine();
  const served = await serveEngine(engine, join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  await engine.images.pull('alpine', {});
  await remote.containers.create(request({}));
  await expect(remote.containers.create(request({}))).rejects.toThrow('is taken');
  await remote.containers.inspect('web');
  expect(await remote.control.counts()).toEqual({
    'images.pull': 1,
    'containers.create': 2,
    'containers.inspect': 1,
  });
  await served.close();
});

test('an engine whose process goes away is engine_unreachable, to calls and to streams', async () => {
  const served = await serveEngine(openMemoryEngine(), join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  const told: unknown[] = [];
  const reading = (async () => {
    for await (const event of remote.system.events({}, new AbortController().signal)) told.push(event);
  })();
  const refusal = expect(reading).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
  await eventually(() => expect(told).toEqual([{ type: 'connected' }]));
  await served.close();
  await refusal;
  await expect(remote.system.ping()).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_unreachable'),
  );
});

test('a client that goes away ends its streams, and closing a client ends its own', async () => {
  const engine = openMemoryEngine();
  await engine.images.pull('alpine', {});
  const served = await serveEngine(engine, join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  await remote.containers.create(request({}));
  await remote.containers.start('web');
  const reading = (async () => {
    const query = { follow: true, tty: false };
    for await (const _ of remote.containers.logs('web', query, new AbortController().signal));
  })();
  const refusal = expect(reading).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  await remote.containers.inspect('web');
  await remote.close();
  await refusal;
  await served.close();
});

test('events say whose container it is, so that its owner looks', async () => {
  const engine = openMemoryEngine();
  await engine.images.pull('alpine', {});
  const caller = new AbortController();
  for await (const event of engine.system.events({}, caller.signal)) {
    if (!('attributes' in event))
      await engine.containers.create({ ...request({ labels: { of: 'spec' } }), labels: { owner: 'me' } });
    else {
      expect(event.attributes).toEqual({ name: 'web', image: 'alpine:latest', of: 'spec', owner: 'me' });
      break;
    }
  }
});

test('an unreachable engine fails calls and streams until it is back, and keeps what it has', async () => {
  await using engine = await aMemoryEngineProcess(join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  await remote.images.pull('alpine', {});
  const { told, end } = heard(remote);
  const refusal = expect(end).rejects.toEqual(coded('engine_unreachable'));
  await eventually(() => expect(told).toEqual(['connected']));
  await engine.control.unreachable(true);
  await refusal;
  await expect(remote.containers.create(request({}))).rejects.toEqual(coded('engine_unreachable'));
  await engine.control.unreachable(false);
  expect(await remote.containers.list({})).toEqual([]);
  expect((await remote.images.list()).map(({ tags }) => tags)).toEqual([['alpine:latest']]);
});

test('a call fails as often as it was told to, and does nothing then', async () => {
  await using engine = await aMemoryEngineProcess(join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  await remote.images.pull('alpine', {});
  await engine.control.fail('containers.create', 'no_space', 2);
  for (let time = 0; time < 2; time++)
    await expect(remote.containers.create(request({}))).rejects.toEqual(coded('no_space'));
  expect(await engine.made()).toEqual([]);
  await remote.containers.create(request({}));
  expect(await engine.made()).toEqual(['web']);
});

test('an image that is published can be pulled from then on, and its progress is told', async () => {
  await using engine = await aMemoryEngineProcess(join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  const phases: string[] = [];
  const onProgress = ({ phase }: { readonly phase: string }): void => void phases.push(phase);
  await expect(remote.images.pull('app:1', {})).rejects.toEqual(coded('image_not_found'));
  await engine.control.publish('app:1');
  expect((await remote.images.pull('app:1', { onProgress })).tags).toEqual(['app:1']);
  expect(phases).toEqual(['Pull complete']);
});

test('a call that began is carried out though its caller is gone', async () => {
  await using engine = await aMemoryEngineProcess(join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  await remote.images.pull('alpine', {});
  const { held } = await engine.hold('create', 'web');
  const caller = new AbortController();
  const given_up = expect(remote.containers.create(request({}), caller.signal)).rejects.toEqual(
    coded('aborted'),
  );
  await held;
  caller.abort();
  await given_up;
  expect(await remote.containers.inspect('web')).toBeUndefined();
  await engine.release();
  await eventually(async () => expect(await engine.made()).toEqual(['web']));
  expect(await engine.overlaps()).toEqual([]);
});

test('two changes of one container at once are seen', async () => {
  await using engine = await aMemoryEngineProcess(join(folder, 'e.sock'));
  const remote = openRemoteEngine(join(folder, 'e.sock'));
  await remote.images.pull('alpine', {});
  await remote.containers.create(request({}));
  const { held } = await engine.hold('start', 'web');
  const first = remote.containers.start('web');
  await held;
  await remote.containers.start('web');
  await engine.release();
  await first;
  expect(await engine.overlaps()).toEqual(['containers.start web']);
});

test('a new engine takes over the socket of a killed one, and not that of one that serves', async () => {
  const socket = join(folder, 'e.sock');
  const killed = await aMemoryEngineProcess(socket);
  await killed.kill('SIGKILL');
  await using engine = await aMemoryEngineProcess(socket);
  expect(await engine.counts()).toEqual({});
  await expect(serveEngine(openMemoryEngine(), socket)).rejects.toThrow('EADDRINUSE');
});

test('a list of thousands of containers fits through the socket', async () => {
  const engine = openMemoryEngine();
  await engine.images.pull('alpine', {});
  const served = await serveEngine(engine, join(folder, 'e.sock'));
  const labels = { note: 'n'.repeat(500) };
  for (let at = 0; at < 3000; at++)
    await engine.containers.create({ ...request({ labels }), name: `c-${at}` });
  expect(await openRemoteEngine(join(folder, 'e.sock')).containers.list({})).toHaveLength(3000);
  await served.close();
});

test('a message that is no call is refused, and the next connection is served', async () => {
  const served = await serveEngine(openMemoryEngine(), join(folder, 'e.sock'));
  const socket = connect(join(folder, 'e.sock'));
  socket.write('{"room": "containers"}\n');
  const said = (await socket.setEncoding('utf8').toArray()).join('');
  expect(JSON.parse(said)).toMatchObject({ error: { code: 'invalid_input' } });
  expect(await openRemoteEngine(join(folder, 'e.sock')).system.ping()).toMatchObject({ engine: 'memory' });
  await served.close();
});
