import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

interface RawNetwork {
  readonly Id: string;
  readonly Internal: boolean;
  readonly Labels: Readonly<Record<string, string>>;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  readonly Containers: Readonly<Record<string, unknown>>;
}

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;
const network = async (name: string): Promise<RawNetwork | undefined> => {
  const { status, body } = await engine.ask('GET', `/networks/${name}`);
  return status === 200 ? (body as RawNetwork) : undefined;
};
const volume = async (name: string): Promise<{ readonly Options: object | null } | undefined> => {
  const { status, body } = await engine.ask('GET', `/volumes/${name}`);
  return status === 200 ? (body as { Options: object | null }) : undefined;
};

const NETWORK = (subnet: string, label = 'one'): string => `
  - name: decl-net
    kind: registry.entry
    meta: { type: docker.network }
    internal: true
    ipam: { config: [{ subnet: ${subnet} }] }
    labels: { which: ${label} }
`;
const VOLUME = `
  - name: data
    kind: registry.entry
    meta: { type: docker.volume }
    volume_name: decl-data
    options: { type: tmpfs, device: tmpfs, o: size=1m }
`;
const CONTAINER = `
  - name: decl-app
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    command: sleep 3600
    stop_timeout: 1
    network: decl-net
    volumes: [{ name: decl-data, container: /data }]
`;
const index = (...entries: readonly string[]): string =>
  `namespace: decl\nentries:${entries.length === 0 ? ' []\n' : entries.join('')}`;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  for (const name of ['decl-data', 'decl-twin']) await engine.ask('DELETE', `/volumes/${name}`);
}, 60_000);

test('networks and volumes are checked, planned, made as declared before a container needs them, kept over restarts, and go with their entries', async () => {
  await berth.write('_index.yaml', index(CONTAINER, NETWORK('10.94.0.0/24'), VOLUME));
  const checked = await berth.run('validate', berth.registry);
  expect(checked).toMatchObject({ code: 0 });
  expect(checked.out).toContain('1 container, 1 network, 1 volume declared');
  const planned = JSON.parse((await berth.run('plan', berth.registry, '--json')).out);
  expect(planned.resources).toMatchObject([
    { id: 'decl:decl-net', type: 'network', steps: [{ action: 'create_network', on: 'decl-net' }] },
    { id: 'decl:data', type: 'volume', steps: [{ action: 'create_volume', on: 'decl-data' }] },
  ]);
  expect(JSON.stringify(planned.containers)).not.toContain('create_network');

  const up = await berth.up();
  await berth.until('decl-app', ({ status }) => status === 'running');
  const made = await network('decl-net');
  expect(made).toMatchObject({ Internal: true, IPAM: { Config: [{ Subnet: '10.94.0.0/24' }] } });
  expect(made?.Labels['which']).toBe('one');
  expect(Object.keys(made?.Containers ?? {})).toHaveLength(1);
  expect(await volume('decl-data')).toMatchObject({ Options: { type: 'tmpfs', o: 'size=1m' } });
  const removing = await berth.run('network', 'rm', 'decl-net');
  expect([removing.code, removing.err]).toEqual([4, expect.stringContaining('decl:decl-net declares')]);
  expect((await berth.run('network', 'prune')).out).toBe('');

  up.kill('SIGTERM');
  await up.ended;
  const again = await berth.up();
  await berth.until('decl-app', ({ status }) => status === 'running');
  expect((await network('decl-net'))?.Id).toBe(made?.Id);
  expect((await berth.run('plan', berth.registry)).out).toContain('Nothing to do');

  // The network stays while it is declared, though its last container goes.
  await berth.write('_index.yaml', index(NETWORK('10.94.0.0/24'), VOLUME));
  await eventually(async () => expect(await engine.container('decl-app')).toBeUndefined());
  expect((await network('decl-net'))?.Id).toBe(made?.Id);

  // Nobody is on it: it is made anew with other settings.
  await berth.write('_index.yaml', index(NETWORK('10.93.0.0/24', 'two'), VOLUME));
  await eventually(async () =>
    expect(await network('decl-net')).toMatchObject({ IPAM: { Config: [{ Subnet: '10.93.0.0/24' }] } }),
  );

  await berth.write('_index.yaml', index());
  await eventually(async () => expect(await network('decl-net')).toBeUndefined());
  expect(await volume('decl-data')).toBeDefined();
  again.kill('SIGTERM');
  await again.ended;
}, 240_000);

test('what stands in the way of a declared network or volume is told with its place, untouched, and taken over from when it goes', async () => {
  await engine.ask('POST', '/networks/create', { Name: 'decl-net' });
  const foreign = await network('decl-net');
  try {
    await berth.write('_index.yaml', index(NETWORK('10.92.0.0/24')));
    await mkdir(join(berth.registry, 'other'), { recursive: true });
    await writeFile(
      join(berth.registry, 'other/_index.yaml'),
      `entries:\n  - name: decl-net\n    kind: registry.entry\n    meta: { type: docker.network }\n    driver: bridge\n    sub_net: 1\n`,
    );
    const checked = await berth.run('validate', berth.registry);
    expect(checked.err).toContain('unknown key `sub_net`');
    const refused = await berth.run('plan', berth.registry);
    expect(refused.out).toContain('not of this Berth');
    await berth.remove('other');
    const up = await berth.up();
    await eventually(() => expect(up.written.err).toContain('not of this Berth'));
    expect(up.written.err).toContain('_index.yaml:3:1');
    expect(await network('decl-net')).toEqual(foreign);
    await engine.ask('DELETE', '/networks/decl-net');
    await eventually(async () =>
      expect(await network('decl-net')).toMatchObject({ IPAM: { Config: [{ Subnet: '10.92.0.0/24' }] } }),
    );
    await berth.run('down');
    expect(await network('decl-net')).toBeUndefined();
  } finally {
    await engine.ask('DELETE', '/networks/decl-net');
  }
}, 180_000);

test('a network that a call asked for stays when its last container goes, until it is removed', async () => {
  const twin = '\n  - { name: decl-twin, kind: registry.entry, meta: { type: docker.volume } }\n';
  await berth.write('_index.yaml', index(twin));
  const up = await berth.up();
  // A volume of its name keeps no network.
  await eventually(async () => expect(await volume('decl-twin')).toBeDefined());
  expect((await berth.run('network', 'create', 'decl-twin')).code).toBe(0);
  expect((await berth.run('network', 'prune')).out).toBe('decl-twin\n');
  expect((await berth.run('volume', 'prune', '--all')).out).not.toContain('decl-twin');
  expect((await berth.run('network', 'create', 'decl-made', '--label', 'a=1')).code).toBe(0);
  const { Id } = (await network('decl-made')) ?? {};
  await berth.run(
    ...['call', 'containers', 'create', '--image', 'busybox:latest', '--name', 'decl-user'],
    ...['--command', 'sleep 3600', '--stop_timeout', '1', '--network', 'decl-made'],
  );
  await berth.until('decl-user', ({ status }) => status === 'running');
  expect((await berth.run('rm', 'decl-user')).code).toBe(0);
  expect((await network('decl-made'))?.Id).toBe(Id);
  expect((await berth.run('network', 'ls', '--mine')).out).toContain('decl-made');
  expect((await berth.run('network', 'rm', 'decl-made')).code).toBe(0);
  expect(await network('decl-made')).toBeUndefined();
  expect(
    (await berth.run('volume', 'create', 'decl-vol', '-o', 'type=tmpfs', '-o', 'device=tmpfs')).out,
  ).toBe('decl-vol\n');
  expect((await berth.run('volume', 'ls', '--mine')).out).toContain('decl-vol');
  expect((await berth.run('volume', 'prune')).out).toBe('');
  expect((await berth.run('volume', 'prune', '--all')).out).toContain('decl-vol');
  expect(await volume('decl-vol')).toBeUndefined();
  up.kill('SIGTERM');
  await up.ended;
}, 180_000);
