import { Document, isMap, isScalar, YAMLSeq } from 'yaml';
import type { ComposeEntries } from './to-entries.ts';

type Spec = Readonly<Record<string, unknown>>;

interface Need {
  /** The key of `policy.yaml`. */
  readonly key: string;
  readonly value: unknown;
  readonly by: string;
}

/** Which host’s namespaces a container can share. */
const NAMESPACES: Readonly<Record<string, string>> = {
  network_mode: 'network',
  pid: 'pid',
  ipc: 'ipc',
  uts: 'uts',
  userns_mode: 'user',
  cgroup: 'cgroup',
};

/** Fields that are allowed value by value. */
const LISTED: Readonly<Record<string, string>> = {
  cap_add: 'capabilities',
  devices: 'devices',
  device_cgroup_rules: 'device_cgroup_rules',
};

/**
 * The lines of `policy.yaml` that let these entries be what they are, with who needs each; undefined when they need none: paths
 * of this machine, devices, capabilities, the host’s namespaces, and what else opens the machine.
 */
export function policyLines({ entries }: ComposeEntries): string | undefined {
  const needs = entries.flatMap(({ type, entry }) =>
    type === 'docker.container' ? ofContainer(entry) : type === 'docker.volume' ? ofVolume(entry) : [],
  );
  if (needs.length === 0) return undefined;
  const document = new Document({ allow: {} });
  document.commentBefore =
    ' What these entries need beyond the defaults, and who needs it.\n For policy.yaml in the state folder; leave out what you do not want.';
  for (const [key, some] of Map.groupBy(needs, (need) => need.key)) {
    const list = new YAMLSeq();
    for (const same of Map.groupBy(some, ({ value }) => JSON.stringify(value)).values()) {
      const item = document.createNode(same[0]?.value);
      if (isMap(item)) item.flow = true;
      const by = same.map((one) => one.by).filter((name) => name !== same[0]?.value);
      if (by.length > 0 && (isMap(item) || isScalar(item))) item.comment = ` ${by.join(', ')}`;
      list.items.push(item);
    }
    document.setIn(['allow', key], list);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function ofContainer(spec: Spec & { readonly name: string }): readonly Need[] {
  const by = spec.name;
  const need = (key: string, value: unknown): Need => ({ key, value, by });
  const binds = [
    ...listOf(spec['volumes']).flatMap(({ host, mode = 'rw' }) =>
      host === undefined ? [] : [{ path: host, mode }],
    ),
    ...listOf(spec['mounts']).flatMap(({ type, source, read_only }) =>
      type === 'bind' ? [{ path: source, mode: read_only === true ? 'ro' : 'rw' }] : [],
    ),
  ];
  return [
    ...binds.map((bind) => need('binds', bind)),
    ...(spec['privileged'] === true ? [need('privileged', by)] : []),
    ...Object.entries(LISTED).flatMap(([field, key]) => listed(spec[field]).map((value) => need(key, value))),
    ...(spec['gpus'] === undefined ? [] : [need('gpus', by)]),
    ...Object.entries(NAMESPACES).flatMap(([field, name]) =>
      spec[field] === 'host' ? [need('host_namespaces', name)] : [],
    ),
    ...listed(spec['security_opt'])
      .filter((option) => !/^no-new-privileges([:=]true)?$/.test(String(option)))
      .map((option) =>
        need('security_opt', String(option).length > 60 ? String(option).replace(/[=:].*$/s, '=…') : option),
      ),
    ...Object.keys((spec['sysctls'] as object | undefined) ?? {}).map((name) => need('sysctls', name)),
    ...(spec['runtime'] === undefined ? [] : [need('runtimes', spec['runtime'])]),
    ...(spec['cgroup_parent'] === undefined ? [] : [need('cgroup_parents', spec['cgroup_parent'])]),
  ];
}

/** A volume can be a path in disguise. */
function ofVolume(entry: Spec & { readonly name: string }): readonly Need[] {
  const { o = '', device } = (entry['options'] ?? {}) as Readonly<Record<string, string>>;
  const isBind = o.split(',').some((word) => word === 'bind' || word === 'rbind');
  return isBind && device !== undefined
    ? [{ key: 'binds', value: { path: device, mode: 'rw' }, by: String(entry['volume_name'] ?? entry.name) }]
    : [];
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value : [];
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
