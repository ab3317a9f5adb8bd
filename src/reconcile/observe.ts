import type { Engine } from '../engine/engine.ts';
import { type Identity, LABEL, ownership } from '../engine/labels.ts';
import { needsAbilities } from '../plan/capabilities/capabilities.ts';
import { connectionsOf } from '../plan/connections.ts';
import type { Desired } from '../plan/desired.ts';
import { imageOf, mentionedContainers, mentionedNetworks, mentionedVolumes } from '../plan/mentioned.ts';
import type { Observed, ObservedContainer, Ownership } from '../plan/observed.ts';
import { asideName } from '../plan/steps.ts';

export interface Observing {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  /** Milliseconds by our clock. */
  readonly now: () => number;
  /** Whether any other row wants that network. */
  readonly isNetworkWanted: (network: string) => boolean;
}

/** Everything about one row’s container, asked in one go, so that the planner need not ask again. Throws what the engine’s port throws. */
export async function observe(
  desired: Desired,
  known: { readonly engine_id: string | null },
  observing: Observing,
): Promise<Observed> {
  const { engine, signal } = observing;
  const [container, aside, image, networks, connections, volumes, peers, unsupported] = await Promise.all([
    current(desired, known.engine_id, observing),
    engine.containers.inspect(asideName(desired.name), signal),
    engine.images.inspect(imageOf(desired.spec), signal),
    Promise.all(mentionedNetworks(desired.spec).map((name) => network(name, observing))),
    Promise.all(connectionsOf(desired).map((one) => network(one.network, observing))),
    Promise.all(mentionedVolumes(desired.spec).map((name) => volume(name, observing))),
    Promise.all(mentionedContainers(desired.spec).map((name) => peer(name, observing))),
    needsAbilities(desired.spec) ? engine.containers.unsupported(desired.spec, signal) : [],
  ]);
  const isAsideOurs = aside !== undefined && (await owner(desired.id, aside, observing)) === 'ours';
  const set_aside = isAsideOurs && aside.id !== container?.seen.id ? aside : undefined;
  const ours = [container?.ownership === 'ours' ? container.seen : undefined, set_aside];
  const releasable = await releasableNetworks(
    desired,
    ours.filter((seen) => seen !== undefined),
    observing,
  );
  return {
    at: observing.now(),
    ...(container && { container }),
    ...(set_aside && { set_aside }),
    ...(aside !== undefined && !isAsideOurs && { aside_taken_by: aside.id }),
    ...(image && { image }),
    networks: new Map(networks.flat()),
    connections: new Map(connections.flat()),
    volumes: new Map(volumes.flat()),
    peers: new Map(peers.flat()),
    unsupported,
    releasable,
  };
}

async function current(
  desired: Desired,
  engineId: string | null,
  observing: Observing,
): Promise<Observed['container']> {
  const { engine, signal } = observing;
  const known = engineId === null ? undefined : await engine.containers.inspect(engineId, signal);
  if (
    known !== undefined &&
    known.name !== asideName(desired.name) &&
    (await owner(desired.id, known, observing)) === 'ours'
  )
    return { seen: known, ownership: 'ours' };
  const named = await engine.containers.inspect(desired.name, signal);
  return named === undefined
    ? undefined
    : { seen: named, ownership: await owner(desired.id, named, observing) };
}

/** The image is asked only when the labels say that it is ours: that alone could be a copy. */
async function owner(
  id: string,
  seen: ObservedContainer,
  { engine, identity, signal }: Observing,
): Promise<Ownership> {
  if (ownership(identity, 'container', id, seen.labels) === 'foreign') return 'foreign';
  const image = await engine.images.inspect(seen.image_id, signal);
  return ownership(
    identity,
    'container',
    id,
    seen.labels,
    image?.labels[LABEL.seal] === undefined ? {} : image.labels,
  );
}

type Found<K extends 'networks' | 'volumes'> =
  Observed[K] extends ReadonlyMap<string, infer V> ? readonly (readonly [string, V])[] : never;

async function network(name: string, { engine, identity, signal }: Observing): Promise<Found<'networks'>> {
  const seen = await engine.networks.inspect(name, signal);
  return seen === undefined
    ? []
    : [[name, { seen, ownership: ownership(identity, 'network', name, seen.labels) }]];
}

async function volume(name: string, { engine, identity, signal }: Observing): Promise<Found<'volumes'>> {
  const seen = await engine.volumes.inspect(name, signal);
  return seen === undefined
    ? []
    : [[name, { seen, ownership: ownership(identity, 'volume', name, seen.labels) }]];
}

/** A container that the spec names: of ours when it is that of any row of ours. */
async function peer(
  name: string,
  observing: Observing,
): Promise<
  readonly (readonly [string, { readonly seen: ObservedContainer; readonly ownership: Ownership }])[]
> {
  const seen = await observing.engine.containers.inspect(name, observing.signal);
  if (seen === undefined) return [];
  return [[name, { seen, ownership: await owner(seen.labels[LABEL.id] ?? '', seen, observing) }]];
}

async function releasableNetworks(
  desired: Desired,
  ours: readonly ObservedContainer[],
  observing: Observing,
): Promise<ReadonlySet<string>> {
  const ids = new Set(ours.map(({ id }) => id));
  const candidates = new Set([
    ...mentionedNetworks(desired.spec),
    ...ours.flatMap(({ networks }) => networks.map(({ network: name }) => name)),
  ]);
  const unwanted = [...candidates].filter(
    (name) => !['bridge', 'host', 'none'].includes(name) && !observing.isNetworkWanted(name),
  );
  const found = await Promise.all(unwanted.map((name) => network(name, observing)));
  return new Set(
    found
      .flat()
      .filter(([, one]) => one.ownership === 'ours' && one.seen.container_ids.every((id) => ids.has(id)))
      .map(([name]) => name),
  );
}
