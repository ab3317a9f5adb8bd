import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { eventually } from '../support/eventually.ts';

let docker: EngineUnderTest;
beforeAll(async () => {
  docker = await aDockerEngine('docker-containers');
});
afterAll(() => docker[Symbol.asyncDispose]());

const GONE = { force: true, anonymous_volumes: true } as const;

test('a port that another container publishes is port_conflict with its holder', async () => {
  const spec = { command: 'sleep 600', ports: [{ container: 80 }] };
  const holder = await docker.create('holder', { spec });
  await docker.engine.containers.start(holder);
  const port = (await docker.engine.containers.inspect(holder))?.ports[0]?.host ?? 0;
  expect(port).toBeGreaterThan(0);
  const second = await docker.create('second', { spec: { ...spec, ports: [{ host: port, container: 80 }] } });
  await expect(docker.engine.containers.start(second)).rejects.toMatchObject({
    code: 'port_conflict',
    details: { port, holder, holder_name: docker.name('holder') },
  });
});

test('a published port is seen once, by inspect and by list', async () => {
  const id = await docker.create('ports', { spec: { command: 'sleep 600', ports: [{ container: 80 }] } });
  await docker.engine.containers.start(id);
  const seen = (await docker.engine.containers.inspect(id))?.ports;
  expect(seen).toEqual([{ host_ip: '0.0.0.0', host: expect.any(Number), container: 80, protocol: 'tcp' }]);
  const listed = (await docker.engine.containers.list({ labels: docker.labels })).find(
    (one) => one.id === id,
  );
  expect(listed?.ports).toEqual(seen);
});

test('without init a command that is not there is start_failed; with init the engine starts it and it exits 127', async () => {
  const bare = await docker.create('bare', { spec: { command: ['/nowhere'], init: false } });
  await expect(docker.engine.containers.start(bare)).rejects.toSatisfy((error) =>
    isContractError(error, 'start_failed'),
  );
  const notExecutable = await docker.create('data', { spec: { command: ['/etc/passwd'], init: false } });
  await expect(docker.engine.containers.start(notExecutable)).rejects.toSatisfy((error) =>
    isContractError(error, 'start_failed'),
  );
  const under = await docker.create('under', { spec: { command: ['/nowhere'] } });
  await docker.engine.containers.start(under);
  await eventually(async () =>
    expect(await docker.engine.containers.inspect(under)).toMatchObject({ state: 'exited', exit_code: 127 }),
  );
});

test('a name that is taken is name_conflict with its holder', async () => {
  const holder = await docker.create('named', {});
  await expect(docker.create('named', {})).rejects.toMatchObject({
    code: 'name_conflict',
    details: { holder },
  });
  await docker.create('other', {});
  await expect(docker.engine.containers.rename(docker.name('other'), docker.name('named'))).rejects.toSatisfy(
    (error) => isContractError(error, 'name_conflict'),
  );
});

test('an image that is not there is image_not_found at create', async () => {
  await expect(docker.create('imageless', { spec: { image: 'berth-test/nowhere:1' } })).rejects.toSatisfy(
    (error) => isContractError(error, 'image_not_found'),
  );
});

test('limits change in place: same id, same start', async () => {
  const id = await docker.create('limits', {
    spec: { command: 'sleep 600', memory_limit: 64 * 1024 * 1024, cpu_limit: 0.5 },
  });
  await docker.engine.containers.start(id);
  const before = await docker.engine.containers.inspect(id);
  const limits = { memory_limit: 128 * 1024 * 1024, cpu_limit: 0.25, restart_policy: 'on-failure:2' };
  await docker.engine.containers.update(id, limits);
  const after = await docker.engine.containers.inspect(id);
  expect(after).toMatchObject({ ...limits, id, started_at: before?.started_at });
  const clearing = docker.engine.containers.update(id, { restart_policy: 'no' });
  await expect(clearing).rejects.toSatisfy((error) => isContractError(error, 'unsupported'));
});

test('remove takes anonymous volumes along when asked, and named ones never', async () => {
  const named = docker.name('kept');
  await docker.engine.volumes.create({ name: named, labels: docker.labels });
  const anonymous = 'a1'.repeat(32);
  await docker.engine.volumes.create({ name: anonymous, labels: docker.labels });
  const id = await docker.create('volumes', {
    spec: { volumes: [{ name: named, container: '/named' }] },
    keep_volumes: { '/anonymous': anonymous },
  });
  expect(
    (await docker.engine.containers.inspect(id))?.mounts
      .map(({ source, anonymous: is }) => [source, is])
      .toSorted(),
  ).toEqual([
    [anonymous, true],
    [named, false],
  ]);
  expect(await docker.engine.volumes.remove(named)).toBe('in_use');
  await docker.engine.containers.remove(id, GONE);
  expect(await docker.engine.containers.inspect(id)).toBeUndefined();
  expect(await docker.engine.volumes.inspect(named)).toMatchObject({ name: named });
  expect(await docker.engine.volumes.remove(named)).toBe('removed');
  expect(await docker.engine.volumes.remove(named)).toBe('absent');
});

test('the interactive, the terminal-less and the healthy are told apart by inspect', async () => {
  const id = await docker.create('stdin', {
    spec: { command: 'cat', interactive: true, health_check: { test: 'true', interval: 1 } },
  });
  await docker.engine.containers.start(id);
  expect(await docker.engine.containers.inspect(id)).toMatchObject({
    open_stdin: true,
    tty: false,
    state: 'running',
  });
  await eventually(async () => expect((await docker.engine.containers.inspect(id))?.health).toBe('healthy'));
});

test('stop kills what does not listen after its time, and what is stopped or gone is fine', async () => {
  const id = await docker.create('deaf', {
    spec: { command: ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"], init: false },
  });
  await docker.engine.containers.start(id);
  await docker.engine.containers.stop(id, { timeout: 1 });
  expect(await docker.engine.containers.inspect(id)).toMatchObject({ state: 'exited', exit_code: 137 });
  await docker.engine.containers.stop(id, {});
  await docker.engine.containers.remove(id, GONE);
  await docker.engine.containers.stop(id, {});
  await docker.engine.containers.remove(id, GONE);
});
