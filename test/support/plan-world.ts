import type { ActionOf, ActionType, Step } from '../../src/plan/actions.ts';
import { BUILD_LABEL } from '../../src/plan/build-label.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { FIXED_LABEL, HASH_LABEL } from '../../src/plan/drift.ts';
import { settingsOf } from '../../src/plan/fields/differences.ts';
import { CAN_BE_TAKEN_OFF, type LimitField, limitFields } from '../../src/plan/in-place.ts';
import { attachmentsOf } from '../../src/plan/mentioned.ts';
import type { Observed, ObservedContainer, ObservedImage, Ownership } from '../../src/plan/observed.ts';
import type { Replacing } from '../../src/plan/replacement.ts';
import { asideName, isUp } from '../../src/plan/steps.ts';
import { aNetwork, aVolume } from './plan-builders.ts';

export interface WorldContainer {
  readonly seen: ObservedContainer;
  readonly ownership: Ownership;
}

/** A pure engine for the planner: it performs steps on plain data, and throws where a real one would refuse. */
export interface World {
  containers: readonly WorldContainer[];
  image: ObservedImage | undefined;
  readonly pulled: ObservedImage;
  networks: ReadonlyMap<string, { readonly id: string; readonly ownership: Ownership }>;
  volumes: ReadonlyMap<string, Ownership>;
  readonly releasable: ReadonlySet<string>;
  readonly endsAtOnce: boolean;
  started: boolean;
  clock: number;
  /** Two of one row may be up at once. */
  readonly overlaps: boolean;
  /** Milliseconds by our clock. */
  at: number;
  replacing: Replacing | undefined;
  /** A replacement of it failed, and was taken back. */
  held_back: boolean;
}

const SECOND = (clock: number): string => `2026-02-01T00:00:${String(clock).padStart(2, '0')}Z`;

/** What `observe` would find: the row’s own container by its id, else by name. */
export function observeWorld(world: World, desired: Desired, knownId: string | undefined): Observed {
  const aside = world.containers.find(({ seen }) => seen.name === asideName(desired.name));
  const named = world.containers.find(({ seen }) => seen.name === desired.name);
  const known = world.containers.find(
    ({ seen, ownership }) =>
      seen.id === knownId && ownership === 'ours' && seen.name !== asideName(desired.name),
  );
  const container = known ?? named;
  return {
    at: world.at,
    ...(container && { container }),
    ...(aside?.ownership === 'ours' && { set_aside: aside.seen }),
    ...(aside?.ownership === 'foreign' && { aside_taken_by: aside.seen.id }),
    ...(world.image && { image: world.image }),
    networks: new Map(
      [...world.networks].map(([name, { id, ownership }]) => [
        name,
        { seen: aNetwork(name, { id, labels: { [FIXED_LABEL]: 'fixed' } }), ownership },
      ]),
    ),
    volumes: new Map(
      [...world.volumes].map(([name, ownership]) => [name, { seen: aVolume(name), ownership }]),
    ),
    releasable: new Set(
      [...world.releasable].filter((name) => world.networks.get(name)?.ownership === 'ours'),
    ),
  };
}

type Performers = { readonly [T in ActionType]: (world: World, action: ActionOf<T>) => void };

const PERFORM: Performers = {
  pull_image: (world) => {
    world.image = world.pulled;
  },
  build_image: (world, { image, build }) => {
    const { labels } = world.pulled;
    world.image = {
      ...world.pulled,
      id: `built:${build.hash}`,
      tags: [image],
      labels: { ...labels, [BUILD_LABEL]: build.hash ?? '' },
    };
  },
  create_network: (world, { network }) => {
    refuseIf(world.networks.has(network), `network ${network} is there`);
    world.networks = new Map(world.networks).set(network, { id: `made-${world.clock}`, ownership: 'ours' });
  },
  remove_network: (world, { network }) => {
    refuseIf(world.networks.get(network)?.ownership !== 'ours', `network ${network} is not ours`);
    world.networks = new Map([...world.networks].filter(([name]) => name !== network));
  },
  create_volume: (world, { volume }) => {
    refuseIf(world.volumes.has(volume), `volume ${volume} is there`);
    world.volumes = new Map(world.volumes).set(volume, 'ours');
  },
  remove_volume: (world, { volume }) => {
    const used = world.containers.some(({ seen }) => seen.mounts.some(({ source }) => source === volume));
    refuseIf(used, `volume ${volume} is in use`);
  },
  create_container: (world, { name, spec, recreate_hash, restart_policy, aliases, keep_volumes }) => {
    refuseIf(
      world.containers.some(({ seen }) => seen.name === name),
      `the name ${name} is taken`,
    );
    const image = world.image ?? refuse('the image is absent');
    const networks = attachmentsOf(spec, aliases);
    for (const { name: volume } of spec.volumes ?? [])
      refuseIf(volume !== undefined && world.volumes.get(volume) !== 'ours', `volume ${volume} is not ours`);
    const seen: ObservedContainer = {
      id: `made-${world.clock}`,
      name,
      image: spec.image ?? 'alpine:latest',
      image_id: image.id,
      state: 'created',
      health: 'none',
      oom_killed: false,
      created_at: SECOND(world.clock),
      restart_count: 0,
      restart_policy,
      ...limitFields(spec),
      labels: { [HASH_LABEL]: recreate_hash },
      settings: settingsOf(spec, image),
      ports: [],
      networks: networks.map((one) => ({ network: one.network, network_id: '', aliases: one.aliases })),
      mounts: Object.entries(keep_volumes).map(([container, source]) => ({
        type: 'volume',
        container,
        source,
        anonymous: true,
        mode: 'rw',
      })),
      tty: false,
      open_stdin: false,
      log_driver: 'json-file',
    };
    world.containers = [...world.containers, { seen, ownership: 'ours' }];
  },
  put_files: (world, { name }) => {
    if (!world.containers.some(({ seen }) => seen.name === name)) refuse(`no ${name}`);
  },
  prepare_volume: (world, { name }) => {
    if (!world.containers.some(({ seen }) => seen.name === name)) refuse(`no ${name}`);
  },
  start_container: (world, { name }) => {
    const { id } = world.containers.find(({ seen }) => seen.name === name)?.seen ?? refuse(`no ${name}`);
    const others = world.containers.filter(({ seen, ownership }) => ownership === 'ours' && seen.id !== id);
    refuseIf(!world.overlaps && others.some(({ seen }) => isUp(seen)), 'two of one row would run');
    change(world, id, (seen) => {
      for (const { network, network_id } of seen.networks) {
        const there = world.networks.get(network);
        refuseIf(
          there === undefined || (network_id !== '' && network_id !== there.id),
          `network ${network} not found`,
        );
      }
      const again = ['always', 'unless-stopped'].includes(seen.restart_policy);
      const started = { ...seen, started_at: SECOND(world.clock), restart_count: 0 };
      return world.endsAtOnce && !again
        ? { ...started, state: 'exited', exit_code: 0, finished_at: SECOND(world.clock) }
        : { ...started, state: 'running' };
    });
    world.started = true;
  },
  stop_container: (world, { engine_id }) =>
    change(world, engine_id, (seen) => ({
      ...seen,
      state: 'exited',
      exit_code: 143,
      finished_at: SECOND(world.clock),
    })),
  rename_container: (world, { engine_id, to }) => {
    refuseIf(
      world.containers.some(({ seen }) => seen.name === to),
      `the name ${to} is taken`,
    );
    change(world, engine_id, (seen) => ({ ...seen, name: to }));
  },
  remove_container: (world, { engine_id }) => {
    change(world, engine_id, (seen) => seen);
    world.containers = world.containers.filter(({ seen }) => seen.id !== engine_id);
  },
  update_container: (world, { engine_id, limits }) =>
    change(world, engine_id, (seen) => {
      const kept = Object.entries(seen).filter(([field]) => !CAN_BE_TAKEN_OFF.has(field as LimitField));
      return { ...(Object.fromEntries(kept) as unknown as ObservedContainer), ...limits };
    }),
  connect_network: (world, { engine_id, network, aliases, ipv4_address }) => {
    const { id, ownership } = world.networks.get(network) ?? refuse(`network ${network} not found`);
    refuseIf(ownership !== 'ours', `network ${network} is not ours`);
    change(world, engine_id, (seen) => {
      refuseIf(
        seen.networks.some((one) => one.network === network),
        'connected already',
      );
      const address = ipv4_address === undefined ? {} : { ip: ipv4_address };
      return { ...seen, networks: [...seen.networks, { network, network_id: id, aliases, ...address }] };
    });
  },
  disconnect_network: (world, { engine_id, network }) =>
    change(world, engine_id, (seen) => ({
      ...seen,
      networks: seen.networks.filter((one) => one.network !== network),
    })),
};

/** Perform one step. Throws where an engine would refuse, and for anything that touches what is not ours. */
export function performOn(world: World, { action }: Step): void {
  world.clock += 1;
  perform(world, action);
}

function perform<T extends ActionType>(world: World, action: ActionOf<T>): void {
  const one: (world: World, action: ActionOf<T>) => void = PERFORM[action.type as T];
  one(world, action);
}

function change(world: World, id: string, to: (seen: ObservedContainer) => ObservedContainer): void {
  const one = world.containers.find(({ seen }) => seen.id === id) ?? refuse(`no container ${id}`);
  refuseIf(one.ownership !== 'ours', `${id} is not ours`);
  world.containers = world.containers.map((each) => (each === one ? { ...one, seen: to(one.seen) } : each));
}

function refuse(why: string): never {
  throw new Error(`refused: ${why}`);
}

function refuseIf(wrong: boolean, why: string): void {
  if (wrong) refuse(why);
}
