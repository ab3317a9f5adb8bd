import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const UPDATES = { parallelism: 2, monitor: 1, failure_action: 'pause' };
const ADDRESS = '10.231.77.50';
const JOINING = ['--alias', 'found', '--ip', ADDRESS];

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
      {
        ...{ name: 'web', image: 'busybox:latest', command: 'sleep 3600', stop_timeout: 0, replicas: 2 },
        update_config: UPDATES,
      },
      { name: 'db', image: 'busybox:latest', command: 'sleep 3600', stop_timeout: 0 },
    ],
  };
  expect((await berth.run('call', 'containers', 'compose', JSON.stringify(group))).code).toBe(0);
  const names = ['kept_declared', 'kept_made', 'keptgroup-web-1', 'keptgroup-web-2', 'keptgroup-db'];
  for (const name of names) await berth.until(name, ({ status }) => status === 'running');
  const range = ['--subnet', '10.231.77.0/24'];
  expect((await berth.run('network', 'create', '--internal', ...range, 'kept_net')).code).toBe(0);
  await engine.ask('POST', '/networks/create', { Name: 'kept_theirs' });
  expect((await berth.run('network', 'connect', ...JOINING, 'kept_net', 'kept_made')).code).toBe(0);
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
    const made = await engine.container('kept_made');
    const networks = made?.NetworkSettings.Networks ?? {};
    const { out } = await berth.run('inspect', 'kept_made');
    expect(networks['kept_net'], `${made?.State.Status} on ${Object.keys(networks)}: ${out}`).toMatchObject({
      Aliases: expect.arrayContaining(['found']),
      IPAddress: ADDRESS,
    });
  });
  await berth.until('kept_made', ({ status }) => status === 'running');
  expect((await berth.run('call', 'containers', 'delete', '--id', id, '--wait', '--timeout', '0')).code).toBe(
    0,
  );
  expect((await engine.ask('GET', '/networks/kept_net')).status).toBe(200);
  // How its service is updated is known again; what was before it is not, and that is said.
  const plan = async (update_config: object): Promise<unknown> => {
    const asked = { group: 'keptgroup', services: { web: { update_config } } };
    const { services } = JSON.parse((await berth.run('call', 'groups', 'plan', JSON.stringify(asked))).out);
    return services.find(({ service }: { readonly service: string }) => service === 'web');
  };
  expect(await plan(UPDATES)).toMatchObject({ changed: [] });
  expect(await plan({ parallelism: 1 })).toMatchObject({
    changed: [{ field: 'update_config', from: UPDATES }],
  });
  expect((await berth.run('history', 'keptgroup')).out).toContain('what was before them is not known');
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
