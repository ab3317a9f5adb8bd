import type { securityFields } from '../../../contracts/container-fields/security.ts';
import { ANY, asSaid, asSet, type FieldRows, flag, whenSaid } from './field-row.ts';

/** What it may do, and what it shares with the machine. */
export const SECURITY_FIELDS = {
  privileged: flag,
  cap_add: { class: 'recreate', wanted: (value) => capabilitiesShown(value) },
  cap_drop: { class: 'recreate', wanted: (value) => capabilitiesShown(value) },
  // The engine adds to it what its security modules want.
  security_opt: {
    class: 'recreate',
    wanted: (value, { spec }) => {
      if (spec.privileged) return ANY;
      return asSet(value?.filter((option) => !option.startsWith('systempaths')));
    },
  },
  read_only: flag,
  masked_paths: { class: 'recreate', wanted: (value) => (value === undefined ? ANY : asSet(value)) },
  readonly_paths: { class: 'recreate', wanted: (value) => (value === undefined ? ANY : asSet(value)) },
  sysctls: {
    class: 'recreate',
    wanted: (value = {}) =>
      Object.fromEntries(Object.entries(value).map(([name, text]) => [name.replaceAll('/', '.'), text])),
  },
  group_add: { class: 'recreate', wanted: (value) => asSet(value?.map(String)) },
  devices: {
    class: 'recreate',
    wanted: (value = []) => asSet(value.map((one) => deviceShown(deviceParts(one)))),
  },
  device_cgroup_rules: { class: 'recreate', wanted: (value) => asSet(value) },
  // How many; what a driver makes of the rest is its own.
  gpus: {
    class: 'recreate',
    wanted: (value) => (value === undefined ? 0 : Array.isArray(value) ? value.length : 1),
  },
  runtime: whenSaid,
  ipc: {
    class: 'recreate',
    // Of a container it is compared by that one’s id.
    wanted: (value) => (value === undefined || value.startsWith('container:') ? ANY : value),
  },
  pid: {
    class: 'recreate',
    wanted: (value) => (value?.startsWith('container:') ? ANY : (value ?? null)),
  },
  uts: asSaid,
  userns_mode: asSaid,
  cgroup: whenSaid,
  cgroup_parent: whenSaid,
} as const satisfies FieldRows<typeof securityFields>;

/** `CAP_NET_ADMIN` is `NET_ADMIN`. */
export function capabilitiesShown(given: readonly string[] | null | undefined): readonly string[] | null {
  return asSet(given?.map((name) => name.toUpperCase().replace(/^CAP_/, '')));
}

/** A device of this machine, and what it is inside. */
export interface DeviceParts {
  readonly host: string;
  readonly container?: string | undefined;
  readonly permissions?: string | undefined;
}

/** With all that may be left out. */
export function deviceShown({ host, container = host, permissions = 'rwm' }: DeviceParts): string {
  return `${host}:${container}:${permissions}`;
}

function deviceParts(given: string | DeviceParts): DeviceParts {
  if (typeof given !== 'string') return given;
  const [host = '', second, third] = given.split(':');
  if (second === undefined) return { host };
  if (!second.startsWith('/')) return { host, permissions: second };
  return { host, container: second, permissions: third };
}
