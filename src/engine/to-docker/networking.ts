import type { networkingFields } from '../../../contracts/container-fields/network.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { attachmentsOf } from '../../plan/mentioned.ts';
import { speaks } from '../../plan/speaks.ts';
import type { CreateContainer } from '../port/container-calls.ts';
import { endpointToDocker } from '../surroundings-to-docker.ts';
import type { EndpointBody } from './create-body.ts';
import { config, type Fragment, host, type LinesOf } from './fragment.ts';

/** Networks and names. */
export const NETWORKING_LINES: LinesOf<typeof networkingFields> & LinesOf<{ network: 0; ports: 0 }> = {
  network: (value, request, api) => (value === undefined ? {} : joined(value, request, api)),
  networks: (value, request, api) =>
    value === undefined ? {} : joined(Object.keys(value)[0] ?? '', request, api),
  network_mode: host((value) => ({ NetworkMode: value })),
  dns: host((value) => ({ Dns: value })),
  dns_search: host((value) => ({ DnsSearch: value })),
  dns_opt: host((value) => ({ DnsOptions: value })),
  extra_hosts: host((value) => ({ ExtraHosts: hostEntries(value) })),
  domainname: config((value) => ({ Domainname: value })),
  mac_address: (value, { spec }, api) => (value === undefined ? {} : addressed(value, spec, api)),
  links: (value, { spec }) => (value === undefined ? {} : linked(value, spec)),
  expose: config((value) => ({
    ExposedPorts: Object.fromEntries(value.flatMap(everyPort).map((port) => [port, {}])),
  })),
  publish_all: host((value) => (value ? { PublishAllPorts: true } : {})),
  network_disabled: config((value) => (value ? { NetworkDisabled: true } : {})),
  ports: (value) => (value === undefined ? {} : published(value)),
};

function published(ports: NonNullable<ContainerSpec['ports']>): Fragment {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { host: port, container, protocol = 'tcp', host_ip = '' } of ports) {
    const key = `${container}/${protocol}`;
    bindings[key] = [
      ...(bindings[key] ?? []),
      { HostIp: host_ip, HostPort: port === undefined ? '' : String(port) },
    ];
  }
  return {
    config: { ExposedPorts: Object.fromEntries(Object.keys(bindings).map((key) => [key, {}])) },
    host: { PortBindings: bindings },
  };
}

/** All networks at once where the engine takes them; older ones take the first, and are told of the rest after. */
function joined(first: string, { spec, aliases }: CreateContainer, api: string): Fragment {
  const all = attachmentsOf(spec, aliases);
  const said = speaks(api, '1.44') ? all : all.slice(0, 1);
  const endpoints = said.map(({ network, ...joining }): [string, EndpointBody] => [
    network,
    endpointToDocker(joining),
  ]);
  return {
    host: { NetworkMode: first },
    ...(said.length > 0 && {
      config: { NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) } },
    }),
  };
}

function addressed(mac: string, spec: ContainerSpec, api: string): Fragment {
  if (!speaks(api, '1.44')) return { config: { MacAddress: mac } };
  const network = attachmentsOf(spec, [])[0]?.network ?? 'bridge';
  return {
    host: { NetworkMode: network },
    config: { NetworkingConfig: { EndpointsConfig: { [network]: { MacAddress: mac } } } },
  };
}

/** On networks of their own, links are further names for others; on the engine’s bridge they are the only names. */
function linked(links: readonly string[], spec: ContainerSpec): Fragment {
  const both = links.map((link) => (link.includes(':') ? link : `${link}:${link}`));
  const network = attachmentsOf(spec, [])[0]?.network;
  return network === undefined
    ? { host: { Links: both } }
    : { config: { NetworkingConfig: { EndpointsConfig: { [network]: { Links: both } } } } };
}

function hostEntries(given: NonNullable<ContainerSpec['extra_hosts']>): readonly string[] {
  const entries = Array.isArray(given) ? given : Object.entries(given).map(([name, ip]) => `${name}:${ip}`);
  return entries.map((entry) => entry.replace(/^([^:=]+)[:=]\[?(.*?)\]?$/, '$1:$2'));
}

function everyPort(text: string): readonly string[] {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [from = 0, to = from] = range.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`);
}
