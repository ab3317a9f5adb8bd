import { PassThrough } from 'node:stream';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { eventually } from '../support/eventually.ts';

let docker: EngineUnderTest;
beforeAll(async () => {
  docker = await aDockerEngine('docker-surroundings');
});
afterAll(() => docker[Symbol.asyncDispose]());

test('the engine’s events reach whoever was told `connected` before', async () => {
  const caller = new AbortController();
  const told: string[] = [];
  const reading = (async () => {
    for await (const event of docker.engine.system.events({}, caller.signal))
      told.push('action' in event ? `${event.type} ${event.action} ${event.name}` : event.type);
  })();
  reading.catch(() => undefined);
  await eventually(() => expect(told).toEqual(['connected']));
  const id = await docker.create('told', { spec: { command: 'true' } });
  await docker.engine.containers.start(id);
  const name = docker.name('told');
  await eventually(() =>
    expect(told).toEqual(
      expect.arrayContaining([
        `container create ${name}`,
        `container start ${name}`,
        `container die ${name}`,
      ]),
    ),
  );
  caller.abort();
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
});

test('a network joins, is in use while somebody is up on it, and names its aliases', async () => {
  const { networks, containers } = docker.engine;
  const name = docker.name('net');
  const { id } = await networks.create({ name, labels: docker.labels });
  await expect(networks.create({ name, labels: docker.labels })).rejects.toSatisfy((error) =>
    isContractError(error, 'name_conflict'),
  );
  const member = await docker.create('member', {
    spec: { command: 'sleep 600', network: name },
    aliases: ['cache', 'ca'],
  });
  await containers.start(member);
  const [attachment] = (await containers.inspect(member))?.networks ?? [];
  expect(attachment).toMatchObject({ network: name, network_id: id });
  expect(attachment?.aliases).toEqual(expect.arrayContaining(['cache', 'ca']));
  expect((await networks.inspect(name))?.container_ids).toEqual([member]);
  expect(await networks.remove(name)).toBe('in_use');
  await networks.disconnect(name, member, { force: true });
  await networks.disconnect(name, member, { force: true });
  await networks.connect(name, member, { aliases: ['again'] });
  await networks.connect(name, member, { aliases: ['again'] });
  expect((await containers.inspect(member))?.networks[0]?.aliases).toContain('again');
  await containers.remove(member, { force: true, anonymous_volumes: true });
  expect(await networks.remove(name)).toBe('removed');
  expect(await networks.remove(name)).toBe('absent');
});

test('connecting to a network that is not there is not_found, even for a container that does not run', async () => {
  const id = await docker.create('lonely', {});
  const connect = docker.engine.networks.connect(docker.name('nowhere'), id, { aliases: [] });
  await expect(connect).rejects.toSatisfy((error) => isContractError(error, 'not_found'));
  await docker.engine.networks.disconnect(docker.name('nowhere'), id, { force: true });
});

test('a container whose network went is not_found at its start', async () => {
  const name = docker.name('fleeting');
  await docker.engine.networks.create({ name, labels: docker.labels });
  const id = await docker.create('left', { spec: { network: name, command: 'true' } });
  await docker.engine.networks.remove(name);
  await expect(docker.engine.containers.start(id)).rejects.toSatisfy((error) =>
    isContractError(error, 'not_found'),
  );
});

test('a volume of that name with other labels is name_conflict, with the same it is there', async () => {
  const name = docker.name('volume');
  await docker.engine.volumes.create({ name, labels: { ...docker.labels, a: '1' } });
  await docker.engine.volumes.create({ name, labels: { ...docker.labels, a: '1' } });
  const other = docker.engine.volumes.create({ name, labels: { ...docker.labels, a: '2' } });
  await expect(other).rejects.toSatisfy((error) => isContractError(error, 'name_conflict'));
});

test('an image is made from a tar, runs, and is removed once nobody uses it', async () => {
  const ref = 'berth-test/import:1';
  const tar = pack();
  tar.entry({ name: 'etc/', type: 'directory' });
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\n');
  tar.finalize();
  const made = await docker.engine.images.import(tar.pipe(new PassThrough()), ref, {
    changes: ['CMD ["/hello"]', 'LABEL of=berth'],
  });
  expect(made).toMatchObject({ tags: [ref], labels: { of: 'berth' }, os: 'linux' });
  const id = await docker.create('imported', { spec: { image: ref } });
  const remove = docker.engine.images.remove(ref, { force: false });
  await expect(remove).rejects.toSatisfy((error) => isContractError(error, 'wrong_state'));
  await docker.engine.containers.remove(id, { force: true, anonymous_volumes: true });
  await docker.engine.images.remove(ref, { force: false });
  await docker.engine.images.remove(ref, { force: false });
  expect(await docker.engine.images.inspect(ref)).toBeUndefined();
});

test('a tar that cannot be read is invalid_input, and no image is made', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(512);
    throw new Error('the disk went away');
  }
  const made = docker.engine.images.import(broken(), 'berth-test/broken:1', {});
  await expect(made).rejects.toThrow('the disk went away');
  expect(await docker.engine.images.inspect('berth-test/broken:1')).toBeUndefined();
});

test('a pull tells its progress, and proves the image, by tag and by digest', async () => {
  const image = await docker.engine.images.pull('alpine', {});
  expect(image.tags).toContain('alpine:latest');
  // Its content may have other names, and other digests, too.
  const digest = image.digests.find((one) => one.startsWith('alpine@'))?.split('@')[1];
  expect((await docker.engine.images.pull(`alpine@${digest}`, {})).id).toBe(image.id);
  expect((await docker.engine.images.inspect(image.id))?.id).toBe(image.id);
  expect((await docker.engine.images.list()).map(({ id }) => id)).toContain(image.id);
});

test.each([
  ['127.0.0.1:5000/berth-test/nowhere:1', 'image_not_found'],
  ['127.0.0.1:1/berth-test/nowhere:1', 'image_registry_unreachable'],
] as const)('the pull of %s is %s', async (ref, code) => {
  await expect(docker.engine.images.pull(ref, {})).rejects.toSatisfy((error) => isContractError(error, code));
});
