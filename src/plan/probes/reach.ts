import type { ObservedContainer } from '../observed.ts';

/** Where the engine is, seen from here. */
export type EnginePlace = { readonly kind: 'local' } | { readonly kind: 'remote'; readonly host: string };

/** A way to a port of a container. */
export type Way =
  /** Dialled from here. `refused`: whether a refusal comes from the container, or may come from who stands before it. */
  | {
      readonly kind: 'direct';
      readonly host: string;
      readonly port: number;
      readonly refused: 'answer' | 'no_way';
      /** Somebody in between may take a connection and only then see that nobody listens. */
      readonly relayed: boolean;
    }
  /** Dialled by a helper in the container’s own network. */
  | { readonly kind: 'helper'; readonly host: string; readonly port: number };

/** By the address that the engine was opened with. What cannot be read is taken for local. */
export function enginePlace(host: string | undefined): EnginePlace {
  if (host === undefined || !/^(tcp|http|https|ssh):/.test(host) || !URL.canParse(host))
    return { kind: 'local' };
  return { kind: 'remote', host: new URL(host).hostname.replace(/^\[|\]$/g, '') };
}

/**
 * The ways to a port, the best one first: the container’s own addresses when the engine is on this machine (those of another
 * machine could be somebody else’s here), then the published port, at last a helper. `network`: the container whose network it
 * uses, itself when it has its own.
 */
export function waysTo(place: EnginePlace, network: ObservedContainer, port: number): readonly Way[] {
  const { network_mode: mode, networks } = network;
  const inside = networks.flatMap(({ ip, ipv6 }) => ip ?? ipv6 ?? []);
  const helper: Way = { kind: 'helper', host: inside[0] ?? '127.0.0.1', port };
  if (mode === 'host')
    return [place.kind === 'local' ? own('127.0.0.1', port) : before(place.host, port), helper];
  const addresses = place.kind === 'local' ? inside.map((address) => own(address, port)) : [];
  const published = network.ports.flatMap(({ host_ip, host, container, protocol }) => {
    const at = container === port && protocol === 'tcp' ? publishedAt(place, host_ip) : undefined;
    return at === undefined ? [] : [before(at, host)];
  });
  return [...addresses, ...published, helper];
}

function own(host: string, port: number): Way {
  return { kind: 'direct', host, port, refused: 'answer', relayed: false };
}

function before(host: string, port: number): Way {
  return { kind: 'direct', host, port, refused: 'no_way', relayed: true };
}

const ANYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

/** What is published on another machine’s loopback cannot be had from here. */
function publishedAt(place: EnginePlace, host_ip: string): string | undefined {
  if (ANYWHERE.has(host_ip)) return place.kind === 'local' ? '127.0.0.1' : place.host;
  const isLoopback = host_ip.startsWith('127.') || host_ip === '::1';
  return place.kind === 'remote' && isLoopback ? undefined : host_ip;
}
