import type { ContainerSpec } from '../../contracts/container-spec.ts';

export const DEFAULT_IMAGE = 'alpine:latest';
const ENGINES_OWN: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default']);

/** The image that a spec runs. */
export function imageOf(spec: ContainerSpec): string {
  return spec.image ?? DEFAULT_IMAGE;
}

/** An image reference with what may be left out written out, so that two can be compared as text. */
export function fullReference(reference: string): string {
  const text = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  return /[:@]/.test(text.slice(text.lastIndexOf('/') + 1)) ? text : `${text}:latest`;
}

/** One network to join, and how. */
export interface WantedAttachment {
  readonly network: string;
  readonly aliases: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
}

/** A network that a call had a container join, beside those of its spec. `external`: it may be somebody else’s. */
export interface Connection extends WantedAttachment {
  readonly external?: boolean;
}

/** The networks that a container is to be on, the engine’s own aside, with its aliases everywhere. */
export function attachmentsOf(spec: ContainerSpec, aliases: readonly string[]): readonly WantedAttachment[] {
  return Object.entries(joinedNetworks(spec)).map(([network, { external: _, ...how }]) => ({
    ...present(how),
    network,
    aliases: [...new Set([...aliases, ...(how.aliases ?? [])])],
  }));
}

/** Networks that must exist before the container. */
export function mentionedNetworks(spec: ContainerSpec): readonly string[] {
  return Object.keys(joinedNetworks(spec));
}

/** Of the networks and volumes that a spec mentions, those that are somebody else’s and must be there. */
export function isExternal(spec: ContainerSpec, kind: 'network' | 'volume', name: string): boolean {
  if (kind === 'network') return joinedNetworks(spec)[name]?.external ?? false;
  return namedVolumes(spec).some((one) => one.name === name && one.external);
}

/** Named volumes that must exist before the container, each once. */
export function mentionedVolumes(spec: ContainerSpec): readonly string[] {
  return [...new Set(namedVolumes(spec).map(({ name }) => name))];
}

/** Paths inside at which a spec mounts something of its own choice: all but its anonymous volumes. */
export function mountedPaths(spec: ContainerSpec): readonly string[] {
  return [
    ...(spec.volumes ?? []).map(({ container }) => container),
    ...(spec.mounts ?? []).flatMap((mount) =>
      mount.type === 'volume' && mount.source === undefined ? [] : [mount.target],
    ),
    ...[spec.tmpfs ?? []].flat().map((text) => text.split(':')[0] ?? ''),
  ];
}

/** Containers whose namespaces it shares, by name: it must be made anew when they are. */
export function sharedContainers({ network_mode, ipc, pid }: ContainerSpec): readonly string[] {
  const names = [network_mode, ipc, pid].flatMap((mode) =>
    mode?.startsWith('container:') ? [mode.slice('container:'.length)] : [],
  );
  return [...new Set(names)];
}

/** Containers that it knows by their address alone: on networks of their own, links are further names. */
export function linkedByAddress(spec: ContainerSpec): readonly string[] {
  return mentionedNetworks(spec).length === 0 ? firstWords(spec.links) : [];
}

/** Containers whose volumes it has. */
export function lenders({ volumes_from }: ContainerSpec): readonly string[] {
  return firstWords(volumes_from);
}

/** Every other container that a spec names. */
export function mentionedContainers(spec: ContainerSpec): readonly string[] {
  return [...new Set([...sharedContainers(spec), ...firstWords(spec.links), ...lenders(spec)])];
}

function firstWords(texts: readonly string[] = []): readonly string[] {
  return texts.map((text) => text.split(':')[0] ?? '');
}

type Joined = NonNullable<ContainerSpec['networks']>;

function joinedNetworks({ network, networks = {} }: ContainerSpec): Joined {
  if (network === undefined) return networks;
  return ENGINES_OWN.has(network) ? {} : { [network]: {} };
}

function namedVolumes(spec: ContainerSpec): readonly { readonly name: string; readonly external: boolean }[] {
  return [
    ...(spec.volumes ?? []).flatMap(({ name, external = false }) =>
      name === undefined ? [] : [{ name, external }],
    ),
    ...(spec.mounts ?? []).flatMap((mount) =>
      mount.type === 'volume' && mount.source !== undefined
        ? [{ name: mount.source, external: mount.volume?.external ?? false }]
        : [],
    ),
  ];
}

/** Without fields that are there and undefined. */
function present<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
