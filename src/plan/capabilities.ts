import type { Capability, EngineInfo, EngineVersion } from '../../contracts/system-info.ts';

/** What is known of an engine. */
export interface EngineFacts {
  readonly version: EngineVersion;
  readonly info: EngineInfo;
}

type Lack = (info: EngineInfo) => string | undefined;

interface Rule {
  readonly description: string;
  /** First API version that has it. */
  readonly since?: string;
  /** Why the machine or its settings do not have it; undefined when they do. */
  readonly lack?: Lack;
}

const unless =
  (has: (info: EngineInfo) => boolean, why: string): Lack =>
  (info) =>
    has(info) ? undefined : why;
const limit = (name: keyof EngineInfo['limits'], description: string): Rule => ({
  description,
  lack: unless(({ limits }) => limits[name], 'the machine’s kernel or cgroups do not have it'),
});
const security = (name: string, description: string): Rule => ({
  description,
  lack: unless((info) => info.security.includes(name), 'it is not switched on'),
});

/** One line each: since which API version, or by what else it is told. */
const RULES = {
  platform: { since: '1.41', description: 'Containers of another platform than the engine’s own.' },
  cgroup_namespace: { since: '1.41', description: 'A cgroup namespace of a container’s own.' },
  bind_create_mountpoint: { since: '1.42', description: 'Binds that make the missing path on the machine.' },
  annotations: { since: '1.43', description: 'Annotations for the container’s runtime.' },
  several_networks: { since: '1.44', description: 'Several networks joined in the creation itself.' },
  mac_address_per_network: { since: '1.44', description: 'A MAC address on each network.' },
  health_start_interval: { since: '1.44', description: 'Health checks more often while a container starts.' },
  bind_read_only_recursive: { since: '1.44', description: 'Binds whose submounts are read-only, too.' },
  volume_subpath: { since: '1.45', description: 'A folder of a volume as a mount.' },
  buildkit: {
    since: '1.39',
    description: 'Builds by BuildKit.',
    lack: unless(({ os }) => os === 'linux', 'only engines on Linux have it'),
  },
  gpus: {
    since: '1.40',
    description: 'Devices handed to containers by their vendors’ runtimes.',
    lack: unless(
      ({ devices, runtimes }) => devices.length > 0 || runtimes.includes('nvidia'),
      'no vendor’s runtime is registered',
    ),
  },
  log_driver_local: {
    description: 'The log driver `local`.',
    lack: unless(({ log_drivers }) => log_drivers.includes('local'), 'the engine does not list it'),
  },
  overlay_network: {
    description: 'Networks over several machines.',
    lack: unless(({ swarm }) => swarm === 'active', 'the engine is in no swarm'),
  },
  cgroup_v2: {
    description: 'Unified cgroups.',
    lack: unless(({ cgroup_version }) => cgroup_version === '2', 'the machine has cgroups of version 1'),
  },
  live_restore: {
    description: 'Containers that go on while the engine is down.',
    lack: unless((info) => info.live_restore, 'it is not switched on'),
  },
  rootless: {
    description: 'An engine without root’s rights.',
    lack: unless((info) => info.rootless, 'the engine runs as root'),
  },
  seccomp: security('seccomp', 'System calls kept from containers.'),
  apparmor: security('apparmor', 'AppArmor profiles.'),
  selinux: security('selinux', 'SELinux labels.'),
  user_namespaces: security('userns', 'Containers’ users mapped to others of the machine.'),
  memory_limit: limit('memory', 'Limits of memory.'),
  swap_limit: limit('swap', 'Limits of swap.'),
  cpu_limit: limit('cpu_quota', 'Limits of processor time.'),
  cpu_shares: limit('cpu_shares', 'Shares of processor time.'),
  cpuset: limit('cpuset', 'Containers held to some processors.'),
  pids_limit: limit('pids', 'Limits of processes.'),
  oom_kill_disable: limit('oom_kill_disable', 'Containers that are not killed for want of memory.'),
} as const satisfies Readonly<Record<string, Rule>>;
export type CapabilityName = keyof typeof RULES;

export function isCapability(name: string): name is CapabilityName {
  return Object.hasOwn(RULES, name);
}

/** Whether API version `api` is `since` or later. */
export function speaks(api: string, since: string): boolean {
  const [major = 0, minor = 0] = api.split('.').map(Number);
  const [first = 0, second = 0] = since.split('.').map(Number);
  return major > first || (major === first && minor >= second);
}

/** All that is known of engines, and whether this one has it. Pure. */
export function capabilitiesOf({ version, info }: EngineFacts): readonly Capability[] {
  return Object.entries<Rule>(RULES).map(([name, { description, since, lack }]) => {
    const tooOld =
      since !== undefined && !speaks(version.api, since)
        ? `it needs API ${since}, and ${version.api} is spoken with this engine`
        : undefined;
    const why = tooOld ?? lack?.(info);
    return { name, description, available: why === undefined, ...(why !== undefined && { why }) };
  });
}

/** Of those that are required the ones that are not there, each with why. Nothing when all are. */
export function lackingCapabilities(
  facts: EngineFacts,
  required: readonly CapabilityName[],
): readonly Capability[] {
  return capabilitiesOf(facts).filter(
    ({ name, available }) => !available && (required as readonly string[]).includes(name),
  );
}
