import { z } from 'zod';
import { hostEntry, networkName, options, portText } from './texts.ts';

/** How many ports a text like `8000-8010/tcp` names; none, when it is no such text. It is asked of what was refused, too. */
function portsIn(text: unknown): number {
  if (typeof text !== 'string') return 0;
  const [from = 0, to = from] = text.replace(/\/.*$/, '').split('-').map(Number);
  return to - from + 1;
}

const ip = z.union([z.ipv4(), z.ipv6()]);
const OWN: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default']);
const mac = z.string().regex(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, 'an address like 02:42:ac:11:00:02');
const domain = z
  .string()
  .max(253)
  .regex(
    /^[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?)*$/,
    'a domain',
  );

/** How a container joins one network. */
export const attachment = z.strictObject({
  aliases: z.array(networkName).max(64).describe('Further names of it on that network.').optional(),
  ipv4_address: z.ipv4().describe('An address of the network’s own range.').optional(),
  ipv6_address: z.ipv6().describe('An address of the network’s own range.').optional(),
  link_local_ips: z.array(ip).max(16).describe('Further addresses that lead nowhere else.').optional(),
  mac_address: mac.describe('Needs API 1.44.').optional(),
  driver_opts: options.describe('Options of the network’s driver for it alone.').optional(),
  external: z
    .boolean()
    .describe('True: a network of somebody else, which must be there. Default: ours, made if missing.')
    .optional(),
});
export type Attachment = z.infer<typeof attachment>;

const ownName = networkName.refine(
  (name) => !OWN.has(name),
  'the engine’s own networks are said by `network_mode`, alone',
);

/** A list of names, or by name how it is joined; kept by name. */
const networks = z
  .union([
    z
      .array(ownName)
      .min(1)
      .max(64)
      .transform((names) => Object.fromEntries(names.map((name) => [name, {}]))),
    z
      .record(ownName, attachment.nullable())
      .transform((given) =>
        Object.fromEntries(Object.entries(given).map(([name, how]) => [name, how ?? {}])),
      ),
  ])
  .pipe(z.record(ownName, attachment))
  .refine((given) => Object.keys(given).length > 0, 'name one network at least');

/** Networks and names. */
export const networkingFields = {
  networks: networks
    .describe('The networks to join, made if missing: names, or by name how. Not together with `network`.')
    .optional(),
  network_mode: z
    .string()
    .regex(
      /^(bridge|host|none|container:[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254})$/,
      'bridge, host, none, or container:NAME',
    )
    .describe(
      'Instead of networks: the engine’s bridge, the host’s own network, none, or that of another container of ours.',
    )
    .optional(),
  dns: z.array(ip).max(16).describe('Name servers.').optional(),
  dns_search: z
    .array(z.union([domain, z.literal('.')]))
    .max(32)
    .describe('Domains to look names up in.')
    .optional(),
  dns_opt: z
    .array(
      z
        .string()
        .max(256)
        .regex(/^[a-z0-9:_-]+$/i, 'an option of resolv.conf, like ndots:2'),
    )
    .max(32)
    .describe('Options of name resolution.')
    .optional(),
  extra_hosts: z
    .union([
      z.array(hostEntry).max(1024),
      z.record(
        z
          .string()
          .max(253)
          .regex(/^[a-zA-Z0-9_.-]+$/, 'a host name'),
        z.union([ip, z.literal('host-gateway')]),
      ),
    ])
    .describe('Names for addresses: a list of name:address, or a map. `host-gateway` is this machine.')
    .optional(),
  domainname: domain.describe('Domain name inside.').optional(),
  mac_address: mac.describe('Its address on its first network.').optional(),
  links: z
    .array(
      z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*(:[a-zA-Z0-9][a-zA-Z0-9_.-]*)?$/, 'NAME or NAME:ALIAS'),
    )
    .max(64)
    .describe(
      'Containers of ours that it knows by name on the engine’s bridge. Networks do that by themselves.',
    )
    .optional(),
  expose: z
    .array(portText)
    .max(1024)
    .refine(
      (ports) => ports.reduce((sum, port) => sum + portsIn(port), 0) <= 65_535,
      'at most 65535 ports in all',
    )
    .describe('Ports that it listens on, without publishing them.')
    .optional(),
  publish_all: z
    .boolean()
    .describe('Publish every port that it or its image exposes, each on a free one.')
    .optional(),
  network_disabled: z.boolean().describe('No networking at all.').optional(),
} as const;
