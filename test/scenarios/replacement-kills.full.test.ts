import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { ActionType } from '../../src/plan/actions.ts';
import type { Replacement } from '../../src/plan/replacement.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import { ACTION_TYPES } from '../../src/reconcile/apply.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type Pool, startPool } from '../../src/supervisor/pool.ts';
import { watchEngine } from '../../src/supervisor/watch-engine.ts';
import type { KillAt } from '../../src/worker/kill-at.ts';
import { aWorkplace, IDENTITY } from '../support/a-workplace.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

const ID = 'app:killed_web';
const NAME = 'killed_web';
const ASIDE = `${NAME}.berth-old`;
const NETS = ['killed_net', 'killed_other'];
const VOLUME = 'killed_volume';

/** What a replacement of the specs below never needs, and why. An action that is neither here nor visited fails the test. */
const NOT_HERE: { readonly [T in ActionType]?: string } = {
  pull_image: 'the image is there: the pull is one of many waiters’, with tests of its own',
  build_image: 'nothing is built',
  update_container: 'limits are changed in place, with no replacement',
  remove_volume: 'volumes go with a removal only',
};

const SERVE = "trap 'exit 0' TERM; echo here; while :; do sleep 0.1; done";
const OLD: ContainerSpec = {
  image: 'busybox:latest',
  command: ['sh', '-c', SERVE],
  stop_timeout: 1,
  networks: { killed_net: {}, killed_other: {} },
};
/** Needs a volume that is prepared, a file, and another network. */
const NEW: ContainerSpec = {
  ...OLD,
  env: { VERSION: 'new' },
  volumes: [{ name: VOLUME, container: '/data', permissions: '0770' }],
  files: [{ target: '/etc/version', content: 'new' }],
  networks: { killed_net: {}, killed_third: {} },
};
const BROKEN: ContainerSpec = { ...NEW, command: ['sh', '-c', 'sleep 0.2; exit 3'], restart_policy: 'no' };
const HOW: Omit<Replacement, 'order'> = { drain: 0.3, monitor: 0.6, timeout: 30 };

let raw: RawEngine;
let host: string;

beforeAll(async () => {
  const engine = await testEngine();
  host = engine.host;
  raw = rawEngine(engine.socket_path);
  await needImages('busybox:latest');
});
afterAll(clean);

async function clean(): Promise<void> {
  for (const name of [NAME, ASIDE]) await raw.ask('DELETE', `/containers/${name}?force=1&v=1`);
  for (const name of [...NETS, 'killed_third']) await raw.ask('DELETE', `/networks/${name}`);
  await raw.ask('DELETE', `/volumes/${VOLUME}`);
}

interface End {
  /** What of the engine’s actions was done, in order. */
  readonly killed: string | undefined;
  readonly names: readonly string[];
  readonly env: readonly string[];
  readonly status: string | undefined;
  readonly reason: string | undefined;
  readonly replacing: unknown;
  readonly same_as_before: boolean;
  readonly networks: readonly string[];
}

/** One replacement from beginning to end, by worker processes of which one dies at that place. */
async function replaced(
  to: ContainerSpec,
  order: Replacement['order'],
  at: Omit<KillAt, 'once'>,
): Promise<End> {
  await clean();
  const engine = openEngine(host);
  await using place = await aWorkplace(engine);
  const { store } = place;
  const once = `${place.path}/killed`;
  const pools: Pool[] = [];
  const poke = (): void => {
    for (const pool of pools) pool.poke();
  };
  const watch = watchEngine({ engine, identity: IDENTITY, store, now: Date.now, poke, log: silentLog() });
  try {
    const extras = { name: NAME, aliases: [NAME], restart_policy: 'on-failure' };
    const begin = (): Pool => {
      const pool = startPool({
        count: 2,
        main: new URL('../../src/worker/main.ts', import.meta.url),
        settings: {
          database: `${place.path}/berth.db`,
          journal: `${place.path}/logs.db`,
          builds_folder: `${place.path}/builds`,
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
      pools.push(pool);
      return pool;
    };
    place.add(ID, OLD);
    const first = begin();
    await place.until(ID, ({ status, claimed_by }) => status === 'running' && claimed_by === null);
    await first.stop();
    pools.length = 0;
    const before = await raw.container(NAME);

    process.env['BERTH_TEST_KILL_AT'] = JSON.stringify({ ...at, once });
    begin();
    delete process.env['BERTH_TEST_KILL_AT'];
    store.containers.change(
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
    poke();
    const row = await place.until(
      ID,
      ({ applied_generation, generation, replacing, claimed_by, status }) =>
        applied_generation === generation &&
        replacing === null &&
        claimed_by === null &&
        status === 'running',
      60_000,
    );
    const after = await raw.container(NAME);
    return {
      killed: existsSync(once) ? readFileSync(once, 'utf8') : undefined,
      names: (await raw.names()).filter((name) => name.startsWith(NAME)),
      env: after?.Config.Env.filter((line) => line.startsWith('VERSION')) ?? [],
      status: after?.State.Status,
      reason: row.reason?.code,
      replacing: row.replacing,
      same_as_before: after?.Id === before?.Id,
      networks: Object.keys(after?.NetworkSettings.Networks ?? {}).toSorted(),
    };
  } finally {
    await Promise.all(pools.map((pool) => pool.stop()));
    await watch.stop();
    await engine.close();
  }
}

const visited = new Set<string>();
const IN_ORDER = ['start_first', 'stop_first'] as const;
const HERE = ACTION_TYPES.filter((action) => NOT_HERE[action] === undefined);

describe('a worker that is killed at an action of a replacement', () => {
  for (const order of IN_ORDER)
    for (const action of HERE)
      for (const moment of ['before', 'after'] as const)
        test(`${order}, ${moment} ${action}: the successor ends it, whole`, {
          timeout: 120_000,
        }, async () => {
          const end = await replaced(NEW, order, { moment, action, nth: 1 });
          if (end.killed !== undefined) visited.add(action);
          expect(end).toMatchObject({
            names: [NAME],
            env: ['VERSION=new'],
            status: 'running',
            reason: undefined,
            networks: ['killed_net', 'killed_third'],
          });
        });

  for (const order of IN_ORDER)
    for (const action of [
      'create_container',
      'start_container',
      'remove_container',
      'rename_container',
    ] as const)
      test(`${order}, after ${action}, of one that is no good: the old one is there, whole`, {
        timeout: 120_000,
      }, async () => {
        const end = await replaced(BROKEN, order, { moment: 'after', action, nth: 1 });
        expect(end.killed).toBe(`after ${action}`);
        expect(end).toMatchObject({
          names: [NAME],
          env: [],
          status: 'running',
          reason: 'replacement_failed',
          same_as_before: true,
          networks: ['killed_net', 'killed_other'],
        });
      });

  test('was killed at every action that there is', () => {
    expect(HERE.filter((action) => !visited.has(action))).toEqual([]);
  });
});
