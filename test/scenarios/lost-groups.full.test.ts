import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

test('when the database is lost, groups, networks that calls had made, and joins of them are known again by what the engine has', {
  timeout: 240_000,
}, async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  await berth.write(
    '_index.yaml',
    'namespace: kept\nentries:\n  - name: kept_declared\n    kind: registry.entry\n    meta: { type: docker.container }\n    image: busybox:latest\n    command: sleep 3600\n    stop_timeout: 1\n',
  );
  const first = await berth.up();
  const made = await berth.run(
    'call',
    'containers',
    'create',
    '{"image": "busybox:latest", "name": "kept_made", "command": "sleep 3600", "stop_timeout": 1, "env": {"A": "b"}}',
  );
  const { id } = JSON.parse(made.out) as { id: string };
  const group = {
    name: 'keptgroup',
    containers: [
      { name: 'web', image: 'busybox:latest', command: 'sleep 3600', stop_timeout: 0, replicas: 2 },
      { name: 'db', image: 'busybox:latest', command: 'sleep 3600', stop_timeout: 0 },
    ],
  };
  expect((await berth.run('call', 'containers', 'compose', JSON.stringify(group))).code).toBe(0);
  const names = ['kept_declared', 'kept_made', 'keptgroup-web-1', 'keptgroup-web-2', 'keptgroup-db'];
  for (const name of names) await berth.until(name, ({ status }) => status === 'running');
  expect((await berth.run('network', 'create', '--internal', 'kept_net')).code).toBe(0);
  await engine.ask('POST', '/networks/create', { Name: 'kept_theirs' });
  expect((await berth.run('network', 'connect', '--alias', 'found', 'kept_net', 'kept_made')).code).toBe(0);
  await engine.ask('POST', '/networks/kept_theirs/connect', { Container: 'kept_made' });
  const identities = (): Promise<unknown[]> =>
    Promise.all(
      names.map(async (name) => {
        const seen = await engine.container(name);
        return [seen?.Id, seen?.State.StartedAt];
      }),
    );
  const before = await identities();
  first.kill('SIGTERM');
  await first.ended;
  for (const file of await readdir(berth.state)) if (file.includes('.db')) await rm(join(berth.state, file));

  const adopting = await berth.run('adopt', '--json');
  const report = JSON.parse(adopting.out);
  expect(report.adopted.map((one: { readonly name: string }) => one.name).toSorted()).toEqual(
    names.slice(1).toSorted(),
  );
  expect(report.groups).toEqual([{ name: 'keptgroup', members: expect.arrayContaining(names.slice(2)) }]);
  expect(report).toMatchObject({
    networks: ['kept_net'],
    joins: [{ name: 'kept_made', network: 'kept_net' }],
    left: [{ name: 'kept_made', why: expect.stringContaining('kept_theirs') }],
  });
  await berth.up();
  for (const name of names) await berth.until(name, ({ status }) => status === 'running');
  expect(await identities()).toEqual(before);
  // Made anew it is on the network that a call had it join, and the network stays when it goes.
  await engine.ask('DELETE', '/containers/kept_made?force=1');
  await eventually(async () => {
    const networks = (await engine.container('kept_made'))?.NetworkSettings.Networks ?? {};
    expect(networks['kept_net']?.Aliases).toContain('found');
  });
  await berth.until('kept_made', ({ status }) => status === 'running');
  expect((await berth.run('call', 'containers', 'delete', '--id', id, '--wait', '--timeout', '0')).code).toBe(
    0,
  );
  expect((await engine.ask('GET', '/networks/kept_net')).status).toBe(200);
  // The group is one again: it scales, and goes whole, with its network.
  const scaling = [
    'call',
    'groups',
    'scale',
    '{"group": "keptgroup", "service": "web", "replicas": 1, "wait": true}',
  ];
  const scaled = await berth.run(...scaling);
  expect([scaled.code, scaled.err]).toEqual([0, '']);
  expect((await engine.names()).filter((name) => name.startsWith('keptgroup')).toSorted()).toEqual([
    'keptgroup-db',
    'keptgroup-web-1',
  ]);
  expect((await berth.run('call', 'containers', 'teardown', '--group', 'keptgroup', '--wait')).code).toBe(0);
  expect((await engine.names()).filter((name) => name.startsWith('keptgroup'))).toEqual([]);
  expect((await engine.ask('GET', '/networks/keptgroup')).status).toBe(404);
  await berth.run('network', 'rm', 'kept_net');
  await engine.ask('DELETE', '/networks/kept_theirs');
  await eventually(async () => expect(await engine.container('kept_made')).toBeUndefined());
});
