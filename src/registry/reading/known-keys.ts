import { z } from 'zod';
import { ENTRY_TYPES, type EntryType } from '../../../contracts/registry-entry.ts';
import type { Path } from './to-value.ts';

type Schema = z.core.JSONSchema.BaseSchema;

const ENTRIES = Object.fromEntries(
  Object.entries(ENTRY_TYPES).map(([type, schema]) => [
    type,
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  ]),
);

/** How other tools call our fields. */
const ELSEWHERE: { readonly [T in EntryType]: Readonly<Record<string, string>> } = {
  'docker.network': { driver_opts: 'options', enable_ipv6: 'ipv6' },
  'docker.volume': { driver_opts: 'options' },
  'docker.group': { containers: 'members', services: 'members', deploy: 'update_config' },
  'docker.map': { aliases: 'volumes', hosts: 'host', prefix: 'repository', tag: 'default_tag' },
  'docker.image': { reference: 'image', policy: 'pull_policy' },
  'docker.container': {
    environment: 'env',
    restart: 'restart_policy',
    working_dir: 'work_dir',
    workdir: 'work_dir',
    healthcheck: 'health_check',
    mem_limit: 'memory_limit',
    memory: 'memory_limit',
    cpus: 'cpu_limit',
    stop_grace_period: 'stop_timeout',
    stdin_open: 'interactive',
    memswap_limit: 'memory_swap',
    mem_reservation: 'memory_reservation',
    mem_swappiness: 'memory_swappiness',
    cpuset: 'cpuset_cpus',
    dns_options: 'dns_opt',
    dns_option: 'dns_opt',
    log_driver: 'logging',
    log_opt: 'logging',
    log_config: 'logging',
    net: 'network',
    ipc_mode: 'ipc',
    pid_mode: 'pid',
    uts_mode: 'uts',
    userns: 'userns_mode',
    cgroupns: 'cgroup',
    cgroupns_mode: 'cgroup',
    publish_all_ports: 'publish_all',
    device_requests: 'gpus',
    readonly_rootfs: 'read_only',
    blkio_config: 'blkio_weight',
  },
};

/** The keys that an entry of that type may have at a path. */
export function knownKeys(type: EntryType, path: Path): readonly string[] {
  let schemas: readonly Schema[] = [ENTRIES[type] ?? {}];
  for (const part of path) schemas = schemas.flatMap((schema) => inside(schema, part));
  return schemas.flatMap((schema) =>
    alternatives(schema).flatMap(({ properties = {} }) => Object.keys(properties)),
  );
}

/** Our word for another tool’s key of an entry. */
export function fromElsewhere(type: EntryType, key: string): string | undefined {
  return Object.hasOwn(ELSEWHERE[type], key) ? ELSEWHERE[type][key] : undefined;
}

function inside(schema: Schema, part: string | number): readonly Schema[] {
  return alternatives(schema).flatMap(({ properties, items, additionalProperties }) => {
    const next =
      typeof part === 'number'
        ? items
        : properties && Object.hasOwn(properties, part)
          ? properties[part]
          : additionalProperties;
    return typeof next === 'object' && !Array.isArray(next) ? [next as Schema] : [];
  });
}

function alternatives(schema: Schema): readonly Schema[] {
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  return [schema, ...[...anyOf, ...oneOf, ...allOf].flatMap((one) => alternatives(one))];
}
