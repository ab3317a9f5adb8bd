import type { networkingFields } from '../../../contracts/container-fields/network.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Json } from '../canonical.ts';
import { ANY, asSaid, asSet, type FieldRows, flag, list, whenSaid } from './field-row.ts';

/** Networks and names. */
export const NETWORKING_FIELDS = {
  network: { class: 'network' },
  networks: { class: 'network' },
  network_mode: {
    class: 'recreate',
    wanted: (value, { spec }) => modeShown(value ?? spec.network),
  },
  ports: {
    class: 'recreate',
    wanted: (value = []) =>
      portsShown(value.map(({ host, ...port }) => ({ ...port, host: host === undefined ? '' : `${host}` }))),
  },
  dns: list,
  dns_search: list,
  dns_opt: list,
  extra_hosts: {
    class: 'recreate',
    wanted: (value) => asSet(value === undefined ? undefined : hostEntries(value)),
  },
  domainname: asSaid,
  // On the first network, where newer engines show it beside one that they chose.
  mac_address: { class: 'recreate', compared: 'by hash' },
  links: { class: 'recreate', compared: 'by hash' },
  expose: {
    class: 'recreate',
    wanted: (value = [], { spec, image }) =>
      image === undefined
        ? ANY
        : asSet([
            ...(image.expose ?? []),
            ...value.flatMap(everyPort),
            ...(spec.ports ?? []).map(({ container, protocol = 'tcp' }) => `${container}/${protocol}`),
          ]),
  },
  publish_all: flag,
  network_disabled: whenSaid,
} as const satisfies FieldRows<typeof networkingFields> & FieldRows<{ network: 0; ports: 0 }>;

/** What kind of networking it has; which networks it is on is repaired as it is, and whose namespace it shares is compared by id. */
export function modeShown(mode: string | undefined): 'host' | 'none' | 'container' | 'network' {
  if (mode === 'host' || mode === 'none') return mode;
  return mode?.startsWith('container:') ? 'container' : 'network';
}

/** A published port as it is compared: `host` empty is one that the engine picks. */
export interface PortShown {
  readonly container: number;
  readonly protocol?: string | undefined;
  readonly host: string;
  readonly host_ip?: string | undefined;
}

/** `8080→80/tcp`, by container port. */
export function portsShown(ports: readonly PortShown[]): Json {
  return asSet(
    ports.map(({ container, protocol = 'tcp', host, host_ip = '' }) => {
      const address = host_ip === '0.0.0.0' || host_ip === '' ? '' : `${host_ip}:`;
      return `${address}${host === '0' ? '' : host}→${container}/${protocol}`;
    }),
  );
}

/** `name:address` each, without brackets. */
export function hostEntries(given: NonNullable<ContainerSpec['extra_hosts']>): readonly string[] {
  const entries = Array.isArray(given) ? given : Object.entries(given).map(([name, ip]) => `${name}:${ip}`);
  return entries.map((entry) => entry.replace(/^([^:=]+)[:=]\[?(.*?)\]?$/, '$1:$2'));
}

/** Each port of a text like `8000-8010/udp`. */
export function everyPort(text: string): readonly string[] {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [from = 0, to = from] = range.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`);
}
