import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { CreateContainer } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { openRemoteEngine } from '../../src/engine/memory/remote-engine.ts';
import { serveEngine } from '../../src/engine/memory/serve-engine.ts';
import { eventually } from '../support/eventually.ts';

const request = (spec: ContainerSpec): CreateContainer => ({
  name: 'web',
  spec,
  restart_policy: 'no',
  aliases: [],
  labels: {},
  keep_volumes: {},
});

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
  expect(await remote.counts()).toEqual({
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
    for await (const event of remote.system.events(new AbortController().signal)) told.push(event);
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
