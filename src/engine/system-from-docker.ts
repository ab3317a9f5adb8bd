import type { EngineInfo, EngineVersion } from '../../contracts/system-info.ts';
import type { DiskReport } from './port/system-calls.ts';

export interface RawVersion {
  readonly Version: string;
  readonly ApiVersion?: string;
  readonly MinAPIVersion?: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion?: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[] | null;
}

/** Which engine it is, and the API version spoken with it. */
export function engineVersion(raw: RawVersion, spoken: string): EngineVersion {
  return {
    engine: raw.Version,
    api: spoken,
    api_newest: raw.ApiVersion ?? spoken,
    api_oldest: raw.MinAPIVersion ?? spoken,
    os: raw.Os,
    architecture: raw.Arch,
    ...(raw.KernelVersion && { kernel: raw.KernelVersion }),
    components: (raw.Components ?? []).map(({ Name, Version }) => ({ name: Name, version: Version })),
  };
}

/** What `/info` answers, as far as it is looked at. Older engines leave some of it out. */
export interface RawInfo {
  readonly ID?: string;
  readonly Name?: string;
  readonly ServerVersion?: string;
  readonly OSType?: string;
  readonly OperatingSystem?: string;
  readonly KernelVersion?: string;
  readonly Architecture?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly ContainersRunning?: number;
  readonly ContainersPaused?: number;
  readonly ContainersStopped?: number;
  readonly Images?: number;
  readonly DockerRootDir?: string;
  readonly Driver?: string;
  readonly LoggingDriver?: string;
  readonly Plugins?: {
    readonly Log?: readonly string[] | null;
    readonly Network?: readonly string[] | null;
    readonly Volume?: readonly string[] | null;
  };
  readonly Runtimes?: Readonly<Record<string, unknown>> | null;
  readonly DefaultRuntime?: string;
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly LiveRestoreEnabled?: boolean;
  readonly Swarm?: { readonly LocalNodeState?: string };
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly CPUShares?: boolean;
  readonly CPUSet?: boolean;
  readonly PidsLimit?: boolean;
  readonly OomKillDisable?: boolean;
  readonly CDISpecDirs?: readonly string[] | null;
  readonly DiscoveredDevices?: readonly { readonly Source?: string }[] | null;
  readonly RegistryConfig?: {
    readonly Mirrors?: readonly string[] | null;
    readonly InsecureRegistryCIDRs?: readonly string[] | null;
    readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> | null;
  };
  readonly Labels?: readonly string[] | null;
  readonly Warnings?: readonly string[] | null;
}

/** What `/plugins` answers, as far as it is looked at. */
export type RawPlugins = readonly { readonly Name: string; readonly Enabled: boolean }[];

/** Those that are switched on, by name. */
export function enabledPlugins(raw: RawPlugins): readonly string[] {
  return raw.flatMap(({ Name, Enabled }) => (Enabled ? [Name] : []));
}

/** What the engine says of itself. Proxies are left out: their addresses hold passwords. */
export function engineInfo(raw: RawInfo): EngineInfo {
  const security = (raw.SecurityOptions ?? []).map(
    (option) => /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? option,
  );
  return {
    id: raw.ID ?? '',
    name: raw.Name ?? '',
    engine: raw.ServerVersion ?? '',
    os: raw.OSType ?? '',
    os_name: raw.OperatingSystem ?? '',
    kernel: raw.KernelVersion ?? '',
    architecture: raw.Architecture ?? '',
    cpus: raw.NCPU ?? 0,
    memory: raw.MemTotal ?? 0,
    containers: {
      running: raw.ContainersRunning ?? 0,
      paused: raw.ContainersPaused ?? 0,
      stopped: raw.ContainersStopped ?? 0,
    },
    images: raw.Images ?? 0,
    data_root: raw.DockerRootDir ?? '',
    storage_driver: raw.Driver ?? '',
    log_driver: raw.LoggingDriver ?? '',
    log_drivers: [...(raw.Plugins?.Log ?? [])],
    network_drivers: [...(raw.Plugins?.Network ?? [])],
    volume_drivers: [...(raw.Plugins?.Volume ?? [])],
    runtimes: Object.keys(raw.Runtimes ?? {}),
    default_runtime: raw.DefaultRuntime ?? '',
    cgroup_driver: raw.CgroupDriver ?? '',
    cgroup_version: raw.CgroupVersion ?? '1',
    security,
    rootless: security.includes('rootless'),
    live_restore: raw.LiveRestoreEnabled ?? false,
    swarm: raw.Swarm?.LocalNodeState ?? 'inactive',
    limits: {
      memory: raw.MemoryLimit ?? false,
      swap: raw.SwapLimit ?? false,
      cpu_quota: raw.CpuCfsQuota ?? false,
      cpu_shares: raw.CPUShares ?? false,
      cpuset: raw.CPUSet ?? false,
      pids: raw.PidsLimit ?? false,
      oom_kill_disable: raw.OomKillDisable ?? false,
    },
    devices: [...new Set((raw.DiscoveredDevices ?? []).flatMap(({ Source }) => Source ?? []))],
    cdi: (raw.CDISpecDirs ?? []).length > 0,
    registry_mirrors: [...(raw.RegistryConfig?.Mirrors ?? [])],
    insecure_registries: insecure(raw.RegistryConfig ?? {}),
    labels: [...(raw.Labels ?? [])],
    warnings: [...(raw.Warnings ?? [])],
  };
}

function insecure({ InsecureRegistryCIDRs, IndexConfigs }: NonNullable<RawInfo['RegistryConfig']>): string[] {
  const named = Object.entries(IndexConfigs ?? {}).flatMap(([name, { Secure }]) =>
    Secure === false ? name : [],
  );
  return [...(InsecureRegistryCIDRs ?? []), ...named];
}

type RawLabels = Readonly<Record<string, string>> | null;

/** What `/system/df` answers, as far as it is looked at. */
export interface RawDisk {
  readonly LayersSize?: number;
  readonly Images?:
    | readonly {
        readonly Id: string;
        readonly RepoTags?: readonly string[] | null;
        readonly Size?: number;
        readonly SharedSize?: number;
        readonly Containers?: number;
        readonly Labels?: RawLabels;
      }[]
    | null;
  readonly Containers?:
    | readonly {
        readonly Id: string;
        readonly Names?: readonly string[] | null;
        readonly SizeRw?: number;
        readonly State?: string;
        readonly Labels?: RawLabels;
      }[]
    | null;
  readonly Volumes?:
    | readonly {
        readonly Name: string;
        readonly Labels?: RawLabels;
        readonly UsageData?: { readonly Size?: number; readonly RefCount?: number } | null;
      }[]
    | null;
  readonly BuildCache?:
    | readonly {
        readonly ID: string;
        readonly Description?: string;
        readonly Size?: number;
        readonly InUse?: boolean;
        readonly Shared?: boolean;
      }[]
    | null;
}

/** What is on the disk. An image counts what it does not share with others; -1 is the engine’s «not known». */
export function diskReport(raw: RawDisk): DiskReport {
  const known = (size: number | undefined): number => Math.max(0, size ?? 0);
  return {
    layers_size: known(raw.LayersSize),
    items: [
      ...(raw.Images ?? []).map(({ Id, RepoTags, Size, SharedSize, Containers, Labels }) => ({
        kind: 'image' as const,
        id: Id,
        name: RepoTags?.[0] ?? '',
        size: known(known(Size) - known(SharedSize)),
        in_use: (Containers ?? 0) > 0,
        labels: Labels ?? {},
      })),
      ...(raw.Containers ?? []).map(({ Id, Names, SizeRw, State, Labels }) => ({
        kind: 'container' as const,
        id: Id,
        name: (Names?.[0] ?? '').replace(/^\//, ''),
        size: known(SizeRw),
        in_use: State === 'running' || State === 'paused' || State === 'restarting',
        labels: Labels ?? {},
      })),
      ...(raw.Volumes ?? []).map(({ Name, Labels, UsageData }) => ({
        kind: 'volume' as const,
        id: Name,
        name: Name,
        size: known(UsageData?.Size),
        in_use: (UsageData?.RefCount ?? 0) > 0,
        labels: Labels ?? {},
      })),
      ...(raw.BuildCache ?? []).map(({ ID, Description, Size, InUse, Shared }) => ({
        kind: 'build_cache' as const,
        id: ID,
        name: Description ?? '',
        size: Shared ? 0 : known(Size),
        in_use: InUse ?? false,
        labels: {},
      })),
    ],
  };
}
