import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { HASH_LABEL } from '../../src/plan/drift.ts';
import type {
  Observed,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
  Ownership,
} from '../../src/plan/observed.ts';
import { restartPolicyOf } from '../../src/plan/restart-policy.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';

export const IMAGE_ID = 'sha256:redis-7';

/** A spec, with defaults. */
export function aSpec(given: Partial<ContainerSpec> = {}): ContainerSpec {
  return { image: 'redis:7', ...given };
}

/** What a row called `cache` wants, with defaults; hashes follow from the spec. */
export function aDesired(given: Partial<Desired> = {}): Desired {
  const name = given.name ?? 'cache';
  const { spec = aSpec(), declared = true, aliases = [name] } = given;
  const extras = { name, aliases, restart_policy: restartPolicyOf(spec, declared) };
  return {
    id: 'app:cache',
    name,
    state: 'running',
    spec,
    declared,
    generation: 1,
    recreate_hash: recreateHash(spec, extras),
    spec_hash: specHash(spec, extras),
    aliases,
    started: false,
    held_back: false,
    ...given,
  };
}

/** A running container as `aDesired({ spec })` would have made it, with defaults. */
export function aContainer(
  given: Partial<ObservedContainer> = {},
  spec: ContainerSpec = aSpec(),
): ObservedContainer {
  const { name, recreate_hash } = aDesired({ spec });
  const network = spec.network;
  return {
    id: 'c0ffee000000',
    name,
    image: spec.image ?? 'alpine:latest',
    image_id: IMAGE_ID,
    state: 'running',
    health: 'none',
    oom_killed: false,
    created_at: '2026-01-01T00:00:00.5Z',
    started_at: '2026-01-01T00:00:01.5Z',
    restart_count: 0,
    restart_policy: restartPolicyOf(spec, true),
    ...(spec.memory_limit !== undefined && { memory_limit: spec.memory_limit }),
    ...(spec.cpu_limit !== undefined && { cpu_limit: spec.cpu_limit }),
    labels: { ...spec.labels, [HASH_LABEL]: recreate_hash },
    ports: [],
    networks: network === undefined ? [] : [{ network, network_id: `id-of-${network}`, aliases: [name] }],
    mounts: [],
    tty: false,
    open_stdin: spec.interactive ?? false,
    log_driver: 'json-file',
    ...given,
  };
}

/** A container that has ended. */
export function anExited(
  exit_code: number,
  given: Partial<ObservedContainer> = {},
  spec?: ContainerSpec,
): ObservedContainer {
  return aContainer({ state: 'exited', exit_code, finished_at: '2026-01-01T00:00:02Z', ...given }, spec);
}

export function anImage(given: Partial<ObservedImage> = {}): ObservedImage {
  return {
    id: IMAGE_ID,
    tags: ['redis:7'],
    digests: [],
    labels: {},
    size: 1,
    os: 'linux',
    architecture: 'amd64',
    ...given,
  };
}

export function aNetwork(name: string, given: Partial<ObservedNetwork> = {}): ObservedNetwork {
  return {
    id: `id-of-${name}`,
    name,
    driver: 'bridge',
    scope: 'local',
    internal: false,
    attachable: false,
    ipv6: false,
    options: {},
    ipam: { driver: 'default', options: {}, config: [] },
    labels: {},
    container_ids: [],
    members: [],
    ...given,
  };
}

export function aVolume(name: string): ObservedVolume {
  return { name, driver: 'local', scope: 'local', options: {}, labels: {} };
}

type Owned<T> = Readonly<Record<string, T | Ownership>>;

/** What was observed: nothing but the image, with defaults. Networks and volumes by name: whose they are. */
export function anObserved(
  given: {
    readonly container?: ObservedContainer;
    readonly foreign?: ObservedContainer;
    readonly set_aside?: ObservedContainer;
    readonly image?: ObservedImage | 'absent';
    readonly networks?: Owned<ObservedNetwork>;
    readonly volumes?: Owned<ObservedVolume>;
    readonly releasable?: readonly string[];
    /** Of ours, by name. */
    readonly peers?: Readonly<Record<string, ObservedContainer>>;
    readonly at?: number;
  } = {},
): Observed {
  const {
    container,
    foreign,
    set_aside,
    image = anImage(),
    networks = {},
    volumes = {},
    releasable = [],
    peers,
    at = 0,
  } = given;
  const seen = container ?? foreign;
  return {
    at,
    ...(seen && { container: { seen, ownership: container === undefined ? 'foreign' : 'ours' } }),
    ...(set_aside && { set_aside }),
    ...(image !== 'absent' && { image }),
    networks: new Map(Object.entries(networks).map(([name, one]) => [name, owned(one, aNetwork(name))])),
    volumes: new Map(Object.entries(volumes).map(([name, one]) => [name, owned(one, aVolume(name))])),
    releasable: new Set(releasable),
    ...(peers && {
      peers: new Map(
        Object.entries(peers).map(([name, one]) => [name, { seen: one, ownership: 'ours' as const }]),
      ),
    }),
  };
}

function owned<T extends object>(
  given: T | Ownership,
  fallback: T,
): { readonly seen: T; readonly ownership: Ownership } {
  return typeof given === 'string'
    ? { seen: fallback, ownership: given }
    : { seen: given, ownership: 'ours' };
}
