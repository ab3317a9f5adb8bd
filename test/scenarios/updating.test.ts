import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const made: string[] = [];
const docker = () => app.contract.open(containers);
const MB = 1024 * 1024;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const id of made) await docker().delete({ id, wait: true, timeout: 0 });
  await engine.ask('DELETE', '/images/updating/made:1');
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const aMade = async (name: string, more: object): Promise<string> => {
  const { id } = await docker().create({ image: 'busybox:latest', name, stop_timeout: 0, ...more });
  made.push(id);
  return id;
};
const until = (id: string, status: string) =>
  eventually(async () => expect((await docker().get({ id })).status).toBe(status));
const theEngines = async (name: string): Promise<RawContainer> => {
  const seen = await engine.container(name);
  if (seen === undefined) throw new Error(`the engine has no ${name}`);
  return seen;
};
const refused = (call: Promise<unknown>, code: ErrorCode) =>
  expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));

test('update changes limits in place, and a container that is made anew has them, too', async () => {
  const id = await aMade('up_one', { command: 'sleep 600', memory_limit: '64m' });
  await until(id, 'running');
  const before = await theEngines('up_one');
  const { generation } = await docker().get({ id });
  const answer = await docker().update({
    id,
    memory_limit: '96m',
    cpu_shares: 512,
    pids_limit: 50,
    restart_policy: 'always',
  });
  expect(answer.changed.toSorted()).toEqual(['cpu_shares', 'memory_limit', 'pids_limit', 'restart_policy']);
  const after = await theEngines('up_one');
  expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
  expect(after.HostConfig).toMatchObject({
    Memory: 96 * MB,
    CpuShares: 512,
    PidsLimit: 50,
    RestartPolicy: { Name: 'always' },
  });
  expect((await docker().get({ id })).generation).toBe(generation);
  expect((await docker().update({ id, cpu_shares: 512 })).changed).toEqual([]);
  // -1 is none, in place as well.
  await docker().update({ id, pids_limit: -1 });
  expect([0, -1, null]).toContain(
    ((await theEngines('up_one')).HostConfig as { readonly PidsLimit?: number | null }).PidsLimit ?? null,
  );
  await engine.ask('DELETE', '/containers/up_one?force=1');
  await eventually(async () => expect((await theEngines('up_one')).HostConfig.Memory).toBe(96 * MB));
});

test('a limit is taken off: in place where the engine can, else made anew when that is allowed', async () => {
  const limits = { memory_limit: '64m', memory_swap: '96m', cpu_quota: 20_000, cpu_period: 40_000 };
  const more = { pids_limit: 50, blkio_weight: 300, cpuset_cpus: '0', cpu_shares: 512 };
  const id = await aMade('up_off', { command: 'sleep 600', ...limits, ...more });
  await until(id, 'running');
  const before = await theEngines('up_off');
  const off = { memory_limit: null, memory_swap: 'none', cpu_quota: null, pids_limit: 'none' } as const;
  const answer = await docker().update({ id, ...off, cpu_period: null });
  expect(answer.changed.toSorted()).toEqual([...Object.keys(limits), 'pids_limit'].toSorted());
  const after = await theEngines('up_off');
  expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
  // What the kernel takes for no limit.
  const { Memory, MemorySwap, CpuQuota } = after.HostConfig;
  expect([Memory === 0 || Memory > 2 ** 62, MemorySwap <= 0 || MemorySwap > 2 ** 62, CpuQuota]).toEqual([
    true,
    true,
    -1,
  ]);
  const inside = await docker().exec({
    id,
    command: 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; true',
  });
  expect(['max', '9223372036854771712']).toContain(inside.stdout?.trim());
  expect((await docker().inspect({ id })).spec).not.toHaveProperty('memory_limit');
  await refused(docker().update({ id, cpu_shares: null }), 'unsupported');
  expect((await theEngines('up_off')).HostConfig).toMatchObject({ CpuShares: 512 });
  expect((await docker().update({ id, memory_limit: null })).changed).toEqual([]);
  const anew = { cpu_shares: null, blkio_weight: null, cpuset_cpus: 'none', recreate: true } as const;
  expect((await docker().update({ id, ...anew })).changed).toHaveLength(3);
  await eventually(async () => expect((await theEngines('up_off')).Id).not.toBe(before.Id));
  await until(id, 'running');
  expect((await theEngines('up_off')).HostConfig).toMatchObject({
    ...{ Memory: 0, CpuShares: 0, CpusetCpus: '', BlkioWeight: 0, CpuQuota: 0 },
  });
  expect((await docker().update({ id, memory_limit: '96m' })).changed).toEqual(['memory_limit']);
  expect((await theEngines('up_off')).HostConfig).toMatchObject({ Memory: 96 * MB });
});

test('update starts nothing that has ended, and says what does not go together or the engine refuses', async () => {
  const id = await aMade('up_two', { command: 'true', cpu_limit: 0.5 });
  await docker().wait({ id });
  const { State } = await theEngines('up_two');
  await docker().update({ id, memory_limit: '32m' });
  await eventually(async () => expect((await theEngines('up_two')).HostConfig.Memory).toBe(32 * MB));
  await eventually(async () => expect((await docker().get({ id })).status).toBe('stopped'));
  expect((await theEngines('up_two')).State.StartedAt).toBe(State.StartedAt);
  await refused(docker().update({ id, cpu_quota: 50_000 }), 'invalid_input');
  await refused(docker().update({ id }), 'invalid_input');
  await refused(docker().update({ id, cpuset_cpus: '9000' }), 'engine_refused');
  expect((await docker().inspect({ id })).spec).toMatchObject({ memory_limit: 32 * MB });
  expect((await docker().inspect({ id })).spec).not.toHaveProperty('cpuset_cpus');
  await refused(docker().update({ id: 'nobody', memory_limit: '32m' }), 'not_found');
});

test('changes, stat and commit look into the file system of a container, and commit makes an image of it', async () => {
  const id = await aMade('up_three', {
    command: [
      'sh',
      '-c',
      'echo one > /made; rm /bin/vi; ln -s /made /link; mkdir -m 1777 /folder; sleep 600',
    ],
  });
  await until(id, 'running');
  await eventually(async () => {
    const { changes } = await docker().changes({ id });
    expect(changes).toEqual(
      expect.arrayContaining([
        { path: '/made', kind: 'added' },
        { path: '/bin/vi', kind: 'deleted' },
        { path: '/folder', kind: 'added' },
      ]),
    );
  });
  expect(await docker().stat_archive({ id, path: '/made' })).toMatchObject({
    name: 'made',
    type: 'file',
    size: 4,
    mode: 0o644,
  });
  expect(await docker().stat_archive({ id, path: '/folder' })).toMatchObject({
    type: 'directory',
    mode: 0o1777,
  });
  expect(await docker().stat_archive({ id, path: 'link' })).toMatchObject({
    type: 'symlink',
    link_target: '/made',
  });
  await refused(docker().stat_archive({ id, path: '/nothing' }), 'not_found');
  const { image_id, image } = await docker().commit({
    id,
    image: 'updating/made:1',
    author: 'a test',
    comment: 'made',
    changes: ['CMD ["cat", "/made"]', 'LABEL kept=yes'],
  });
  expect(image).toBe('updating/made:1');
  const { body } = await engine.ask('GET', '/images/updating/made:1/json');
  expect(body).toMatchObject({ Id: image_id, Author: 'a test', Comment: 'made' });
  const run = await aMade('up_four', { image: 'updating/made:1', pull_policy: 'never' });
  await docker().wait({ id: run });
  expect((await docker().logs({ id: run })).lines.map(({ line }) => line)).toEqual(['one']);
  await refused(docker().commit({ id, image: 'UPPER:tag' }), 'invalid_input');
});

test('what is not ours can be looked into, and not changed', async () => {
  await engine.ask('POST', '/containers/create?name=up_foreign', { Image: 'busybox:latest', Cmd: ['true'] });
  expect((await docker().stat_archive({ id: 'up_foreign', path: '/bin' })).type).toBe('directory');
  expect((await docker().changes({ id: 'up_foreign' })).changes).toEqual([]);
  await refused(docker().commit({ id: 'up_foreign' }), 'not_ours');
  await refused(docker().update({ id: 'up_foreign', memory_limit: '32m' }), 'not_ours');
  await engine.ask('DELETE', '/containers/up_foreign?force=1');
});
