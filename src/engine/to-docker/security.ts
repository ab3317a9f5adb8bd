import type { securityFields } from '../../../contracts/container-fields/security.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { HostBody } from './create-body.ts';
import { host, type LinesOf } from './fragment.ts';

/** What it may do, and what it shares with the machine. */
export const SECURITY_LINES: LinesOf<typeof securityFields> = {
  privileged: host((value) => (value ? { Privileged: true } : {})),
  cap_add: host((value) => ({ CapAdd: value })),
  cap_drop: host((value) => ({ CapDrop: value })),
  security_opt: host(secured),
  read_only: host((value) => (value ? { ReadonlyRootfs: true } : {})),
  masked_paths: host((value) => ({ MaskedPaths: value })),
  readonly_paths: host((value) => ({ ReadonlyPaths: value })),
  sysctls: host((value) => ({
    Sysctls: Object.fromEntries(
      Object.entries(value).map(([name, text]) => [name.replaceAll('/', '.'), text]),
    ),
  })),
  group_add: host((value) => ({ GroupAdd: value })),
  devices: host((value) => ({ Devices: value.map(device) })),
  device_cgroup_rules: host((value) => ({ DeviceCgroupRules: value })),
  gpus: host((value) => ({ DeviceRequests: gpuRequests(value) })),
  runtime: host((value) => ({ Runtime: value })),
  ipc: host((value) => ({ IpcMode: value })),
  pid: host((value) => ({ PidMode: value })),
  uts: host((value) => ({ UTSMode: value })),
  userns_mode: host((value) => ({ UsernsMode: value })),
  cgroup: host((value) => ({ CgroupnsMode: value })),
  cgroup_parent: host((value) => ({ CgroupParent: value })),
};

/** `systempaths=unconfined` is a word of the docker command’s; the engine takes lists of paths. */
function secured(given: readonly string[]): HostBody {
  const options = given.filter((option) => !option.startsWith('systempaths'));
  const open = given.some((option) => /^systempaths[=:]unconfined$/.test(option));
  return {
    ...(options.length > 0 && { SecurityOpt: options }),
    ...(open && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

function device(given: NonNullable<ContainerSpec['devices']>[number]): object {
  const { host: from, container, permissions } = typeof given === 'string' ? parsed(given) : given;
  return {
    PathOnHost: from,
    PathInContainer: container ?? from,
    CgroupPermissions: permissions ?? 'rwm',
  };
}

function parsed(text: string): { host: string; container?: string; permissions?: string } {
  const [from = '', second, third] = text.split(':');
  if (second === undefined) return { host: from };
  if (!second.startsWith('/')) return { host: from, permissions: second };
  return { host: from, container: second, ...(third !== undefined && { permissions: third }) };
}

function gpuRequests(given: NonNullable<ContainerSpec['gpus']>): readonly object[] {
  const all = Array.isArray(given) ? given : [{ count: given }];
  return all.map(({ driver = '', count, device_ids, capabilities = ['gpu'], options = {} }) => ({
    Driver: driver,
    // The engine counts all as -1, and takes ids only without a count.
    Count: device_ids !== undefined ? 0 : count === 'all' || count === undefined ? -1 : count,
    DeviceIDs: device_ids ?? null,
    Capabilities: [capabilities],
    Options: options,
  }));
}
