import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { speaks } from './to-docker/fragment.ts';

/** What is known of an engine. */
export interface EngineAbilities {
  /** API version spoken with it, like `1.45`. */
  readonly api: string;
  /** Of the machine’s control groups, when known. */
  readonly cgroup_version?: '1' | '2';
  /** Runtimes and log drivers that it lists, when known. */
  readonly runtimes?: readonly string[];
  readonly log_drivers?: readonly string[];
}

interface Need {
  readonly field: string;
  readonly isUsed: (spec: ContainerSpec) => boolean;
  /** First and last API version that has it. */
  readonly from?: string;
  readonly until?: string;
  readonly cgroup_version?: '1';
  /** What else it lacks for that, in words. */
  readonly lack?: (spec: ContainerSpec, able: EngineAbilities) => string | undefined;
}

type Mount = NonNullable<ContainerSpec['mounts']>[number];
const mounts = (spec: ContainerSpec, check: (mount: Mount) => boolean): boolean =>
  (spec.mounts ?? []).some(check);

/** Fields that not every engine has. What is not listed here, API 1.40 has. */
const NEEDS: readonly Need[] = [
  { field: 'platform', from: '1.41', isUsed: (spec) => spec.platform !== undefined },
  { field: 'cgroup', from: '1.41', isUsed: (spec) => spec.cgroup !== undefined },
  { field: 'annotations', from: '1.43', isUsed: (spec) => spec.annotations !== undefined },
  {
    field: 'health_check.start_interval',
    from: '1.44',
    isUsed: (spec) => spec.health_check?.start_interval !== undefined,
  },
  {
    field: 'networks.mac_address',
    from: '1.44',
    isUsed: (spec) => Object.values(spec.networks ?? {}).some((one) => one.mac_address !== undefined),
  },
  {
    field: 'mounts.bind.create_host_path',
    from: '1.42',
    isUsed: (spec) => mounts(spec, (one) => one.type === 'bind' && one.bind?.create_host_path === true),
  },
  {
    field: 'mounts.volume.subpath',
    from: '1.45',
    isUsed: (spec) => mounts(spec, (one) => one.type === 'volume' && one.volume?.subpath !== undefined),
  },
  { field: 'kernel_memory', until: '1.41', isUsed: (spec) => spec.kernel_memory !== undefined },
  { field: 'memory_swappiness', cgroup_version: '1', isUsed: (spec) => spec.memory_swappiness !== undefined },
  { field: 'oom_kill_disable', cgroup_version: '1', isUsed: (spec) => spec.oom_kill_disable === true },
  {
    field: 'runtime',
    isUsed: (spec) => spec.runtime !== undefined,
    lack: ({ runtime = '' }, { runtimes }) =>
      // One that is named by its shim need not be listed.
      runtime.startsWith('io.containerd.') ? undefined : unlisted(runtime, runtimes),
  },
  {
    field: 'logging.driver',
    isUsed: (spec) => spec.logging?.driver !== undefined,
    lack: ({ logging: { driver = '' } = {} }, { log_drivers }) =>
      driver === 'none' ? undefined : unlisted(driver, log_drivers),
  },
];

function unlisted(name: string, known: readonly string[] | undefined): string | undefined {
  return known === undefined || known.length === 0 || known.includes(name)
    ? undefined
    : `has no ${name} (it has ${known.join(', ')})`;
}

/** Whether a spec says anything that not every engine can do. */
export function needsAbilities(spec: ContainerSpec): boolean {
  return NEEDS.some(({ isUsed }) => isUsed(spec));
}

/** What of a spec an engine cannot do, all of it, each with the reason; empty when it can do it all. */
export function unsupportedFields(spec: ContainerSpec, able: EngineAbilities): readonly string[] {
  return NEEDS.filter(({ isUsed }) => isUsed(spec)).flatMap(
    ({ field, from, until, cgroup_version, lack }) => {
      if (from !== undefined && !speaks(able.api, from))
        return [`${field} needs API ${from} (it speaks ${able.api})`];
      if (until !== undefined && able.api !== until && speaks(able.api, until))
        return [`${field} ended with API ${until} (it speaks ${able.api})`];
      const lacking = lack?.(spec, able);
      if (lacking !== undefined) return [`${field}: it ${lacking}`];
      return cgroup_version !== undefined && (able.cgroup_version ?? cgroup_version) !== cgroup_version
        ? [`${field} needs control groups of version ${cgroup_version} (it has ${able.cgroup_version})`]
        : [];
    },
  );
}
