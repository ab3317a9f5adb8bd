import type { ContainerInspectInfo } from 'dockerode';
import { asSet } from '../plan/fields/field-row.ts';
import { type SettingField, signalShown } from '../plan/fields/fields.ts';
import { healthJson } from '../plan/fields/health.ts';
import { ownLabels } from '../plan/fields/labels.ts';
import { hostEntries, modeShown, portsShown } from '../plan/fields/networking.ts';
import { capabilitiesShown, deviceShown } from '../plan/fields/security.ts';
import { mountsShown } from '../plan/fields/storage.ts';
import type { Comparable, ObservedHealthCheck, ObservedMount, ObservedSettings } from '../plan/observed.ts';

/** Of an inspect, what is looked into; the types of dockerode do not know all of it. */
interface Shown {
  readonly config: Pick<
    ContainerInspectInfo['Config'],
    | 'Cmd'
    | 'Domainname'
    | 'Env'
    | 'ExposedPorts'
    | 'Hostname'
    | 'Labels'
    | 'OpenStdin'
    | 'StdinOnce'
    | 'Tty'
    | 'User'
  > & {
    readonly Entrypoint?: unknown;
    readonly WorkingDir?: string;
    readonly StopTimeout?: number | null;
    readonly StopSignal?: string;
    readonly NetworkDisabled?: boolean;
    readonly Healthcheck?: DockerHealthcheck | null;
  };
  readonly host: ContainerInspectInfo['HostConfig'] & {
    readonly CgroupnsMode?: unknown;
    readonly Annotations?: unknown;
  };
  readonly mounts: readonly ObservedMount[];
}

/** Times in nanoseconds. */
interface DockerHealthcheck {
  readonly Test?: readonly string[] | null;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly Retries?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
}

/** One line a field that is compared; one without its line does not compile. */
const LINES: { readonly [F in SettingField]: (shown: Shown) => Comparable } = {
  network_mode: ({ host }) => modeShown(host.NetworkMode),
  ports: ({ host }) =>
    portsShown(
      Object.entries(record(host.PortBindings)).flatMap(([key, bindings]) => {
        const [container = '0', protocol = 'tcp'] = key.split('/');
        return rows(bindings).map(({ HostIp, HostPort }) => ({
          container: Number(container),
          protocol,
          host: text(HostPort) ?? '',
          host_ip: text(HostIp) ?? '',
        }));
      }),
    ),
  dns: ({ host }) => texts(host.Dns),
  dns_search: ({ host }) => texts(host.DnsSearch),
  dns_opt: ({ host }) => texts(host.DnsOptions),
  extra_hosts: ({ host }) => asSet(hostEntries([...(texts(host.ExtraHosts) ?? [])])),
  domainname: ({ config }) => text(config.Domainname),
  expose: ({ config }) => asSet(Object.keys(record(config.ExposedPorts))),
  publish_all: ({ host }) => host.PublishAllPorts === true,
  network_disabled: ({ config }) => config.NetworkDisabled === true,
  volumes: ({ mounts }) =>
    mountsShown(mounts.filter(({ anonymous, type }) => !anonymous && (type === 'bind' || type === 'volume'))),
  tmpfs: ({ host, mounts }) =>
    asSet([
      ...Object.keys(record(host.Tmpfs)),
      ...mounts.filter(({ type }) => type === 'tmpfs').map(({ container }) => container),
    ]),
  volumes_from: ({ host }) => asSet(texts(host.VolumesFrom)?.map((one) => one.split(':')[0] ?? '')),
  volume_driver: ({ host }) => text(host.VolumeDriver),
  storage_opt: ({ host }) => filled(host.StorageOpt),
  memory_swappiness: ({ host }) => host.MemorySwappiness ?? null,
  kernel_memory: ({ host }) => number(host.KernelMemory),
  oom_kill_disable: ({ host }) => host.OomKillDisable === true,
  oom_score_adj: ({ host }) => number(host.OomScoreAdj),
  cpu_rt_period: ({ host }) => number(host.CpuRealtimePeriod),
  cpu_rt_runtime: ({ host }) => number(host.CpuRealtimeRuntime),
  blkio_weight_device: ({ host }) =>
    every(host.BlkioWeightDevice, ({ Path, Weight }) => ({
      path: text(Path) ?? '',
      weight: number(Weight) ?? 0,
    })),
  device_read_bps: ({ host }) => rates(host.BlkioDeviceReadBps),
  device_write_bps: ({ host }) => rates(host.BlkioDeviceWriteBps),
  device_read_iops: ({ host }) => rates(host.BlkioDeviceReadIOps),
  device_write_iops: ({ host }) => rates(host.BlkioDeviceWriteIOps),
  shm_size: ({ host }) => number(host.ShmSize),
  ulimits: ({ host }) =>
    Object.fromEntries(
      rows(host.Ulimits).map(({ Name, Soft, Hard }) => [
        text(Name) ?? '',
        { soft: Number(Soft), hard: Number(Hard) },
      ]),
    ),
  privileged: ({ host }) => host.Privileged === true,
  cap_add: ({ host }) => capabilitiesShown(texts(host.CapAdd)),
  cap_drop: ({ host }) => capabilitiesShown(texts(host.CapDrop)),
  security_opt: ({ host }) => asSet(texts(host.SecurityOpt)),
  read_only: ({ host }) => host.ReadonlyRootfs === true,
  masked_paths: ({ host }) => asSet(texts(host.MaskedPaths)),
  readonly_paths: ({ host }) => asSet(texts(host.ReadonlyPaths)),
  sysctls: ({ host }) => textMap(host.Sysctls),
  group_add: ({ host }) => asSet(texts(host.GroupAdd)),
  devices: ({ host }) =>
    asSet(
      rows(host.Devices).map(({ PathOnHost, PathInContainer, CgroupPermissions }) =>
        deviceShown({
          host: text(PathOnHost) ?? '',
          container: text(PathInContainer) ?? undefined,
          permissions: text(CgroupPermissions) ?? undefined,
        }),
      ),
    ),
  device_cgroup_rules: ({ host }) => asSet(texts(host.DeviceCgroupRules)),
  gpus: ({ host }) => rows(host.DeviceRequests).length,
  runtime: ({ host }) => text(host.Runtime),
  ipc: ({ host }) => text(host.IpcMode),
  pid: ({ host }) => text(host.PidMode),
  uts: ({ host }) => text(host.UTSMode),
  userns_mode: ({ host }) => text(host.UsernsMode),
  cgroup: ({ host }) => text(host.CgroupnsMode),
  cgroup_parent: ({ host }) => text(host.CgroupParent),
  logging: ({ host }) => host.LogConfig?.Type ?? null,
  annotations: ({ host }) => filled(host.Annotations),
  command: ({ config }) => texts(config.Cmd),
  entrypoint: ({ config }) => {
    const words = texts(config.Entrypoint);
    return words?.length === 1 && words[0] === '' ? null : words;
  },
  env: ({ config }) => envOf(config.Env),
  work_dir: ({ config }) => text(config.WorkingDir),
  interactive: ({ config }) => config.OpenStdin === true,
  tty: ({ config }) => config.Tty === true,
  stdin_once: ({ config }) => config.StdinOnce === true,
  labels: ({ config }) => ownLabels(config.Labels ?? {}),
  user: ({ config }) => text(config.User),
  hostname: ({ config }) => text(config.Hostname),
  health_check: ({ config }) => {
    const check = healthCheckOf(config.Healthcheck);
    return check?.test === undefined ? null : healthJson(check);
  },
  init: ({ host }) => host.Init === true,
  stop_signal: ({ config }) => signalShown(config.StopSignal),
  stop_timeout: ({ config }) => config.StopTimeout ?? null,
};

/** What an inspect shows of each field that is compared. */
export function observedSettings(
  info: ContainerInspectInfo,
  mounts: readonly ObservedMount[],
): ObservedSettings {
  const shown: Shown = { config: info.Config as Shown['config'], host: info.HostConfig, mounts };
  return Object.fromEntries(Object.entries(LINES).map(([field, line]) => [field, line(shown)]));
}

/** Times in seconds; undefined when there is none. */
export function healthCheckOf(given: DockerHealthcheck | null | undefined): ObservedHealthCheck | undefined {
  if (!given?.Test?.length) return undefined;
  const seconds = (nanos: number | undefined): number | undefined => (nanos ? nanos / 1e9 : undefined);
  const all = {
    test: given.Test,
    interval: seconds(given.Interval),
    timeout: seconds(given.Timeout),
    retries: given.Retries || undefined,
    start_period: seconds(given.StartPeriod),
    start_interval: seconds(given.StartInterval),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** `NAME=value` lines as a map. */
export function envOf(lines: readonly string[] | null | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (lines ?? []).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && value !== 0 ? value : null;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function rows(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function texts(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : null;
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(value)).map(([name, one]) => [name, String(one)]));
}

function filled(value: unknown): Comparable {
  const map = textMap(value);
  return Object.keys(map).length === 0 ? null : map;
}

function every(value: unknown, shown: (row: Readonly<Record<string, unknown>>) => Comparable): Comparable {
  const all = rows(value).map(shown);
  return all.length === 0 ? null : all;
}

function rates(value: unknown): Comparable {
  return every(value, ({ Path, Rate }) => ({ path: text(Path) ?? '', rate: number(Rate) ?? 0 }));
}
