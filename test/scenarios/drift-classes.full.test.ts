import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { containers } from '../../contracts/containers.ts';
import { groups } from '../../contracts/groups.ts';
import { networks } from '../../contracts/networks.ts';
import { type App, createApp } from '../../src/app.ts';
import { DRIFT_CLASSES, type DriftClass } from '../../src/plan/drift-classes.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnEngine, ownEngine } from '../support/own-engine.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';
import { type RawEvent, toldEvents } from '../support/told-events.ts';

type Given = Partial<z.input<typeof containers.methods.create.input>>;

/** What a container is made from. */
interface Body {
  User?: string;
  Labels: Record<string, string>;
  readonly HostConfig: Record<string, unknown>;
}

interface Row {
  readonly class: DriftClass;
  /** Beside what all have. */
  readonly given?: Given;
  /** Before: what it needs. */
  readonly prepare?: (name: string) => Promise<unknown>;
  /** What somebody does; left out: they do it to another one. */
  readonly by?: (name: string) => Promise<unknown>;
  /** Berth is asleep meanwhile: it would be faster than the hand. */
  readonly asleep?: true;
  /** What the engine tells of it: first what that hand does, then what is done about it. */
  readonly told: readonly [string, string];
  /** The reason of its status, what is done about it included. */
  readonly said?: RegExp;
}

let folder: Folder;
let app: App;
let engine: RawEngine;
let own: OwnEngine;
const docker = () => app.contract.open(containers);
const ask = (method: string, path: string, body?: unknown) => engine.ask(method, path, body);
const post = (path: string, body?: unknown) => ask('POST', path, body);

const rm = (name: string) => ask('DELETE', `/containers/${name}?force=1&v=1`);
const stop = (name: string) => post(`/containers/${name}/stop?t=0`);

async function byHand(name: string, otherwise: (body: Body) => void): Promise<void> {
  const { body } = await ask('GET', `/containers/${name}/json`);
  const { Config, HostConfig } = body as { Config: Body; HostConfig: Body['HostConfig'] };
  const made = { ...Config, HostConfig };
  otherwise(made);
  await rm(name);
  expect((await post(`/containers/create?name=${name}`, made)).status).toBe(201);
  await post(`/containers/${name}/start`);
}

const MADE_BY_HAND = 'connect create destroy disconnect start';
const ANEW = 'connect create destroy disconnect rename start stop';
const NO_NETWORK_ANEW = 'create destroy rename start stop';

/** Each class, how it is provoked, and what becomes of it. A class without a row fails below. */
const ROWS: Readonly<Record<string, Row>> = {
  removed: {
    class: 'removed',
    by: rm,
    told: ['destroy disconnect', 'connect create start'],
    said: /^removed by somebody else; made anew$/,
  },
  cannot_start: {
    class: 'cannot_start',
    given: { network: 'none', init: false },
    by: async (name) => {
      const made = await post(`/containers/${name}/exec`, { Cmd: ['rm', '/bin/sleep'] });
      await post(`/exec/${(made.body as { Id: string }).Id}/start`, { Detach: false });
      await stop(name);
    },
    told: ['stop', 'create destroy rename start'],
    said: /^cannot be started again: .*no such file or directory.*; made anew$/,
  },
  spec: {
    class: 'spec',
    asleep: true,
    by: (name) =>
      byHand(name, (body) => {
        body.Labels = { ...body.Labels, 'berth.hash': 'another' };
      }),
    told: [MADE_BY_HAND, ANEW],
    said: /^spec changed; made anew$/,
  },
  build: {
    class: 'build',
    given: { image: 'drift/built:1', build: { dockerfile: 'FROM drift/base:1\n' } },
    asleep: true,
    by: (name) =>
      byHand(name, (body) => {
        body.Labels = { ...body.Labels, 'berth.build': 'another' };
      }),
    told: [MADE_BY_HAND, ANEW],
    said: /^what its image is built from changed; made anew$/,
  },
  image: {
    class: 'image',
    given: { image: 'drift/app:1' },
    by: async () => {
      await post('/commit?container=drift_still&repo=drift/app&tag=2&pause=0');
      await post('/images/drift/app:2/tag?repo=drift/app&tag=1');
    },
    told: ['', ANEW],
    said: /^image changed; made anew$/,
  },
  ns_peer: {
    class: 'removed',
    by: rm,
    told: ['destroy disconnect', 'connect create start'],
    said: /^removed by somebody else; made anew$/,
  },
  namespace: {
    class: 'namespace',
    given: { network: undefined, network_mode: 'container:drift_ns_peer' },
    told: ['', NO_NETWORK_ANEW],
    said: /^shares a namespace with a former drift_ns_peer; made anew$/,
  },
  link_peer: {
    class: 'removed',
    given: { network: undefined },
    by: rm,
    told: ['destroy disconnect', 'connect create start'],
    said: /^removed by somebody else; made anew$/,
  },
  link: {
    class: 'link',
    given: { network: undefined, links: ['drift_link_peer:peer'] },
    told: ['', ANEW],
    said: /^linked to a former drift_link_peer; made anew$/,
  },
  volumes_peer: {
    class: 'removed',
    given: { mounts: [{ type: 'volume', target: '/shared' }] },
    by: rm,
    told: ['destroy disconnect', 'connect create start'],
    said: /^removed by somebody else; made anew$/,
  },
  shared_volumes: {
    class: 'shared_volumes',
    given: { volumes_from: ['drift_volumes_peer'] },
    told: ['', ANEW],
    said: /^has the volumes of a former drift_volumes_peer; made anew$/,
  },
  settings: {
    class: 'settings',
    asleep: true,
    by: (name) =>
      byHand(name, (body) => {
        body.User = 'nobody';
      }),
    told: [MADE_BY_HAND, ANEW],
    said: /^not as it was made: user; made anew$/,
  },
  volumes_elsewhere: {
    class: 'settings',
    given: { volumes: [{ name: 'drift_data', container: '/data' }] },
    asleep: true,
    by: (name) =>
      byHand(name, ({ HostConfig }) => {
        HostConfig['Mounts'] = [{ Type: 'bind', Source: '/tmp', Target: '/data' }];
      }),
    told: [MADE_BY_HAND, ANEW],
    said: /^not as it was made: volumes.\/data; made anew$/,
  },
  extra_limit: {
    class: 'extra_limit',
    by: (name) => post(`/containers/${name}/update`, { CpuShares: 512 }),
    told: ['update', ANEW],
    said: /^cpu_shares removed; made anew$/,
  },
  limits: {
    class: 'limits',
    given: { pids_limit: 100 },
    by: (name) => post(`/containers/${name}/update`, { PidsLimit: 200 }),
    told: ['update', 'update'],
    said: /^pids_limit changed; set back$/,
  },
  off_network: {
    class: 'off_network',
    by: (name) => post('/networks/drift_net/disconnect', { Container: name, Force: true }),
    told: ['disconnect', 'connect'],
    said: /^not on its network \(drift_net\); joined again$/,
  },
  network_removed: {
    class: 'off_network',
    given: { network: 'drift_gone' },
    asleep: true,
    by: async (name) => {
      await post('/networks/drift_gone/disconnect', { Container: name, Force: true });
      expect((await ask('DELETE', '/networks/drift_gone')).status).toBe(204);
    },
    told: ['disconnect', 'connect'],
    said: /^not on its network \(drift_gone\); joined again$/,
  },
  new_network: {
    class: 'new_network',
    given: { network: 'drift_anew' },
    asleep: true,
    by: async (name) => {
      const { body } = await ask('GET', '/networks/drift_anew');
      const { Labels } = body as { readonly Labels: object };
      await stop(name);
      expect((await ask('DELETE', '/networks/drift_anew')).status).toBe(204);
      expect((await post('/networks/create', { Name: 'drift_anew', Labels })).status).toBe(201);
    },
    told: ['disconnect stop', 'connect disconnect start'],
    said: /its network was made anew \(drift_anew\); .*joined again, started again$/,
  },
  alias: {
    class: 'alias',
    asleep: true,
    by: async (name) => {
      await post('/networks/drift_net/disconnect', { Container: name, Force: true });
      await post('/networks/drift_net/connect', { Container: name });
    },
    given: { networks: { drift_net: { aliases: ['other'] } }, network: undefined },
    told: ['connect disconnect', 'connect disconnect'],
    said: /^alias .*other missing \(drift_net\); joined again$/,
  },
  connection: {
    class: 'connection',
    prepare: (name) => app.contract.open(networks).connect({ network: 'drift_more', container: name }),
    by: (name) => post('/networks/drift_more/disconnect', { Container: name, Force: true }),
    told: ['disconnect', 'connect'],
    said: /^not on a network that a call had it join \(drift_more\); joined again$/,
  },
  renamed: {
    class: 'renamed',
    by: (name) => post(`/containers/${name}/rename?name=drift_another_name`),
    told: ['rename', 'rename'],
    said: /^renamed to drift_another_name by somebody else; named again$/,
  },
  stopped: {
    class: 'stopped',
    by: stop,
    told: ['disconnect stop', 'connect start'],
    said: /^stopped by somebody else at 20.* \(exit code 1(37|43)\); started again$/,
  },
  paused: {
    class: 'paused',
    by: (name) => post(`/containers/${name}/pause`),
    told: ['pause', ''],
    said: /^held by a pause until `berth unpause drift_paused`$/,
  },
  depends_on: { class: 'dependency', given: { depends_on: ['drift_removed'] }, told: ['', ''] },
  still: { class: 'dependency', told: ['', ''] },
};
/** A member of a group is made otherwise. */
const MEMBER = 'drift_group-one';

const spec = {
  image: 'drift/base:1',
  pull_policy: 'never',
  command: '/bin/sleep 6000',
  network: 'drift_net',
  restart_policy: 'unless-stopped',
  stop_timeout: 0,
} as const;

const create = async (name: string, given: Given = {}): Promise<void> => {
  const whole = Object.entries({ ...spec, ...given }).filter(([, value]) => value !== undefined);
  await docker().create({ ...Object.fromEntries(whole), name } as Given & { name: string });
};
const isRunning = (name: string) =>
  eventually(async () => {
    const { status, reason } = await docker().get({ id: name });
    expect([name, status, reason]).toEqual([name, 'running', undefined]);
  });

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  for (const name of ['base', 'app', 'member'])
    await post(`/images/busybox:latest/tag?repo=drift/${name}&tag=1`);
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 60_000);
afterAll(async () => {
  await app.contract.open(groups).teardown({ group: 'drift_group', timeout: 0 });
  for (const name of Object.keys(ROWS).toReversed())
    await docker().delete({ id: `drift_${name}`, wait: true, timeout: 0 });
  await app.contract.open(networks).remove({ network: 'drift_more' });
  await app.close();
  await ask('DELETE', '/volumes/drift_data');
  for (const image of ['base:1', 'app:1', 'app:2', 'member:1', 'built:1'])
    await ask('DELETE', `/images/drift/${image}`);
  await folder[Symbol.asyncDispose]();
}, 120_000);

const KINDS = /^(create|destroy|start|stop|update|rename|pause|unpause|connect|disconnect)$/;

/** What was told of the containers that had that name at some time, as sorted words. */
function toldOf(events: readonly RawEvent[], first: string, name: string): string {
  const ids = new Set([first]);
  for (const { Type, Action, Actor } of events)
    if (Type === 'container' && Action === 'create' && Actor.Attributes['name'] === name) ids.add(Actor.ID);
  const own = events.filter(({ Type, Action, Actor: { ID, Attributes } }) =>
    KINDS.test(Action) && Type === 'network'
      ? ids.has(Attributes['container'] ?? '') && Attributes['name'] !== 'none'
      : Type === 'container' && ids.has(ID) && KINDS.test(Action),
  );
  // That a running one was disconnected an engine tells twice.
  const once = own.filter(({ Action, Actor }, index) => {
    const before = own[index - 1];
    return !(Action === 'disconnect' && before?.Action === Action && before.Actor.ID === Actor.ID);
  });
  return once
    .map(({ Action }) => Action)
    .toSorted()
    .join(' ');
}

const sorted = (...texts: readonly string[]): string =>
  texts
    .flatMap((text) => text.split(' ').filter(Boolean))
    .toSorted()
    .join(' ');

test('each way in which somebody changes a container ends in what is done about it, and in nothing else', async () => {
  await app.contract.open(networks).create({ name: 'drift_more' });
  for (const [name, { given }] of Object.entries(ROWS)) await create(`drift_${name}`, given);
  await docker().compose({
    name: 'drift_group',
    containers: [{ ...spec, network: undefined, name: 'one', image: 'drift/member:1' } as never],
  });
  const names = Object.keys(ROWS).map((name) => `drift_${name}`);
  for (const name of [...names, MEMBER]) await isRunning(name);
  for (const [name, { prepare }] of Object.entries(ROWS)) await prepare?.(`drift_${name}`);
  const first = new Map<string, string>();
  for (const name of [...names, MEMBER]) first.set(name, (await theEngines(name)).Id);
  const { host, socket_path } = await testEngine();
  using events = await toldEvents(socket_path);

  await app.close();
  for (const [name, { by, asleep }] of Object.entries(ROWS)) if (asleep) await by?.(`drift_${name}`);
  app = await createApp({ engine: host, state: folder.path });
  for (const [name, { by, asleep }] of Object.entries(ROWS)) if (!asleep) await by?.(`drift_${name}`);
  await post('/images/drift/app:2/tag?repo=drift/member&tag=1');

  for (const [name, { said, class: drift }] of Object.entries(ROWS))
    await eventually(async () => {
      const { status, reason } = await docker().get({ id: `drift_${name}` });
      expect([name, status, reason?.message]).toEqual([
        name,
        drift === 'paused' ? 'paused' : 'running',
        said === undefined ? undefined : expect.stringMatching(said),
      ]);
    });
  // Whoever would do more would have by now: all of them have been looked at once more since.
  const settled = Date.now();
  for (const name of [...names, MEMBER])
    await eventually(async () => {
      const { observed_at = '' } = await docker().get({ id: name });
      expect(Date.parse(observed_at)).toBeGreaterThan(settled + 5000);
    });
  const found = names.map((name) => [name, toldOf(events.told, first.get(name) ?? '', name)]);
  const wanted = Object.entries(ROWS).map(([name, { told }]) => [`drift_${name}`, sorted(...told)]);
  expect(found).toEqual(wanted);
  // A tag that moves is no business of a member of a group until its group is updated.
  expect(toldOf(events.told, first.get(MEMBER) ?? '', MEMBER)).toBe('');
  expect((await docker().get({ id: MEMBER })).reason).toBeUndefined();
}, 240_000);

async function theEngines(name: string): Promise<RawContainer> {
  const seen = await engine.container(name);
  if (seen === undefined) throw new Error(`the engine has no ${name}`);
  return seen;
}

/** Provoked on an engine of their own, since its files are changed for them. */
const ON_ITS_DISK: readonly DriftClass[] = ['dead', 'volume'];

test('a container that cannot be removed, and one whose volume is gone from the disk, are made anew', async () => {
  own = await ownEngine();
  await using _own = own;
  await using place = await aFolder();
  const raw = rawEngine(own.socket_path);
  await needImagesOn(raw);
  const berth = await createApp({ engine: own.host, state: place.path });
  try {
    const mine = berth.contract.open(containers);
    const given = { ...spec, image: 'busybox:latest', network: undefined } as never as typeof spec;
    await mine.create({
      ...given,
      name: 'lost_volume',
      volumes: [{ name: 'lost_data', container: '/data' }],
    });
    await mine.create({ ...given, name: 'lost_dead' });
    const settles = (name: string, said: RegExp | undefined) =>
      eventually(async () => {
        const { status, reason } = await mine.get({ id: name });
        expect([name, status, reason?.message]).toEqual([
          name,
          'running',
          said === undefined ? undefined : expect.stringMatching(said),
        ]);
      }, 60_000);
    await settles('lost_volume', undefined);
    await settles('lost_dead', undefined);
    const info = (await raw.ask('GET', '/info')).body as { readonly DockerRootDir: string };
    const root = info.DockerRootDir;

    const volume = (await raw.ask('GET', '/volumes/lost_data')).body as { readonly Mountpoint: string };
    const before = await raw.container('lost_volume');
    await own.stop();
    rmSync(join(volume.Mountpoint, '..'), { recursive: true });
    await own.start();
    await settles('lost_volume', /^its volume lost_data is gone; made anew$/);
    const after = await raw.container('lost_volume');
    expect(after?.Id).not.toBe(before?.Id);

    const dead = await raw.container('lost_dead');
    const pin = join(root, 'containers', dead?.Id ?? '', 'pinned');
    writeFileSync(pin, '');
    execFileSync('chattr', ['+i', pin]);
    try {
      expect((await raw.ask('DELETE', '/containers/lost_dead?force=1')).status).toBe(500);
      // The new one runs, whatever becomes of the dead one.
      await eventually(async () => {
        const seen = await raw.container('lost_dead');
        expect([seen?.State.Status, seen?.Id === dead?.Id]).toEqual(['running', false]);
      });
    } finally {
      execFileSync('chattr', ['-i', pin]);
    }
    await eventually(async () => {
      expect((await mine.get({ id: 'lost_dead' })).status).toBe('running');
      expect(await raw.container('lost_dead.berth-old')).toBeUndefined();
    });
  } finally {
    await berth.close();
  }
}, 180_000);

async function needImagesOn(raw: RawEngine): Promise<void> {
  const { status } = await raw.ask('POST', '/images/create?fromImage=busybox&tag=latest');
  expect(status).toBe(200);
}

test('every class of the product’s own table is provoked here', () => {
  const provoked = new Set<string>([
    ...Object.values(ROWS).map((row) => row.class),
    'image_of_member',
    ...ON_ITS_DISK,
  ]);
  expect(Object.keys(DRIFT_CLASSES).filter((drift) => !provoked.has(drift))).toEqual([]);
});
