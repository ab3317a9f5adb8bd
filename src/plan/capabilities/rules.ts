import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { EngineInfo } from '../../../contracts/system-info.ts';

type Lack = (info: EngineInfo) => string | undefined;

/** Fields of a container that need it, each with when it is used. */
type Fields = Readonly<Record<string, (spec: ContainerSpec) => boolean>>;

/** One thing that engines can do or not. */
export interface Rule {
  readonly description: string;
  /** First and last API version that has it. */
  readonly since?: string;
  readonly until?: string;
  /** Why the machine or its settings do not have it; undefined when they do. */
  readonly lack?: Lack;
  readonly fields?: Fields;
}

const unless =
  (has: (info: EngineInfo) => boolean, why: string): Lack =>
  (info) =>
    has(info) ? undefined : why;
type Field = keyof ContainerSpec;
/** The same fields, used when they are said at all. */
const said = (...names: readonly Field[]): Fields =>
  Object.fromEntries(names.map((name) => [name, (spec: ContainerSpec) => spec[name] !== undefined]));
const limit = (name: keyof EngineInfo['limits'], description: string, fields: Fields): Rule => ({
  description,
  lack: unless(({ limits }) => limits[name], 'the machine’s kernel or cgroups do not have it'),
  fields,
});
/** What the engine has no field for, and warns of when it has not got it. */
const unwarned = (warning: RegExp, description: string, ...names: readonly Field[]): Rule => ({
  description,
  lack: unless(
    ({ warnings }) => !warnings.some((text) => warning.test(text)),
    'the machine’s kernel or cgroups do not have it',
  ),
  fields: said(...names),
});
const security = (name: string, description: string, fields: Fields = {}): Rule => ({
  description,
  lack: unless((info) => info.security.includes(name), 'it is not switched on'),
  fields,
});
/** A security option that asks for something: what switches it off goes everywhere. */
const option =
  (name: string, ...off: readonly string[]) =>
  ({ security_opt = [] }: ContainerSpec): boolean =>
    security_opt.some((one) => one.startsWith(name) && !off.includes(one.slice(name.length + 1)));
type Mount = NonNullable<ContainerSpec['mounts']>[number];
const mounts =
  (check: (mount: Mount) => boolean) =>
  (spec: ContainerSpec): boolean =>
    (spec.mounts ?? []).some(check);

/**
 * One line each: since which API version, or by what else it is told, and which fields of a container need it. An engine does not
 * tell all: GPUs work without a runtime of their own, and of volume plugins it lists only some, so that neither keeps a
 * container from being asked for.
 */
export const RULES = {
  platform: {
    since: '1.41',
    description: 'Containers of another platform than the engine’s own.',
    fields: said('platform'),
  },
  cgroup_namespace: {
    since: '1.41',
    description: 'A cgroup namespace of a container’s own.',
    fields: said('cgroup'),
  },
  bind_create_mountpoint: {
    since: '1.42',
    description: 'Binds that make the missing path on the machine.',
    fields: {
      'mounts.bind.create_host_path': mounts(
        (one) => one.type === 'bind' && one.bind?.create_host_path === true,
      ),
    },
  },
  annotations: {
    since: '1.43',
    description: 'Annotations for the container’s runtime.',
    fields: said('annotations'),
  },
  several_networks: { since: '1.44', description: 'Several networks joined in the creation itself.' },
  mac_address_per_network: {
    since: '1.44',
    description: 'A MAC address on each network.',
    fields: {
      'networks.mac_address': ({ networks = {} }) =>
        Object.values(networks).some((one) => one.mac_address !== undefined),
    },
  },
  health_start_interval: {
    since: '1.44',
    description: 'Health checks more often while a container starts.',
    fields: { 'health_check.start_interval': (spec) => spec.health_check?.start_interval !== undefined },
  },
  bind_read_only_recursive: { since: '1.44', description: 'Binds whose submounts are read-only, too.' },
  volume_subpath: {
    since: '1.45',
    description: 'A folder of a volume as a mount.',
    fields: {
      'mounts.volume.subpath': mounts((one) => one.type === 'volume' && one.volume?.subpath !== undefined),
    },
  },
  kernel_memory: {
    until: '1.41',
    description: 'Limits of the kernel’s own memory.',
    fields: said('kernel_memory'),
  },
  memory_swappiness: {
    description: 'How readily a container is swapped out.',
    lack: unless(({ cgroup_version }) => cgroup_version !== '2', 'cgroups of version 2 do not have it'),
    fields: said('memory_swappiness'),
  },
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
  seccomp: security('seccomp', 'System calls kept from containers.', {
    'security_opt seccomp': option('seccomp', 'unconfined'),
  }),
  apparmor: security('apparmor', 'AppArmor profiles.', {
    'security_opt apparmor': option('apparmor', 'unconfined'),
  }),
  selinux: security('selinux', 'SELinux labels.', { 'security_opt label': option('label', 'disable') }),
  user_namespaces: security('userns', 'Containers’ users mapped to others of the machine.'),
  memory_limit: limit('memory', 'Limits of memory.', said('memory_limit', 'memory_reservation')),
  swap_limit: limit('swap', 'Limits of swap.', {
    memory_swap: ({ memory_swap = -1 }) => memory_swap !== -1,
  }),
  cpu_limit: limit('cpu_quota', 'Limits of processor time.', said('cpu_limit', 'cpu_quota', 'cpu_period')),
  cpu_shares: limit('cpu_shares', 'Shares of processor time.', said('cpu_shares')),
  cpuset: limit('cpuset', 'Containers held to some processors.', said('cpuset_cpus', 'cpuset_mems')),
  pids_limit: limit('pids', 'Limits of processes.', {
    pids_limit: ({ pids_limit = -1 }) => pids_limit !== -1,
  }),
  cpu_realtime: {
    description: 'Processor time in real time.',
    // Of version 1 the engine does not tell whether its kernel has it.
    lack: unless(({ cgroup_version }) => cgroup_version !== '2', 'cgroups of version 2 do not have it'),
    fields: said('cpu_rt_period', 'cpu_rt_runtime'),
  },
  blkio_weight: unwarned(/No (blkio|io\.)\s?weight support/, 'Weights of disks’ use.', 'blkio_weight'),
  blkio_weight_device: unwarned(
    /No (blkio weight_device|io\.weight \(per device\)) support/,
    'Weights of the use of one disk.',
    'blkio_weight_device',
  ),
  read_bps: unwarned(
    /No (blkio throttle\.read_bps_device|io\.max \(rbps\)) support/,
    'Limits of bytes read from a disk.',
    'device_read_bps',
  ),
  write_bps: unwarned(
    /No (blkio throttle\.write_bps_device|io\.max \(wbps\)) support/,
    'Limits of bytes written to a disk.',
    'device_write_bps',
  ),
  read_iops: unwarned(
    /No (blkio throttle\.read_iops_device|io\.max \(riops\)) support/,
    'Limits of reads from a disk.',
    'device_read_iops',
  ),
  write_iops: unwarned(
    /No (blkio throttle\.write_iops_device|io\.max \(wiops\)) support/,
    'Limits of writes to a disk.',
    'device_write_iops',
  ),
  cdi: {
    since: '1.44',
    description: 'Devices handed to containers by the Container Device Interface.',
    lack: unless(({ cdi }) => cdi, 'it is not switched on'),
    fields: {
      'gpus.driver': ({ gpus }) => Array.isArray(gpus) && gpus.some(({ driver }) => driver === 'cdi'),
    },
  },
  oom_kill_disable: limit('oom_kill_disable', 'Containers that are not killed for want of memory.', {
    oom_kill_disable: (spec) => spec.oom_kill_disable === true,
  }),
} as const satisfies Readonly<Record<string, Rule>>;
