import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
import { type Connection, connect } from '../../src/connect.ts';
import type { ActionType } from '../../src/plan/actions.ts';
import { ACTION_TYPES } from '../../src/reconcile/apply.ts';
import type { KillAt } from '../../src/worker/kill-at.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aBerthFolder, type BerthFolder, type UpProcess } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type KillFile, killFile } from '../support/kill-file.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';
import { BROKEN, GROUP, IMAGE, imageOf, servicesOf, volumeOf, wholeAt } from './a-changing-group.ts';

const ORDERS = ['start_first', 'stop_first'] as const;
type Order = (typeof ORDERS)[number];

/** What a deploy of the group below never does, and why. The first tests hold it against what one does. */
const ABSENT: { readonly [O in Order]: { readonly [T in ActionType]?: string } } = {
  start_first: {},
  stop_first: {
    disconnect_network: 'the former one has stopped: its aliases need not be taken away',
    connect_network: 'a new one is made on all of its networks',
  },
};

/** Done alike in both orders: killed before it in the one, after it in the other. */
const ALIKE: readonly ActionType[] = [
  ...(['pull_image', 'build_image', 'create_network', 'create_volume'] as const),
  ...(['update_container', 'remove_volume'] as const),
];

let folder: Folder;
let berth: BerthFolder;
let engine: RawEngine;
let up: UpProcess;
let client: Connection;
let kills: KillFile;
/** What the group is at, and what of it may never change. */
let version = 1;
let release = 1;
let kept: unknown;
const groups = () => client.contract.open(groupsContract);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  const auth = { 'x-registry-auth': Buffer.from('{}').toString('base64') };
  for (const side of ['even', 'odd']) {
    await engine.ask('POST', `/images/busybox:latest/tag?repo=${IMAGE}&tag=${side}`);
    const { body } = await engine.ask('POST', `/images/${IMAGE}/push?tag=${side}`, undefined, auth);
    expect(String(body)).not.toContain('error');
  }
  folder = await aFolder();
  kills = killFile(`${folder.path}/kill`);
  const environment = { BERTH_TEST_KILL_AT: kills.path, BERTH_LOG_LEVEL: 'info', BERTH_WORKERS: '1' };
  berth = await aBerthFolder(host, environment);
  up = await berth.up();
  client = await connect(`${berth.state}/berth.sock`);
  const base = { image: 'busybox:latest', command: 'sleep 3600', stop_timeout: 0 };
  const { web, made, limited, up: more, down } = servicesOf(version);
  const { command: _, ...built } = base;
  await client.contract.open(containers).compose({
    name: GROUP,
    containers: [
      { ...base, ...web, name: 'web', replicas: 2 },
      { ...built, ...made, image: 'gkill/made:latest', name: 'made' },
      { ...base, ...limited, name: 'limited' },
      { ...base, ...more, name: 'up', mounts: [{ type: 'volume', target: '/scratch' }] },
      { ...base, ...down, name: 'down', mounts: [{ type: 'volume', target: '/scratch' }] },
      { ...base, name: 'idle' },
    ],
  });
  await isWhole();
  kept = await untouched();
});
afterAll(async () => {
  await groups().teardown({ group: GROUP, wait: true, timeout: 0 });
  await client.close();
  await berth[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  for (const volume of [volumeOf(0), volumeOf(1)]) await engine.ask('DELETE', `/volumes/${volume}`);
  for (const image of [imageOf(0), imageOf(1), 'gkill/made:latest'])
    await engine.ask('DELETE', `/images/${image}?force=1`);
});

/** What no deploy has anything to do with: the group’s network, and a member. */
async function untouched(): Promise<unknown> {
  const idle = await engine.container(`${GROUP}-idle`);
  const { body } = await engine.ask('GET', `/networks/${GROUP}`);
  return [idle?.Id, idle?.State.StartedAt, (body as { readonly Id?: string }).Id];
}

/** Everything that the engine has of the group. */
async function present(): Promise<unknown> {
  const { body } = await engine.ask('GET', '/networks');
  const networks = (body as readonly { readonly Name: string }[]).map(({ Name }) => Name);
  const names = (await engine.names()).filter((name) => name.startsWith(GROUP)).toSorted();
  const members = names.map(async (name) => {
    const seen = await engine.container(name);
    return [
      name,
      seen?.State.Status,
      seen?.Config.Image,
      seen?.Config.Env.find((line) => line.startsWith('VERSION=')),
      seen?.HostConfig.Memory,
      Object.keys(seen?.NetworkSettings.Networks ?? {}).toSorted(),
      seen?.Mounts.flatMap(({ Name = '' }) => (Name.startsWith(GROUP) ? [Name] : [])),
    ];
  });
  return {
    networks: networks.filter((name) => name.startsWith(GROUP)).toSorted(),
    members: await Promise.all(members),
  };
}

async function isWhole(): Promise<void> {
  await eventually(async () => {
    const { deployment, ready, release: wanted } = await groups().get({ group: GROUP });
    expect({ deployment, ready, wanted }).toEqual({ deployment: undefined, ready: true, wanted: release });
    expect(await present()).toEqual(wholeAt(version));
  });
}

interface Case {
  readonly order: Order;
  readonly broken?: true;
  readonly at?: KillAt;
}

/** One deploy to the next release, in which one process dies at that place. */
async function deployed({ order, broken, at }: Case): Promise<void> {
  await isWhole();
  const next = version + 1;
  // So that they have to be pulled and made once more.
  await engine.ask('DELETE', `/images/${imageOf(next)}`);
  await engine.ask('DELETE', `/volumes/${volumeOf(next)}`);
  const services = servicesOf(next);
  if (at !== undefined) kills.arm(at);
  try {
    const begun = await groups()
      .deploy({
        group: GROUP,
        services: broken ? { ...services, web: { ...services.web, ...BROKEN } } : services,
        strategy: { order, monitor: 0.2, drain: 0.2, timeout: 30 },
      })
      .catch((error: unknown) => {
        // It may have died before it answered.
        if (at?.who !== 'supervisor' || !isContractError(error, 'daemon_not_running')) throw error;
        return undefined;
      });
    if (at?.who === 'supervisor') {
      await eventually(() => expect(up.process.signalCode).toBe('SIGKILL'));
      up = berth.spawn();
      await eventually(() => groups().list({}));
    }
    const [deployment] = (await groups().history({ group: GROUP })).deployments;
    if (begun !== undefined) expect(deployment?.id).toBe(begun.deployment_id);
    if (!broken) {
      version = next;
      release = deployment?.to_release ?? 0;
    }
    await isWhole();
    if (at !== undefined) expect(kills.killed()).toBe(true);
    const [ended] = (await groups().history({ group: GROUP })).deployments;
    expect(ended).toMatchObject({ id: deployment?.id, state: broken ? 'rolled_back' : 'succeeded' });
    expect(await untouched()).toEqual(kept);
  } finally {
    kills.disarm();
  }
}

/** How often each action was done, by the log of it. */
function timesOf(log: string): ReadonlyMap<ActionType, number> {
  const times = ACTION_TYPES.map((type) => [type, log.split(`"${type} `).length - 1] as const);
  return new Map(times.filter(([, many]) => many > 0));
}

const ofA = (order: Order) => ACTION_TYPES.filter((type) => ABSENT[order][type] === undefined);
/** Where somebody was killed, as far as the tests went. */
const visited = {
  before: new Set<ActionType>(),
  after: new Set<ActionType>(),
  supervisor: new Set<ActionType>(),
};

describe.for(ORDERS)('a deploy of a group, %s', (order) => {
  let times: ReturnType<typeof timesOf> = new Map();
  /** Of several the second: then the group is between the releases. */
  const nthOf = (action: ActionType): number => Math.min(2, times.get(action) ?? 1);

  test('does everything that there is, but for what is said above', async () => {
    const before = up.written.err.length;
    await deployed({ order });
    times = timesOf(up.written.err.slice(before));
    expect([...times.keys()].toSorted()).toEqual(all.toSorted());
  });

  const all = ofA(order);
  const unlike = all.filter((action) => !ALIKE.includes(action));

  test.for(order === 'start_first' ? all : unlike)(
    'its worker killed before the first %s: it comes to its end, whole',
    async (action) => {
      await deployed({ order, at: { who: 'worker', moment: 'before', action, nth: 1 } });
      visited.before.add(action);
    },
  );

  test.for(order === 'stop_first' ? all : unlike)(
    'its worker killed after a later %s: it comes to its end, whole',
    async (action) => {
      await deployed({ order, at: { who: 'worker', moment: 'after', action, nth: nthOf(action) } });
      visited.after.add(action);
    },
  );

  // Every action once: the supervisor touches no engine, and what its workers end with is the same in both orders.
  const mine = ACTION_TYPES.filter((action, index) =>
    ABSENT.stop_first[action] === undefined ? ORDERS[index % 2] === order : order === 'start_first',
  );
  test.for(mine)('its supervisor killed at a %s: the next one goes on to its end, whole', async (action) => {
    const moment = order === 'start_first' ? 'before' : 'after';
    await deployed({ order, at: { who: 'supervisor', moment, action, nth: nthOf(action) } });
    visited.supervisor.add(action);
  });
});

/** Places of a deploy that fails: on the way, and (of what happens again) on the way back. */
const FAILING: readonly Omit<KillAt, 'who'>[] = [
  { moment: 'after', action: 'start_container', nth: 2 },
  { moment: 'before', action: 'rename_container', nth: 3 },
  { moment: 'after', action: 'remove_container', nth: 1 },
  { moment: 'before', action: 'build_image', nth: 2 },
  { moment: 'after', action: 'update_container', nth: 2 },
];

describe.for(ORDERS)('a deploy of a release that is no good, %s', (order) => {
  test.for(FAILING)(
    'its worker killed $moment $action $nth: the old release is there, whole',
    async (place) => {
      await deployed({ order, broken: true, at: { ...place, who: 'worker' } });
    },
  );
  test.for(FAILING.filter((_, index) => index === (order === 'start_first' ? 0 : 3)))(
    'its supervisor killed $moment $action $nth: the old release is there, whole',
    async (place) => {
      await deployed({ order, broken: true, at: { ...place, who: 'supervisor' } });
    },
  );
});

test('somebody was killed at every action that there is', () => {
  for (const places of Object.values(visited))
    expect([...places].toSorted()).toEqual(ACTION_TYPES.toSorted());
});
