import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const docker = () => app.contract.open(containers);
const MB = 1024 * 1024;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await engine.ask('POST', '/images/busybox:latest/tag?repo=drift/app&tag=1');
  await engine.ask('POST', '/images/busybox:latest/tag?repo=drift/other&tag=1');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
});
afterAll(async () => {
  for (const name of ['drift_one', 'drift_other'])
    await docker().delete({ id: name, wait: true, timeout: 0 });
  await engine.ask('DELETE', '/volumes/drift-data');
  for (const image of ['drift/app:1', 'drift/app:2', 'drift/other:1'])
    await engine.ask('DELETE', `/images/${image}`);
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const spec = () => ({
  image: 'drift/app:1',
  pull_policy: 'never' as const,
  command: 'sleep 6000',
  network: 'drift-net',
  env: { A: '1' },
  labels: { tier: 'back' },
  volumes: [{ name: 'drift-data', container: '/data' }],
  memory_limit: '64m',
  restart_policy: 'unless-stopped',
  stop_timeout: 0,
});

const theEngines = async (name: string): Promise<RawContainer> => {
  const seen = await engine.container(name);
  if (seen === undefined) throw new Error(`the engine has no ${name}`);
  return seen;
};

/** What a container is made from. */
interface RecreateBody {
  Env?: string[];
  Cmd?: string[];
  Labels?: Record<string, string>;
  HostConfig: Record<string, unknown>;
  [field: string]: unknown;
}

interface Row {
  readonly what: string;
  /** What somebody does. */
  readonly by: (seen: RawContainer) => Promise<unknown>;
  /** Whether it is another container afterwards. */
  readonly anew: boolean;
  /** Whether its run ended. */
  readonly restarted?: boolean;
  /** Said as the reason of its status. */
  readonly said: RegExp;
  readonly check?: (seen: RawContainer) => void;
}

const ROWS: readonly Row[] = [
  {
    what: 'docker stop',
    by: () => engine.ask('POST', '/containers/drift_one/stop?t=0'),
    anew: false,
    restarted: true,
    said: /^stopped by somebody else at 20.* \(exit code (137|143)\); started again$/,
  },
  {
    what: 'docker update -m',
    by: () => engine.ask('POST', '/containers/drift_one/update', { Memory: 32 * MB, MemorySwap: 64 * MB }),
    anew: false,
    said: /memory_limit.* changed; set back/,
    check: ({ HostConfig }) => expect(HostConfig.Memory).toBe(64 * MB),
  },
  {
    what: 'docker update --restart',
    by: () =>
      engine.ask('POST', '/containers/drift_one/update', {
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      }),
    anew: false,
    said: /^restart_policy changed; set back$/,
    check: ({ HostConfig }) =>
      expect(HostConfig).toMatchObject({ RestartPolicy: { Name: 'unless-stopped' } }),
  },
  {
    what: 'docker rename',
    by: () => engine.ask('POST', '/containers/drift_one/rename?name=drift_renamed'),
    anew: false,
    said: /^renamed to drift_renamed by somebody else; named again$/,
  },
  {
    what: 'docker network disconnect',
    by: () => engine.ask('POST', '/networks/drift-net/disconnect', { Container: 'drift_one', Force: true }),
    anew: false,
    said: /^not on its network \(drift-net\); joined again$/,
    check: ({ NetworkSettings }) => expect(Object.keys(NetworkSettings.Networks)).toEqual(['drift-net']),
  },
  {
    what: 'docker rm -f',
    by: () => engine.ask('DELETE', '/containers/drift_one?force=1'),
    anew: true,
    said: /^removed by somebody else; made anew$/,
  },
  {
    what: 'docker kill',
    by: () => engine.ask('POST', '/containers/drift_one/kill'),
    anew: false,
    restarted: true,
    said: /^stopped by somebody else at 20.* \(exit code (137|143)\); started again$/,
  },
  {
    what: 'a tag that moved',
    by: async () => {
      await engine.ask('POST', '/commit?container=drift_other&repo=drift/app&tag=2');
      await engine.ask('POST', '/images/drift/app:2/tag?repo=drift/app&tag=1');
    },
    anew: true,
    said: /^image changed; made anew$/,
  },
];

/** So that what was done for the row before counts for nothing here. */
const calm = async (): Promise<void> => {
  await docker().restart({ id: 'drift_one' });
  await eventually(async () => {
    const seen = await docker().get({ id: 'drift_one' });
    expect(seen).toMatchObject({ status: 'running' });
    expect(seen.reason).toBeUndefined();
  });
};

test('what somebody does to a container is set right as it should, and said, and no other container is touched', async () => {
  await docker().create({ ...spec(), name: 'drift_one' });
  await docker().create({ ...spec(), image: 'drift/other:1', name: 'drift_other' });
  for (const name of ['drift_one', 'drift_other'])
    await eventually(async () => expect((await docker().get({ id: name })).status).toBe('running'));
  const other = await theEngines('drift_other');
  for (const { what, by, anew, restarted = false, said, check } of ROWS) {
    await calm();
    const before = await theEngines('drift_one');
    await by(before);
    await eventually(async () => {
      const { status, reason } = await docker().get({ id: 'drift_one' });
      expect([what, status, reason?.code, reason?.message]).toEqual([
        what,
        'running',
        'drift',
        expect.stringMatching(said),
      ]);
    });
    const after = await theEngines('drift_one');
    expect([what, after.Id === before.Id]).toEqual([what, !anew]);
    expect([what, after.State.StartedAt === before.State.StartedAt]).toEqual([what, !anew && !restarted]);
    expect(after.State.Status).toBe('running');
    check?.(after);
  }
  const still = await theEngines('drift_other');
  expect([still.Id, still.State.StartedAt]).toEqual([other.Id, other.State.StartedAt]);
}, 240_000);

const OTHERWISE: readonly (readonly [string, (body: RecreateBody) => Partial<RecreateBody>])[] = [
  ['env.A', ({ Env = [] }) => ({ Env: ['A=2', ...Env.filter((one) => !one.startsWith('A='))] })],
  ['env.B', ({ Env = [] }) => ({ Env: [...Env, 'B=1'] })],
  ['command', () => ({ Cmd: ['sleep', '7000'] })],
  ['entrypoint', () => ({ Entrypoint: ['/bin/env'] })],
  ['labels.tier', ({ Labels }) => ({ Labels: { ...Labels, tier: 'front' } })],
  ['user', () => ({ User: 'nobody' })],
  ['privileged', ({ HostConfig }) => ({ HostConfig: { ...HostConfig, Privileged: true } })],
  [
    'ports',
    ({ HostConfig }) => ({ HostConfig: { ...HostConfig, PortBindings: { '80/tcp': [{ HostPort: '' }] } } }),
  ],
  [
    'volumes./data',
    ({ HostConfig }) => ({
      HostConfig: { ...HostConfig, Mounts: [{ Type: 'bind', Source: '/tmp', Target: '/data' }] },
    }),
  ],
  ['health_check', () => ({ Healthcheck: { Test: ['CMD', 'true'] } })],
];

test('a container that somebody made anew with our labels, and one thing otherwise, is made anew as it should be', async () => {
  // Berth would be faster than any hand: it is asleep while the hand is at work.
  for (const [field, otherwise] of OTHERWISE) {
    await calm();
    const { host } = await testEngine();
    await app.close();
    await makeByHand(otherwise);
    const { Id } = await theEngines('drift_one');
    app = await createApp({ engine: host, state: folder.path });
    await eventually(async () => {
      const { status, reason } = await docker().get({ id: 'drift_one' });
      expect([field, status, reason?.message]).toEqual([
        field,
        'running',
        expect.stringContaining(`not as it was made: ${field}`),
      ]);
    });
    expect([field, (await theEngines('drift_one')).Id === Id]).toEqual([field, false]);
  }
}, 240_000);

/** Made anew by hand, with our labels, and one thing otherwise. */
async function makeByHand(otherwise: (body: RecreateBody) => Partial<RecreateBody>): Promise<void> {
  const { body } = await engine.ask('GET', '/containers/drift_one/json');
  const { Config, HostConfig } = body as { Config: RecreateBody; HostConfig: RecreateBody['HostConfig'] };
  const before: RecreateBody = { ...Config, HostConfig };
  const made = { ...before, ...otherwise(before) };
  await engine.ask('DELETE', '/containers/drift_one?force=1');
  const again = await engine.ask('POST', '/containers/create?name=drift_one', made);
  expect(again.status).toBe(201);
  await engine.ask('POST', '/containers/drift_one/start');
}

test('a pause is left to who made it', async () => {
  await calm();
  await engine.ask('POST', '/containers/drift_one/pause');
  await eventually(async () => expect((await docker().get({ id: 'drift_one' })).status).toBe('paused'));
  await engine.ask('POST', '/containers/drift_one/unpause');
  await eventually(async () => expect((await docker().get({ id: 'drift_one' })).status).toBe('running'));
}, 60_000);

test('who goes on stopping it is given way to for a while, and told until when', async () => {
  await calm();
  for (let times = 0; times < 4; times++) {
    await engine.ask('POST', '/containers/drift_one/stop?t=0');
    await eventually(async () => {
      const seen = await docker().get({ id: 'drift_one' });
      expect(seen.reason?.code).toBe('drift');
      expect(['running', 'failed']).toContain(seen.status);
      const held = /was set right \d+ times, and will be again at/.test(seen.reason?.message ?? '');
      expect(held || (await theEngines('drift_one')).State.Status === 'running').toBe(true);
    });
  }
  expect((await docker().get({ id: 'drift_one' })).reason?.message).toMatch(/set right|started again/);
  await eventually(async () => expect((await docker().get({ id: 'drift_one' })).status).toBe('running'));
}, 120_000);
