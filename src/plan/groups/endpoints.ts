import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Endpoint } from '../../../contracts/group-methods/group-view.ts';
import type { ObservedPort } from '../observed.ts';

/** What of a member its endpoints ask. */
export interface EndpointsOfMember {
  readonly service: string;
  readonly name: string;
  readonly spec: ContainerSpec;
  /** Published now. */
  readonly ports: readonly ObservedPort[];
  /** Address of the engine’s machine, as this one reaches it. */
  readonly engine_host: string;
}

type Protocol = Endpoint['protocol'];

/** Ports that are known by what is spoken there. */
const SPOKEN: Readonly<Record<number, string>> = {
  80: 'http',
  443: 'https',
  3000: 'http',
  3306: 'mysql',
  5000: 'http',
  5432: 'postgres',
  5672: 'amqp',
  6379: 'redis',
  8000: 'http',
  8080: 'http',
  8443: 'https',
  9200: 'http',
  11211: 'memcached',
  27017: 'mongodb',
};

/** Where a member’s ports are to be found: on its network by its service’s name, and published, each once. */
export function endpointsOf(member: EndpointsOfMember): readonly Endpoint[] {
  const { service, name: container, spec, ports } = member;
  const inside = insidePorts(spec).map(({ port, protocol }) =>
    endpointAt(
      { service, container, public: false, protocol, host: service, port },
      schemeOf(port, protocol, spec),
    ),
  );
  const isOpen = spec.network_mode !== 'host' && spec.network !== 'host';
  const outside = ports.map(({ host_ip, host, container: port, protocol }) => {
    const at = {
      service,
      container,
      public: true,
      protocol,
      host: hostOf(host_ip, member.engine_host),
      port: host,
    };
    return endpointAt(at, schemeOf(port, protocol, spec));
  });
  const byUrl = new Map([...(isOpen ? inside : []), ...outside].map((one) => [one.url, one]));
  return [...byUrl.values()];
}

function endpointAt(at: Omit<Endpoint, 'scheme' | 'url'>, scheme: string): Endpoint {
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return { ...at, scheme, url: `${scheme}://${host}:${at.port}` };
}

/** Those that it publishes or exposes, and those that its probes ask. */
function insidePorts(spec: ContainerSpec): readonly { readonly port: number; readonly protocol: Protocol }[] {
  const published = (spec.ports ?? []).map(({ container, protocol = 'tcp' }) => ({
    port: container,
    protocol,
  }));
  const exposed = (spec.expose ?? []).flatMap((text) => {
    const [, port, protocol = 'tcp'] = /^(\d+)(?:\/(tcp|udp|sctp))?$/.exec(String(text)) ?? [];
    return port === undefined ? [] : [{ port: Number(port), protocol: protocol as Protocol }];
  });
  const probed = probedPorts(spec).map(({ port }) => ({ port, protocol: 'tcp' as const }));
  const all = [...published, ...exposed, ...probed].map(
    (one) => [`${one.port}/${one.protocol}`, one] as const,
  );
  return [...new Map(all).values()];
}

function probedPorts({
  probes = {},
}: ContainerSpec): readonly { readonly port: number; readonly scheme?: string }[] {
  return Object.values(probes).flatMap((probe) => {
    if (probe?.http !== undefined) return [{ port: probe.http.port, scheme: probe.http.scheme ?? 'http' }];
    return probe?.tcp === undefined ? [] : [{ port: probe.tcp.port }];
  });
}

function schemeOf(port: number, protocol: Protocol, spec: ContainerSpec): string {
  if (protocol !== 'tcp') return protocol;
  const probed = probedPorts(spec).find((one) => one.port === port && one.scheme !== undefined);
  return probed?.scheme ?? SPOKEN[port] ?? 'tcp';
}

/** An address that means all of the machine’s is said as its name, so that IPv4 and IPv6 are one. */
function hostOf(host_ip: string, engine_host: string): string {
  return host_ip === '' || host_ip === '0.0.0.0' || host_ip === '::' ? engine_host : host_ip;
}
