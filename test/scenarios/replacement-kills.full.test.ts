import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { ActionType } from '../../src/plan/actions.ts';
import type { Replacement } from '../../src/plan/replacement.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import { ACTION_TYPES } from '../../src/reconcile/apply.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { ContainerRow } from '../../src/store/container-row.ts';
import { type Pool, startPool } from '../../src/supervisor/pool.ts';
import { type EngineWatch, watchEngine } from '../../src/supervisor/watch-engine.ts';
import type { KillAt } from '../../src/worker/kill-at.ts';
import { aWorkplace, IDENTITY, type Workplace } from '../support/a-workplace.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { type KillFile, killFile } from '../support/kill-file.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';

const ID = 'app:killed_web';
const NAME = 'killed_web';
const ASIDE = `${NAME}.berth-old`;
const NET = 'killed_net';
const SIDES = ['even', 'odd'] as const;

/** What a replacement of one row never does, and why: a whole group’s deploy does all of it (group-kills.full.test.ts). */
const NOT_HERE: { readonly [T in ActionType]?: string } = {
  pull_image: 'the image is there',
  build_image: 'nothing is built',
  update_container: 'limits are changed in place, with no replacement',
  remove_volume: 'volumes go with a removal: the last test',
};
/** With `stop_first` as well: tests see that nobody comes to them. */
const NOT_STOP_FIRST: { readonly [T in ActionType]?: string } = {
  disconnect_network: 'the former one has stopped: its aliases need not be taken away',
  connect_network: 'a new one is made on all of its networks',
};

const SERVE = "trap 'exit 0' TERM; echo here; while :; do sleep 0.1; done";
/** Each needs a volume that is prepared, a file, and another network than the one before. */
function specOf(version: number): ContainerSpec {
  const side = sideOf(version);
  return {
    image: 'busybox:latest',
    command: ['sh', '-c', SERVE],
    stop_timeout: 1,
    env: { VERSION: `${version}` },
    volumes: [{ name: `killed_${side}`, container: '/data', permissions: '0770' }],
    mounts: [{ type: 'volume', target: '/kept' }],
    files: [{ target: '/etc/version', content: `${version}` }],
    networks: { [NET]: {}, [`killed_${side}`]: {} },
  };
}
const sideOf = (version: number): string => SIDES[version % 2] ?? '';
const BROKEN = { command: ['sh', '-c', 'sleep 0.2; exit 3'], restart_policy: 'no' } as const;
const HOW: Omit<Replacement, 'order'> = { drain: 0.3, monitor: 0.6, timeout: 30 };

let raw: RawEngine;
let engine: Engine;
let place: Workplace;
let pool: Pool;
let watch: EngineWatch;
let kills: KillFile;
let version = 0;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  raw = rawEngine(socket_path);
  await needImages('busybox:latest');
  engine = openEngine(host);
  place = await aWorkplace(engine);
  const { store, path } = place;
  kills = killFile(`${path}/kill`);
  process.env['BERTH_TEST_KILL_AT'] = kills.path;
  pool = startPool({
    count: 2,
    main: new URL('../../src/worker/main.ts', import.meta.url),
    settings: {
      database: `${path}/berth.db`,
      journal: `${path}/logs.db`,
      builds_folder: `${path}/builds`,
      engine: host,
      tls: {},
      instance: IDENTITY.instance,
      key: IDENTITY.key.toString('base64'),
      log_level: 'error',
    },
    store,
    hub: { publish: () => undefined },
    log: silentLog(),
    now: Date.now,
  });
  watch = watchEngine({
    engine,
    identity: IDENTITY,
    store,
    now: Date.now,
    poke: pool.poke,
    log: silentLog(),
  });
  place.add(ID, specOf(version));
  pool.poke();
  await settled();
});
afterAll(async () => {
  delete process.env['BERTH_TEST_KILL_AT'];
  await pool.stop();
  await watch.stop();
  await place[Symbol.asyncDispose]();
  await engine.close();
  for (const name of [NAME, ASIDE]) await raw.ask('DELETE', `/containers/${name}?force=1&v=1`);
  for (const name of [NET, 'killed_even', 'killed_odd']) await raw.ask('DELETE', `/networks/${name}`);
  for (const side of SIDES) await raw.ask('DELETE', `/volumes/killed_${side}`);
});

/** The row at its rest, and its container. */
async function settled(): Promise<{ readonly row: ContainerRow; readonly seen: RawContainer | undefined }> {
  const row = await place.until(
    ID,
    ({ applied_generation, generation, replacing, claimed_by, status }) =>
      applied_generation === generation && replacing === null && claimed_by === null && status === 'running',
  );
  return { row, seen: await raw.container(NAME) };
}

/** One replacement from its beginning to its end, during which one of two workers dies at that place. */
async function replaced(
  to: ContainerSpec,
  order: Replacement['order'],
  at: Omit<KillAt, 'who' | 'nth'>,
): Promise<Awaited<ReturnType<typeof settled>>> {
  // So that it has to be made once more.
  await raw.ask('DELETE', `/volumes/killed_${sideOf(version + 1)}`);
  const extras = { name: NAME, aliases: [NAME], restart_policy: 'on-failure' };
  kills.arm({ ...at, who: 'worker', nth: 1 });
  place.store.containers.change(
    ID,
    {
      spec: {
        spec: to,
        name: NAME,
        aliases: extras.aliases,
        entry_source: null,
        spec_hash: specHash(to, extras),
        recreate_hash: recreateHash(to, extras),
      },
      replacement: { order, ...HOW },
    },
    Date.now(),
  );
  pool.poke();
  try {
    return await settled();
  } finally {
    kills.disarm();
  }
}

/** What there is of it, and of what is there only for it. */
async function present(seen: RawContainer | undefined): Promise<object> {
  const { body } = await raw.ask('GET', '/networks');
  const networks = (body as readonly { readonly Name: string }[]).map(({ Name }) => Name);
  return {
    names: (await raw.names()).filter((name) => name.startsWith(NAME)),
    networks: networks.filter((name) => name.startsWith('killed_')).toSorted(),
    status: seen?.State.Status,
    env: seen?.Config.Env.find((line) => line.startsWith('VERSION=')),
    joined: Object.keys(seen?.NetworkSettings.Networks ?? {}).toSorted(),
    volumes: seen?.Mounts.flatMap(({ Name = '' }) => (Name.startsWith('killed_') ? [Name] : [])),
  };
}
function wholeAt(at: number): object {
  const side = `killed_${sideOf(at)}`;
  const networks = [NET, side].toSorted();
  return {
    names: [NAME],
    ...{ networks, status: 'running', env: `VERSION=${at}`, joined: networks, volumes: [side] },
  };
}

const visited = new Set<ActionType>();
const ORDERS = ['start_first', 'stop_first'] as const;
const HERE = ACTION_TYPES.filter((action) => NOT_HERE[action] === undefined);

describe.for(ORDERS)('a worker that is killed at an action of a replacement, %s', (order) => {
  for (const action of HERE)
    for (const moment of ['before', 'after'] as const) {
      const why = order === 'stop_first' ? NOT_STOP_FIRST[action] : undefined;
      if (why !== undefined && moment === 'after') continue;
      const then = why === undefined ? 'the successor ends it, whole' : `there is none, since ${why}`;
      test(`${moment} ${action}: ${then}`, async () => {
        const { row, seen } = await replaced(specOf(version + 1), order, { moment, action });
        version += 1;
        expect(kills.killed()).toBe(why === undefined);
        if (why === undefined) visited.add(action);
        expect(row.reason).toBeNull();
        expect(await present(seen)).toEqual(wholeAt(version));
      });
    }

  test.for(['create_container', 'start_container', 'remove_container', 'rename_container'] as const)(
    'after %s, of one that is no good: the old one is there, whole',
    async (action) => {
      const before = await raw.container(NAME);
      const to = { ...specOf(version + 1), ...BROKEN, command: [...BROKEN.command] };
      const { row, seen } = await replaced(to, order, { moment: 'after', action });
      expect(kills.killed()).toBe(true);
      expect(row.reason?.code).toBe('replacement_failed');
      expect(seen?.Id).toBe(before?.Id);
      expect(await present(seen)).toEqual(wholeAt(version));
    },
  );
});

test.for(['before', 'after'] as const)(
  '%s remove_volume: the successor takes the anonymous volume of a container that it replaced and removed along',
  async (moment) => {
    if (moment === 'after') {
      place.add(ID, specOf(version));
      await settled();
      version += 1;
      await replaced(specOf(version), 'stop_first', { moment, action: 'create_network' });
    }
    const kept = (await raw.container(NAME))?.Mounts.find(({ Destination }) => Destination === '/kept');
    expect((await raw.ask('GET', `/volumes/${kept?.Name}`)).status).toBe(200);
    kills.arm({ who: 'worker', moment, action: 'remove_volume', nth: 1 });
    place.store.containers.change(ID, { desired_state: 'removed' }, Date.now());
    pool.poke();
    await place.until(ID, ({ removed_at }) => removed_at !== null);
    expect(kills.killed()).toBe(true);
    expect((await raw.ask('GET', `/volumes/${kept?.Name}`)).status).toBe(404);
    expect((await raw.names()).filter((name) => name.startsWith(NAME))).toEqual([]);
  },
);

test('somebody was killed at every action that there is', () => {
  expect(HERE.filter((action) => !visited.has(action))).toEqual([]);
});
