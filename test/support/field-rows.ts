import type { z } from 'zod';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { containers } from '../../contracts/containers.ts';

type Given = z.input<typeof containers.methods.create.input>;

/** One field: what is asked, and what the engine’s inspect has to show of it. */
export interface FieldRow {
  readonly given: Given;
  /** By path into the inspect; a function says yes or no. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** First API version that has it; older engines refuse it. */
  readonly from?: string;
  /** Last one. */
  readonly until?: string;
  /** In a container of its own, since it does not go with the others. */
  readonly alone?: true;
  /** The kernel of the engine’s machine may lack it: the engine then drops it with a warning. */
  readonly may_be_dropped?: true;
}

const MB = 1024 * 1024;
/** The container that others share something with, and the networks and volumes that the rows mention. */
export const PEER = 'fields_peer';
const sub = (part: object) => (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(part).every(([key, one]) => JSON.stringify(Reflect.get(value, key)) === JSON.stringify(one));
const has = (one: unknown) => (value: unknown) =>
  Array.isArray(value) && value.some((each) => JSON.stringify(each) === JSON.stringify(one));
const contains = (text: string) => (value: unknown) => JSON.stringify(value).includes(text);

/** Each field of a container has its row; one without does not compile. */
export const FIELD_ROWS: { readonly [K in keyof Required<ContainerSpec>]: FieldRow } = {
  image: { given: { image: 'busybox:latest' }, shown: { 'Config.Image': 'busybox:latest' } },
  command: { given: { command: 'sleep 5' }, shown: { 'Config.Cmd': ['sleep', '5'] } },
  args: { given: { args: ['sleep', '6'] }, shown: { 'Config.Cmd': ['sleep', '6'] }, alone: true },
  entrypoint: { given: { entrypoint: ['/bin/env'] }, shown: { 'Config.Entrypoint': ['/bin/env'] } },
  env: { given: { env: { A: '1' } }, shown: { 'Config.Env': has('A=1') } },
  ports: {
    given: { ports: [{ container: 80, host_ip: '127.0.0.1' }] },
    shown: { 'HostConfig.PortBindings': sub({ '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }) },
  },
  network: {
    given: { network: 'fields_net' },
    shown: { 'HostConfig.NetworkMode': 'fields_net' },
    alone: true,
  },
  volumes: {
    given: {
      volumes: [
        { host: '/tmp', container: '/bound', mode: 'ro' },
        { name: 'fields_volume', container: '/named' },
      ],
    },
    shown: { 'HostConfig.Binds': ['/tmp:/bound:ro'], Mounts: contains('fields_volume') },
  },
  work_dir: { given: { work_dir: '/work' }, shown: { 'Config.WorkingDir': '/work' } },
  interactive: { given: { interactive: true }, shown: { 'Config.OpenStdin': true } },
  tty: { given: { tty: true }, shown: { 'Config.Tty': true } },
  stdin_once: {
    given: { interactive: true, stdin_once: true },
    shown: { 'Config.OpenStdin': true, 'Config.StdinOnce': true },
  },
  labels: { given: { labels: { role: 'test' } }, shown: { 'Config.Labels': sub({ role: 'test' }) } },
  restart_policy: {
    given: { restart_policy: 'on-failure:3' },
    shown: { 'HostConfig.RestartPolicy': { Name: 'on-failure', MaximumRetryCount: 3 } },
  },
  user: { given: { user: '1000:1000' }, shown: { 'Config.User': '1000:1000' } },
  hostname: { given: { hostname: 'named' }, shown: { 'Config.Hostname': 'named' } },
  health_check: {
    given: { health_check: { test: 'true', interval: 5, timeout: 2, retries: 4, start_period: 6 } },
    shown: {
      'Config.Healthcheck': sub({
        Test: ['CMD-SHELL', 'true'],
        Interval: 5e9,
        Timeout: 2e9,
        StartPeriod: 6e9,
        Retries: 4,
      }),
    },
  },
  memory_limit: { given: { memory_limit: '64m' }, shown: { 'HostConfig.Memory': 64 * MB } },
  cpu_limit: { given: { cpu_limit: 0.5 }, shown: { 'HostConfig.NanoCpus': 5e8 }, alone: true },
  init: { given: { init: false }, shown: { 'HostConfig.Init': false } },
  stop_signal: { given: { stop_signal: 'SIGINT' }, shown: { 'Config.StopSignal': 'SIGINT' } },
  stop_timeout: { given: { stop_timeout: 3 }, shown: { 'Config.StopTimeout': 3 } },

  networks: {
    given: {
      networks: { fields_net: { aliases: ['other-name'] }, fields_net_two: null },
    },
    shown: {
      'HostConfig.NetworkMode': 'fields_net',
      'NetworkSettings.Networks.fields_net.Aliases': has('other-name'),
      'NetworkSettings.Networks.fields_net_two': contains('fields'),
    },
  },
  network_mode: {
    given: { network_mode: `container:${PEER}` },
    shown: { 'HostConfig.NetworkMode': (value: unknown) => /^container:[0-9a-f]{64}$/.test(String(value)) },
    alone: true,
  },
  dns: { given: { dns: ['10.0.0.53'] }, shown: { 'HostConfig.Dns': ['10.0.0.53'] } },
  dns_search: {
    given: { dns_search: ['example.test'] },
    shown: { 'HostConfig.DnsSearch': ['example.test'] },
  },
  dns_opt: { given: { dns_opt: ['ndots:2'] }, shown: { 'HostConfig.DnsOptions': ['ndots:2'] } },
  extra_hosts: {
    given: { extra_hosts: { 'db.test': '10.0.0.5', host: 'host-gateway' } },
    shown: { 'HostConfig.ExtraHosts': ['db.test:10.0.0.5', 'host:host-gateway'] },
  },
  domainname: { given: { domainname: 'example.test' }, shown: { 'Config.Domainname': 'example.test' } },
  mac_address: {
    given: { mac_address: '02:42:ac:11:00:07' },
    shown: { '': contains('02:42:ac:11:00:07') },
  },
  links: { given: { links: [`${PEER}:peer`] }, shown: { 'HostConfig.Links': contains(PEER) }, alone: true },
  expose: {
    given: { expose: [9000, '53/udp', '7000-7001'] },
    shown: { 'Config.ExposedPorts': sub({ '9000/tcp': {}, '53/udp': {}, '7000/tcp': {}, '7001/tcp': {} }) },
  },
  publish_all: { given: { publish_all: true }, shown: { 'HostConfig.PublishAllPorts': true } },
  network_disabled: {
    given: { network_disabled: true },
    shown: { 'Config.NetworkDisabled': true },
    alone: true,
  },

  mounts: {
    given: {
      mounts: [
        { type: 'bind', source: '/tmp', target: '/m/bind', read_only: true, bind: { propagation: 'rslave' } },
        { type: 'volume', source: 'fields_volume', target: '/m/named', volume: { nocopy: true } },
        { type: 'volume', target: '/m/anonymous' },
        { type: 'tmpfs', target: '/m/memory', tmpfs: { size: '1m', mode: '1777' } },
      ],
    },
    shown: {
      'HostConfig.Mounts': (value: unknown) =>
        has({
          Type: 'bind',
          Source: '/tmp',
          Target: '/m/bind',
          ReadOnly: true,
          BindOptions: { Propagation: 'rslave' },
        })(value) &&
        has({
          Type: 'volume',
          Source: 'fields_volume',
          Target: '/m/named',
          VolumeOptions: { NoCopy: true },
        })(value) &&
        has({ Type: 'tmpfs', Target: '/m/memory', TmpfsOptions: { SizeBytes: MB, Mode: 0o1777 } })(value),
      Mounts: contains('/m/anonymous'),
    },
  },
  tmpfs: {
    given: { tmpfs: ['/run', '/scratch:size=1m'] },
    shown: { 'HostConfig.Tmpfs': sub({ '/run': '', '/scratch': 'size=1m' }) },
  },
  volumes_from: {
    given: { volumes_from: [`${PEER}:ro`] },
    shown: { 'HostConfig.VolumesFrom': [`${PEER}:ro`] },
    alone: true,
  },
  volume_driver: { given: { volume_driver: 'local' }, shown: { 'HostConfig.VolumeDriver': 'local' } },
  // What is put into it shows in its files alone.
  files: { given: { files: [{ target: '/etc/put', content: 'there' }] }, shown: {}, alone: true },
  storage_opt: {
    given: { storage_opt: { size: '1g' } },
    shown: { 'HostConfig.StorageOpt': { size: '1g' } },
    alone: true,
    may_be_dropped: true,
  },

  memory_swap: {
    given: { memory_limit: '64m', memory_swap: '96m' },
    shown: { 'HostConfig.MemorySwap': 96 * MB },
    may_be_dropped: true,
  },
  memory_reservation: {
    given: { memory_reservation: '32m' },
    shown: { 'HostConfig.MemoryReservation': 32 * MB },
    may_be_dropped: true,
  },
  memory_swappiness: {
    given: { memory_swappiness: 10 },
    shown: { 'HostConfig.MemorySwappiness': 10 },
    may_be_dropped: true,
  },
  kernel_memory: {
    given: { memory_limit: '64m', kernel_memory: '32m' },
    shown: { 'HostConfig.KernelMemory': 32 * MB },
    until: '1.41',
    alone: true,
    may_be_dropped: true,
  },
  oom_kill_disable: {
    given: { memory_limit: '64m', oom_kill_disable: true },
    shown: { 'HostConfig.OomKillDisable': true },
    may_be_dropped: true,
  },
  oom_score_adj: { given: { oom_score_adj: 100 }, shown: { 'HostConfig.OomScoreAdj': 100 } },
  cpu_shares: { given: { cpu_shares: 512 }, shown: { 'HostConfig.CpuShares': 512 }, may_be_dropped: true },
  cpu_period: {
    given: { cpu_period: 50_000 },
    shown: { 'HostConfig.CpuPeriod': 50_000 },
    may_be_dropped: true,
  },
  cpu_quota: { given: { cpu_quota: 25_000 }, shown: { 'HostConfig.CpuQuota': 25_000 }, may_be_dropped: true },
  cpu_rt_period: {
    given: { cpu_rt_period: 1_000_000 },
    shown: { 'HostConfig.CpuRealtimePeriod': 1_000_000 },
    alone: true,
    may_be_dropped: true,
  },
  cpu_rt_runtime: {
    given: { cpu_rt_runtime: 95_000 },
    shown: { 'HostConfig.CpuRealtimeRuntime': 95_000 },
    alone: true,
    may_be_dropped: true,
  },
  cpuset_cpus: { given: { cpuset_cpus: '0' }, shown: { 'HostConfig.CpusetCpus': '0' }, may_be_dropped: true },
  cpuset_mems: { given: { cpuset_mems: '0' }, shown: { 'HostConfig.CpusetMems': '0' }, may_be_dropped: true },
  blkio_weight: {
    given: { blkio_weight: 300 },
    shown: { 'HostConfig.BlkioWeight': 300 },
    may_be_dropped: true,
  },
  blkio_weight_device: {
    given: { blkio_weight_device: [{ path: '/dev/null', weight: 200 }] },
    shown: { 'HostConfig.BlkioWeightDevice': [{ Path: '/dev/null', Weight: 200 }] },
    may_be_dropped: true,
  },
  device_read_bps: {
    given: { device_read_bps: [{ path: '/dev/null', rate: '1m' }] },
    shown: { 'HostConfig.BlkioDeviceReadBps': [{ Path: '/dev/null', Rate: MB }] },
    may_be_dropped: true,
  },
  device_write_bps: {
    given: { device_write_bps: [{ path: '/dev/null', rate: '2m' }] },
    shown: { 'HostConfig.BlkioDeviceWriteBps': [{ Path: '/dev/null', Rate: 2 * MB }] },
    may_be_dropped: true,
  },
  device_read_iops: {
    given: { device_read_iops: [{ path: '/dev/null', rate: 30 }] },
    shown: { 'HostConfig.BlkioDeviceReadIOps': [{ Path: '/dev/null', Rate: 30 }] },
    may_be_dropped: true,
  },
  device_write_iops: {
    given: { device_write_iops: [{ path: '/dev/null', rate: 40 }] },
    shown: { 'HostConfig.BlkioDeviceWriteIOps': [{ Path: '/dev/null', Rate: 40 }] },
    may_be_dropped: true,
  },
  pids_limit: { given: { pids_limit: 64 }, shown: { 'HostConfig.PidsLimit': 64 }, may_be_dropped: true },
  shm_size: { given: { shm_size: '8m' }, shown: { 'HostConfig.ShmSize': 8 * MB } },
  ulimits: {
    given: { ulimits: { nofile: { soft: 1024, hard: 2048 }, core: 0 } },
    shown: {
      'HostConfig.Ulimits': [
        { Name: 'nofile', Hard: 2048, Soft: 1024 },
        { Name: 'core', Hard: 0, Soft: 0 },
      ],
    },
  },

  privileged: { given: { privileged: true }, shown: { 'HostConfig.Privileged': true }, alone: true },
  cap_add: { given: { cap_add: ['NET_ADMIN'] }, shown: { 'HostConfig.CapAdd': contains('NET_ADMIN') } },
  cap_drop: { given: { cap_drop: ['MKNOD'] }, shown: { 'HostConfig.CapDrop': contains('MKNOD') } },
  security_opt: {
    given: { security_opt: ['no-new-privileges', 'seccomp=unconfined'] },
    shown: {
      'HostConfig.SecurityOpt': (value: unknown) =>
        has('no-new-privileges')(value) && has('seccomp=unconfined')(value),
    },
  },
  read_only: { given: { read_only: true }, shown: { 'HostConfig.ReadonlyRootfs': true } },
  masked_paths: {
    given: { masked_paths: ['/proc/kcore'] },
    shown: { 'HostConfig.MaskedPaths': ['/proc/kcore'] },
  },
  readonly_paths: {
    given: { readonly_paths: ['/proc/sys'] },
    shown: { 'HostConfig.ReadonlyPaths': ['/proc/sys'] },
  },
  sysctls: {
    given: { sysctls: { 'net.core.somaxconn': 1024 } },
    shown: { 'HostConfig.Sysctls': { 'net.core.somaxconn': '1024' } },
  },
  group_add: { given: { group_add: [20, 'mail'] }, shown: { 'HostConfig.GroupAdd': ['20', 'mail'] } },
  devices: {
    given: { devices: ['/dev/null:/dev/other:rw', { host: '/dev/zero' }] },
    shown: {
      'HostConfig.Devices': [
        { PathOnHost: '/dev/null', PathInContainer: '/dev/other', CgroupPermissions: 'rw' },
        { PathOnHost: '/dev/zero', PathInContainer: '/dev/zero', CgroupPermissions: 'rwm' },
      ],
    },
  },
  device_cgroup_rules: {
    given: { device_cgroup_rules: ['c 1:3 mr'] },
    shown: { 'HostConfig.DeviceCgroupRules': ['c 1:3 mr'] },
  },
  gpus: {
    given: { gpus: [{ driver: 'test', count: 2, capabilities: ['gpu', 'compute'], options: { a: 'b' } }] },
    shown: {
      'HostConfig.DeviceRequests': [
        {
          Driver: 'test',
          Count: 2,
          DeviceIDs: null,
          Capabilities: [['gpu', 'compute']],
          Options: { a: 'b' },
        },
      ],
    },
  },
  runtime: { given: { runtime: 'runc' }, shown: { 'HostConfig.Runtime': 'runc' } },
  ipc: { given: { ipc: 'shareable' }, shown: { 'HostConfig.IpcMode': 'shareable' } },
  pid: { given: { pid: 'host' }, shown: { 'HostConfig.PidMode': 'host' } },
  uts: { given: { uts: 'host' }, shown: { 'HostConfig.UTSMode': 'host' }, alone: true },
  userns_mode: { given: { userns_mode: 'host' }, shown: { 'HostConfig.UsernsMode': 'host' } },
  cgroup: { given: { cgroup: 'host' }, shown: { 'HostConfig.CgroupnsMode': 'host' } },
  cgroup_parent: {
    given: { cgroup_parent: '/berth-fields' },
    shown: { 'HostConfig.CgroupParent': '/berth-fields' },
  },

  platform: { given: { platform: 'linux/amd64' }, shown: { Platform: 'linux' } },
  build: {
    given: { build: { dockerfile: 'FROM busybox:latest\n' } },
    shown: { 'Config.Image': 'busybox:latest' },
  },
  depends_on: { given: { depends_on: [] }, shown: { 'Config.Image': 'busybox:latest' } },
  role: { given: { role: 'sidecar' }, shown: { 'Config.Image': 'busybox:latest' } },
  probes: {
    given: { probes: { live: { exec: { command: 'true' } } } },
    shown: { 'Config.Image': 'busybox:latest' },
  },
  on_unhealthy: { given: { on_unhealthy: 'none' }, shown: { 'Config.Image': 'busybox:latest' } },
  pull_policy: { given: { pull_policy: 'never' }, shown: { 'Config.Image': 'busybox:latest' } },
  logging: {
    given: { logging: { driver: 'json-file', options: { 'max-file': 3 } } },
    shown: {
      'HostConfig.LogConfig': { Type: 'json-file', Config: { 'max-file': '3', 'max-size': '100m' } },
    },
  },
  annotations: {
    given: { annotations: { 'test.note': 'kept' } },
    shown: { 'HostConfig.Annotations': { 'test.note': 'kept' } },
    from: '1.43',
  },
  auto_remove: { given: { auto_remove: true }, shown: { 'HostConfig.AutoRemove': false }, alone: true },
};
