import type { z } from 'zod';
import type { Mount } from './storage.ts';

/** What is looked at, whatever else a spec has. */
interface Together {
  readonly network?: string | undefined;
  readonly networks?: Readonly<Record<string, object>> | undefined;
  readonly network_mode?: string | undefined;
  readonly network_disabled?: boolean | undefined;
  readonly ports?: readonly object[] | undefined;
  readonly mac_address?: string | undefined;
  readonly hostname?: string | undefined;
  readonly links?: readonly string[] | undefined;
  readonly publish_all?: boolean | undefined;
  readonly dns?: readonly string[] | undefined;
  readonly extra_hosts?: readonly string[] | object | undefined;
  readonly uts?: string | undefined;
  readonly memory_limit?: number | undefined;
  readonly memory_swap?: number | undefined;
  readonly memory_reservation?: number | undefined;
  readonly oom_kill_disable?: boolean | undefined;
  readonly cpu_limit?: number | undefined;
  readonly cpu_period?: number | undefined;
  readonly cpu_quota?: number | undefined;
  readonly cpu_rt_period?: number | undefined;
  readonly cpu_rt_runtime?: number | undefined;
  readonly volumes?: readonly { readonly container: string }[] | undefined;
  readonly mounts?: readonly Mount[] | undefined;
  readonly tmpfs?: string | readonly string[] | undefined;
  readonly platform?: string | undefined;
  readonly files?: readonly { readonly target: string }[] | undefined;
  readonly read_only?: boolean | undefined;
}

type Rule = (
  fields: Together,
) => readonly { readonly path: readonly (string | number)[]; readonly message: string }[];

/** What needs another field, or cannot stand beside one: what the engine would refuse, said at the edge. */
const RULES: readonly Rule[] = [
  ({ network, networks, network_mode }) => {
    const said = Object.entries({ network, networks, network_mode }).filter(
      ([, value]) => value !== undefined,
    );
    return said.slice(1).map(([field]) => ({
      path: [field],
      message: `say either \`${said[0]?.[0]}\` or \`${field}\``,
    }));
  },
  (fields) =>
    fields.network_mode?.startsWith('container:')
      ? forbidden(
          fields,
          ['ports', 'hostname', 'mac_address', 'links', 'publish_all', 'dns', 'extra_hosts'],
          'belongs to the container whose network it shares',
        )
      : [],
  (fields) => {
    const mode = fields.network_mode ?? fields.network;
    return mode === 'host' || mode === 'none'
      ? forbidden(
          fields,
          ['mac_address', 'links', 'publish_all'],
          `means nothing with the network mode ${mode}`,
        )
      : [];
  },
  (fields) =>
    fields.uts === 'host' ? forbidden(fields, ['hostname'], 'is the machine’s own with `uts: host`') : [],
  ({ memory_swap, memory_limit }) => {
    if (memory_swap === undefined) return [];
    if (memory_limit === undefined) return [{ path: ['memory_swap'], message: 'needs a `memory_limit`' }];
    return memory_swap !== -1 && memory_swap < memory_limit
      ? [{ path: ['memory_swap'], message: 'is memory and swap together: not less than `memory_limit`' }]
      : [];
  },
  ({ memory_reservation, memory_limit }) =>
    memory_reservation !== undefined && memory_limit !== undefined && memory_reservation > memory_limit
      ? [{ path: ['memory_reservation'], message: 'cannot be above `memory_limit`' }]
      : [],
  ({ oom_kill_disable, memory_limit }) =>
    oom_kill_disable === true && memory_limit === undefined
      ? [
          {
            path: ['oom_kill_disable'],
            message: 'needs a `memory_limit`, else the machine runs out of memory',
          },
        ]
      : [],
  (fields) =>
    fields.cpu_limit === undefined
      ? []
      : forbidden(fields, ['cpu_period', 'cpu_quota'], 'says the same as `cpu_limit`: leave one of them out'),
  ({ cpu_rt_runtime, cpu_rt_period }) =>
    cpu_rt_runtime !== undefined && cpu_rt_period !== undefined && cpu_rt_runtime > cpu_rt_period
      ? [{ path: ['cpu_rt_runtime'], message: 'cannot be longer than `cpu_rt_period`' }]
      : [],
  ({ files = [], read_only }) =>
    read_only === true && files.length > 0
      ? [
          {
            path: ['files'],
            message: 'nothing can be put into one that is `read_only`; mount a file instead',
          },
        ]
      : [],
  twiceMounted,
  namedButDescribed,
];

function forbidden(fields: Together, names: readonly (keyof Together)[], why: string): ReturnType<Rule> {
  return names
    .filter((name) => {
      const value = fields[name];
      return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
    })
    .map((name) => ({ path: [name], message: why }));
}

function twiceMounted({ volumes = [], mounts = [], tmpfs = [], files = [] }: Together): ReturnType<Rule> {
  const places = [
    ...volumes.map(({ container }, index) => ({ path: ['volumes', index, 'container'], at: container })),
    ...mounts.map(({ target }, index) => ({ path: ['mounts', index, 'target'], at: target })),
    ...[tmpfs].flat().map((text, index) => ({
      path: typeof tmpfs === 'string' ? ['tmpfs'] : ['tmpfs', index],
      at: text.split(':')[0] ?? '',
    })),
    ...files.map(({ target }, index) => ({ path: ['files', index, 'target'], at: target })),
  ];
  const seen = new Set<string>();
  return places.flatMap(({ path, at }) => {
    const place = at.replace(/\/+$/, '') || '/';
    const twice = seen.has(place);
    seen.add(place);
    return twice ? [{ path, message: `something is mounted at ${place} already` }] : [];
  });
}

/** A volume with a name is made before the container, and may be there already: what it is made of is said elsewhere. */
function namedButDescribed({ mounts = [] }: Together): ReturnType<Rule> {
  return mounts.flatMap((mount, index) => {
    if (mount.type !== 'volume' || mount.source === undefined) return [];
    const { source, volume = {} } = mount;
    return (['driver', 'driver_opts', 'labels'] as const)
      .filter((field) => volume[field] !== undefined)
      .map((field) => ({
        path: ['mounts', index, 'volume', field],
        message: `only for a volume without a \`source\`: declare the volume ${source}, or make it with \`volumes.create\`, and say it there`,
      }));
  });
}

/** Say what does not go together. */
export function checkFieldsTogether(fields: Together, context: z.RefinementCtx): void {
  for (const { path, message } of RULES.flatMap((rule) => rule(fields)))
    context.addIssue({ code: 'custom', path: [...path], message });
}
