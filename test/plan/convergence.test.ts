import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Action, Plan } from '../../src/plan/actions.ts';
import { DESIRED_STATES, type Desired } from '../../src/plan/desired.ts';
import { settingsOf } from '../../src/plan/fields/differences.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import { type EngineState, type ObservedContainer, type Ownership, oursOf } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { failedReplacement, planRollback } from '../../src/plan/plan-replacement.ts';
import { begunReplacing, failedReplacing, replacingNow, startsFirst } from '../../src/plan/replacing.ts';
import { asideName, isUp } from '../../src/plan/steps.ts';
import { aContainer, aDesired, anImage } from '../support/plan-builders.ts';
import { observeWorld, performOn, type World, type WorldContainer } from '../support/plan-world.ts';

/** Three, and those in which a replacement is watched, loses its aliases, answers for a while, and goes. */
const ROUNDS = 8;
const RUNS = { numRuns: 800 };

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const spec: fc.Arbitrary<ContainerSpec> = fc
  .record({
    image: fc.constantFrom('redis:7', 'redis:8'),
    env: maybe(fc.constant({ A: '1' })),
    network: maybe(fc.constantFrom('net', 'other', 'bridge')),
    volumes: maybe(fc.constant([{ name: 'data', container: '/data' }])),
    memory_limit: maybe(fc.constantFrom(1, 2)),
    cpu_limit: maybe(fc.constantFrom(1 / 3, 2)),
    restart_policy: maybe(fc.constantFrom('no', 'always', 'on-failure:2')),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

const desired: fc.Arbitrary<Desired> = fc
  .record({
    spec,
    state: fc.constantFrom(...DESIRED_STATES),
    declared: fc.boolean(),
    started: fc.boolean(),
    held_back: fc.boolean(),
    replacement: maybe(
      fc.record({
        order: fc.constantFrom('stop_first', 'start_first'),
        drain: fc.constantFrom(0, 5),
        monitor: fc.constantFrom(0, 2),
        timeout: fc.constant(15),
      }),
    ),
  })
  .map(({ replacement, ...given }) => aDesired({ ...given, ...(replacement && { replacement }) }));

const STATES: readonly EngineState[] = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
];

function container(id: string, name: string): fc.Arbitrary<ObservedContainer> {
  return fc
    .record({
      spec,
      state: fc.constantFrom(...STATES),
      exit_code: fc.constantFrom(0, 1, 137),
      image_id: fc.constantFrom('sha256:a', 'sha256:b'),
      restart_count: fc.constantFrom(0, 2),
      alias: fc.constantFrom('cache', 'lost'),
      network_id: fc.constantFrom('', 'id-1', 'id-2'),
      anonymous: fc.boolean(),
      by_hand: fc.constantFrom(
        {},
        {},
        { privileged: true },
        { env: { A: '2' } },
        { volumes: { '/data': '/tmp' } },
      ),
    })
    .map(({ spec: of, state, exit_code, image_id, restart_count, alias, network_id, anonymous, by_hand }) =>
      aContainer(
        {
          id,
          name,
          state,
          image_id,
          restart_count,
          settings: { ...settingsOf(of, anImage({ id: image_id, config: { env: {} } })), ...by_hand },
          ...((state === 'exited' || state === 'dead') && { exit_code, finished_at: '2026-01-01T00:00:02Z' }),
          networks:
            of.network === undefined || of.network === 'bridge'
              ? []
              : [{ network: of.network, network_id, aliases: [alias], ip: '172.18.0.2' }],
          mounts: anonymous
            ? [
                {
                  type: 'volume',
                  container: '/anonymous',
                  source: `volume-of-${id}`,
                  anonymous: true,
                  mode: 'rw',
                },
              ]
            : [],
        },
        of,
      ),
    );
}

const ownership: fc.Arbitrary<Ownership> = fc.constantFrom('ours', 'ours', 'ours', 'foreign');
const owned = (of: fc.Arbitrary<ObservedContainer>): fc.Arbitrary<WorldContainer> =>
  fc.record({ seen: of, ownership });

const world: fc.Arbitrary<World> = fc
  .record({
    named: maybe(owned(container('named', 'cache'))),
    aside: maybe(owned(container('aside', asideName('cache')))),
    image: maybe(fc.constantFrom('sha256:a', 'sha256:b')),
    pulled: fc.constantFrom('sha256:a', 'sha256:b', 'sha256:c'),
    networks: fc.dictionary(
      fc.constantFrom('net', 'other'),
      fc.record({ id: fc.constantFrom('id-1', 'id-2'), ownership }),
    ),
    volumes: fc.dictionary(fc.constant('data'), ownership),
    releasable: fc.subarray(['net', 'other']),
    endsAtOnce: fc.boolean(),
  })
  .map(({ named, aside, image, pulled, networks, volumes, releasable, endsAtOnce }) => ({
    containers: [named, aside].filter((one) => one !== undefined),
    image: image === undefined ? undefined : anImage({ id: image, config: { env: {} } }),
    pulled: anImage({ id: pulled, config: { env: {} } }),
    networks: new Map(Object.entries(networks)),
    volumes: new Map(Object.entries(volumes)),
    releasable: new Set(releasable),
    endsAtOnce,
    started: false,
    clock: 1,
    overlaps: false,
    at: 1000,
    replacing: undefined,
    held_back: false,
  }));

/** A world of its own for one run. The network of a former spec, or of what is held back, is there: nobody would make it again. */
function copyOf(given: World, wanted: Desired): World {
  const isFormer = (network: string): boolean =>
    network !== wanted.spec.network ||
    wanted.held_back ||
    wanted.replacement !== undefined ||
    given.containers.length > 1;
  const former = given.containers.flatMap(({ seen }) => seen.networks.map(({ network }) => network));
  const networks = new Map(given.networks);
  for (const network of former.filter(isFormer)) networks.set(network, { id: 'id-1', ownership: 'ours' });
  const containers = given.containers.map((one) => ({
    ...one,
    seen: {
      ...one.seen,
      networks: one.seen.networks.map((each) =>
        isFormer(each.network) ? { ...each, network_id: 'id-1' } : each,
      ),
    },
  }));
  const overlaps = startsFirst(wanted);
  return { ...given, networks, containers, overlaps };
}

const SECONDS_A_ROUND = 10;

/** One round as reconcile makes it: observe, plan, perform. What was started once counts as started afterwards. */
function round(on: World, given: Desired, stopAfter = Number.POSITIVE_INFINITY): Plan {
  on.at += SECONDS_A_ROUND * 1000;
  const going = new Set(
    on.containers.flatMap(({ ownership: whose, seen: { id, state } }) =>
      whose === 'ours' && state === 'removing' ? [id] : [],
    ),
  );
  const wanted = wantedNow(on, given);
  const seen = observeWorld(on, wanted, 'named');
  on.replacing = replacingNow(wanted, seen);
  const now = wantedNow(on, given);
  const fails =
    wanted.state === 'running' &&
    (now.replacing?.failed != null || failedReplacement(now, seen) !== undefined);
  const plan: Plan = fails ? { kind: 'steps', steps: planRollback(now, seen) } : planContainer(now, seen);
  const former = oursOf(seen);
  const steps = plan.kind === 'steps' ? plan.steps : [];
  if (fails) on.replacing = failedReplacing(now, { code: 'start_failed', message: 'it fell' });
  else if (former !== undefined && steps.some(({ action }) => isSettingAside(action)))
    on.replacing = begunReplacing(now, former);
  for (const step of steps.slice(0, stopAfter)) performOn(on, step);
  // Meanwhile the engine ends what it was about.
  on.containers = on.containers.filter(({ seen: { id } }) => !going.has(id));
  if (fails && stopAfter >= steps.length) {
    on.held_back = true;
    on.replacing = undefined;
  }
  return plan;
}

function isSettingAside(action: Action): boolean {
  return action.type === 'rename_container' && action.to === asideName('cache');
}

function wantedNow(on: World, wanted: Desired): Desired {
  return {
    ...wanted,
    started: wanted.started || on.started,
    held_back: wanted.held_back || on.held_back,
    ...(on.replacing && { replacing: on.replacing }),
  };
}

function settle(on: World, wanted: Desired): Plan {
  for (let at = 0; at < ROUNDS; at++) round(on, wanted);
  return planContainer(wantedNow(on, wanted), observeWorld(on, wanted, 'named'));
}

const foreign = (on: World): readonly WorldContainer[] =>
  on.containers.filter(({ ownership: whose }) => whose === 'foreign');

test('every pair of desired and observed converges within a few rounds, and then plans nothing', () => {
  fc.assert(
    fc.property(desired, world, (wanted, given) => {
      const on = copyOf(given, wanted);
      const strangers = foreign(on);
      const last = settle(on, wanted);
      expect(foreign(on)).toEqual(strangers);
      if (last.kind === 'refused') return;
      expect(formatPlan(last)).toBe('');
      const ours = on.containers.filter(({ ownership: whose }) => whose === 'ours');
      expect(ours.length).toBeLessThanOrEqual(wanted.state === 'removed' ? 0 : 1);
      if (wanted.state === 'running' || wanted.state === 'created') expect(ours).toHaveLength(1);
      if (wanted.state === 'stopped') expect(ours.some(({ seen }) => isUp(seen))).toBe(false);
    }),
    RUNS,
  );
});

test('broken off after any step, it converges all the same', () => {
  fc.assert(
    fc.property(desired, world, fc.nat(8), (wanted, given, stopAfter) => {
      const on = copyOf(given, wanted);
      round(on, wanted, stopAfter);
      const last = settle(on, wanted);
      if (last.kind === 'steps') expect(formatPlan(last)).toBe('');
    }),
    RUNS,
  );
});

test('an anonymous volume is kept by whatever replaces its container, wherever it is broken off', () => {
  fc.assert(
    fc.property(desired, container('named', 'cache'), world, fc.nat(8), (wanted, seen, given, stopAfter) => {
      // What somebody else has removed takes its volume along, or leaves it to nobody.
      fc.pre(wanted.state === 'running' && seen.mounts.length > 0 && seen.state !== 'removing');
      const on = copyOf({ ...given, containers: [{ seen, ownership: 'ours' }] }, wanted);
      round(on, wanted, stopAfter);
      if (settle(on, wanted).kind === 'refused') return;
      expect(on.containers[0]?.seen.mounts).toContainEqual(
        expect.objectContaining({ source: 'volume-of-named' }),
      );
    }),
    RUNS,
  );
});

test('a rollback at any step of a replacement leaves the former container, up when it was up', () => {
  fc.assert(
    fc.property(desired, container('named', 'cache'), world, fc.nat(4), (wanted, seen, given, stopAfter) => {
      const on = copyOf(
        { ...given, containers: [{ seen, ownership: 'ours' }], endsAtOnce: false },
        { ...wanted, held_back: true },
      );
      const plan = planContainer(wanted, observeWorld(on, wanted, 'named'));
      const replaces =
        plan.kind === 'steps' && plan.steps.some(({ action }) => action.type === 'rename_container');
      fc.pre(wanted.state === 'running' && replaces);
      const steps = plan.kind === 'steps' ? plan.steps : [];
      const start = steps.findIndex(({ action }) => action.type === 'start_container');
      for (const step of steps.slice(0, Math.min(stopAfter, start))) performOn(on, step);
      for (const step of planRollback(wanted, observeWorld(on, wanted, 'named'))) performOn(on, step);
      expect(on.containers.map(({ seen: { id, name } }) => [id, name])).toEqual([['named', 'cache']]);
      expect(on.containers.some((one) => isUp(one.seen))).toBe(isUp(seen));
    }),
    RUNS,
  );
});
