import type { ComposeService } from '../model/service.ts';
import { containerOf, type Fields, isService, surroundingOf, type Taking } from './taking.ts';

type Given<K extends keyof ComposeService> = NonNullable<ComposeService[K]>;

/** The first of them is the one that it is made with: the one of the highest priority, then by name, as Compose has it. */
export function networks(given: Given<'networks'>, taking: Taking): Fields {
  const { model, say } = taking;
  const sorted = Object.entries(given).sort(
    ([a, one], [b, other]) => (other.priority ?? 0) - (one.priority ?? 0) || (a < b ? -1 : 1),
  );
  const joined: [string, NonNullable<Exclude<Fields['networks'], readonly string[]>>[string]][] = [];
  for (const [key, how] of sorted) {
    if (key !== 'default' && !Object.hasOwn(model.networks ?? {}, key)) {
      say(`networks.${key}`, `the network ${key} is not among the file’s \`networks\``, {
        instead: `write \`networks: { ${key}: {} }\` at the top`,
      });
      continue;
    }
    const { name, external } = surroundingOf(taking, 'networks', key);
    if (/^(host|none|bridge)$/.test(name)) {
      say(`networks.${key}`, `${name} is a network of the engine’s own`, {
        instead: `\`network_mode: ${name}\``,
      });
      continue;
    }
    for (const late of ['gw_priority', 'interface_name'] as const)
      if (how[late] !== undefined)
        say(`networks.${key}.${late}`, 'is of a later Compose, and not taken', { level: 'warning' });
    const { aliases, ipv4_address, ipv6_address, link_local_ips, mac_address, driver_opts } = how;
    joined.push([
      name,
      {
        ...(aliases !== undefined && aliases.length > 0 && { aliases }),
        ...(ipv4_address !== undefined && { ipv4_address }),
        ...(ipv6_address !== undefined && { ipv6_address }),
        ...(link_local_ips !== undefined && { link_local_ips }),
        ...(mac_address !== undefined && { mac_address }),
        ...(driver_opts !== undefined && { driver_opts: textsIn(driver_opts) }),
        ...(external && { external }),
      },
    ]);
  }
  if (joined.length === 0) return {};
  const plain = joined.every(([, how]) => Object.keys(how ?? {}).length === 0);
  return { networks: plain ? joined.map(([name]) => name) : Object.fromEntries(joined) };
}

/** Without the values that nobody said. */
export function textsIn(map: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? '']));
}

/** `service:x` as the container that it is. */
export function shared(given: string, key: string, taking: Taking): string | undefined {
  const [kind = '', name = ''] = given.split(':');
  if (kind !== 'service') return given;
  if (!isService(taking, key, name)) return undefined;
  return `container:${containerOf(taking, name)}`;
}

export function networkMode(given: string, taking: Taking): Fields {
  const mode = shared(given, 'network_mode', taking);
  if (mode === undefined || mode === 'default') return {};
  if (/^(bridge|host|none|container:.+)$/.test(mode)) return { network_mode: mode };
  taking.say('network_mode', `\`${given}\` is not taken`, { instead: 'name the network under `networks`' });
  return {};
}

export function ports(given: Given<'ports'>, { say }: Taking): Fields {
  const all = given.flatMap(({ target, published, host_ip, protocol = 'tcp', mode = 'ingress' }, index) => {
    const key = `ports.${index}`;
    if (!/^(tcp|udp|sctp)$/.test(protocol)) {
      say(key, `the protocol ${protocol} is not known`, { instead: 'tcp, udp or sctp' });
      return [];
    }
    if (mode !== 'ingress' && mode !== 'host') say(key, `the mode ${mode} is not known`);
    if (published?.includes('-')) {
      say(key, `one of the ports ${published}, whichever is free, cannot be asked for`, {
        instead: 'one port, or none: then the engine picks one that is free',
      });
      return [];
    }
    const isAny = published === undefined || published === '' || published === '0';
    return [
      {
        ...(!isAny && { host: Number(published) }),
        container: target,
        ...(protocol !== 'tcp' && { protocol: protocol as 'udp' | 'sctp' }),
        ...(host_ip !== undefined && host_ip !== '' && { host_ip }),
      },
    ];
  });
  return all.length === 0 ? {} : { ports: all };
}

export function extraHosts(given: Given<'extra_hosts'>): Fields {
  const entries = hostEntries(given);
  return entries.length === 0 ? {} : { extra_hosts: entries };
}

/** Each as `name:address`. */
export function hostEntries(given: Given<'extra_hosts'>): string[] {
  return Object.entries(given)
    .flatMap(([name, addresses]) => addresses.map((address) => `${name}:${address.replace(/^\[|\]$/g, '')}`))
    .toSorted();
}

/** Compose gives each its alias, and its own names; on a network that both are on it is known by those anyway. */
export function links(given: Given<'links'>, taking: Taking): Fields {
  const { purpose } = taking;
  const all = given.flatMap((link) => {
    const [service = '', alias = service] = link.split(':');
    if (!isService(taking, 'links', service)) return [];
    const container = containerOf(taking, service);
    if (purpose === 'import') return alias === service ? [] : [`${container}:${alias}`];
    return [alias, `${service}-1`, container].map((name) => `${container}:${name}`);
  });
  const waits = given.map((link) => [link.split(':')[0] ?? '', { restart: true }]);
  return {
    ...(all.length > 0 && { links: [...new Set(all)] }),
    depends_on: Object.fromEntries(waits),
  };
}

export function volumesFrom(given: Given<'volumes_from'>, taking: Taking): Fields {
  const all = given.flatMap((from) => {
    const parts = from.split(':');
    if (parts[0] === 'container') return [parts.slice(1).join(':')];
    const [service = '', mode] = parts;
    if (!isService(taking, 'volumes_from', service)) return [];
    return [`${containerOf(taking, service)}${mode === undefined ? '' : `:${mode}`}`];
  });
  return all.length === 0 ? {} : { volumes_from: all };
}
