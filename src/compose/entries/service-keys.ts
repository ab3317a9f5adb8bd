import type { ComposeService } from '../model/service.ts';
import { build } from './building.ts';
import { blkio, deploy, gpus, size } from './limits.ts';
import {
  extraHosts,
  links,
  networkMode,
  networks,
  ports,
  shared,
  textsIn,
  volumesFrom,
} from './networking.ts';
import { command, dependsOn, entrypoint, environment, healthcheck, pullPolicy, restart } from './running.ts';
import { securityOptions } from './security-options.ts';
import { mountedFiles, volumes } from './storage.ts';
import type { Fields, Taking } from './taking.ts';

type Take<K extends keyof ComposeService> = (
  given: NonNullable<ComposeService[K]>,
  taking: Taking,
  service: ComposeService,
) => Fields | Promise<Fields>;

const elsewhere = (): Fields => ({});

/** What stands as it is, under our word for it. */
const as =
  (field: keyof Fields) =>
  (given: unknown): Fields => ({ [field]: given });

/** The same, of what may be an empty list, which says nothing. */
const some =
  (field: keyof Fields) =>
  (given: readonly unknown[]): Fields =>
    given.length === 0 ? {} : { [field]: given };

const untaken =
  (key: string, message: string, instead?: string) =>
  (_given: unknown, { say }: Taking): Fields => {
    say(key, message, instead === undefined ? {} : { instead });
    return {};
  };

const unheard =
  (key: string, message: string) =>
  (_given: unknown, { say }: Taking): Fields => {
    say(key, message, { level: 'note' });
    return {};
  };

/** Zero is Compose’s word for none. */
const unlessZero =
  (field: keyof Fields) =>
  (given: number): Fields =>
    given === 0 ? {} : { [field]: given };

/** Every key that Compose knows, in the order in which they are taken: what says the same later wins. A key without its line does not compile. */
export const SERVICE_KEYS: { readonly [K in keyof ComposeService]-?: Take<K> } = {
  image: as('image'),
  build: (given, taking, { image }) => build(given, image !== undefined, taking),
  pull_policy: pullPolicy,
  platform: as('platform'),
  command,
  entrypoint,
  environment: (_, taking, service) => environment(service, taking),
  env_file: (_, taking, service) => (service.environment === undefined ? environment(service, taking) : {}),
  working_dir: as('work_dir'),
  user: as('user'),
  hostname: as('hostname'),
  domainname: as('domainname'),
  container_name: elsewhere,
  labels: as('labels'),
  label_file: untaken(
    'label_file',
    'is of a later Compose, and not taken',
    'write the labels under `labels`',
  ),
  annotations: as('annotations'),
  depends_on: dependsOn,
  healthcheck,
  restart,
  init: as('init'),
  tty: (given) => (given ? { tty: true } : {}),
  stdin_open: (given) => (given ? { interactive: true, stdin_once: false } : {}),
  stop_signal: as('stop_signal'),
  stop_grace_period: as('stop_timeout'),
  ports,
  expose: some('expose'),
  network_mode: networkMode,
  networks: (given, taking, { network_mode }) => (network_mode === undefined ? networks(given, taking) : {}),
  links,
  external_links: untaken(
    'external_links',
    'is not taken',
    'put both on one network; there they know each other by name',
  ),
  extra_hosts: extraHosts,
  dns: some('dns'),
  dns_opt: some('dns_opt'),
  dns_search: some('dns_search'),
  mac_address: as('mac_address'),
  volumes,
  volumes_from: volumesFrom,
  tmpfs: some('tmpfs'),
  secrets: (given, taking) => mountedFiles('secrets', given, taking),
  configs: (given, taking) => mountedFiles('configs', given, taking),
  storage_opt: (given) => ({ storage_opt: textsIn(given) }),
  read_only: (given) => (given ? { read_only: true } : {}),
  privileged: (given) => (given ? { privileged: true } : {}),
  cap_add: some('cap_add'),
  cap_drop: some('cap_drop'),
  security_opt: securityOptions,
  sysctls: (given) => ({ sysctls: textsIn(given) }),
  group_add: some('group_add'),
  devices: some('devices'),
  device_cgroup_rules: some('device_cgroup_rules'),
  gpus,
  runtime: as('runtime'),
  ipc: (given, taking) => {
    const ipc = shared(given, 'ipc', taking);
    return ipc === undefined ? {} : { ipc };
  },
  pid: (given, taking) => {
    const pid = shared(given, 'pid', taking);
    return pid === undefined ? {} : { pid };
  },
  uts: as('uts'),
  userns_mode: as('userns_mode'),
  cgroup: as('cgroup'),
  cgroup_parent: as('cgroup_parent'),
  ulimits: as('ulimits'),
  mem_limit: (given) => size('memory_limit', given),
  memswap_limit: (given) => size('memory_swap', given),
  mem_reservation: (given) => size('memory_reservation', given),
  mem_swappiness: as('memory_swappiness'),
  oom_kill_disable: (given) => (given ? { oom_kill_disable: true } : {}),
  oom_score_adj: unlessZero('oom_score_adj'),
  cpus: unlessZero('cpu_limit'),
  cpu_shares: unlessZero('cpu_shares'),
  cpu_period: unlessZero('cpu_period'),
  cpu_quota: unlessZero('cpu_quota'),
  cpu_rt_period: unlessZero('cpu_rt_period'),
  cpu_rt_runtime: unlessZero('cpu_rt_runtime'),
  cpuset: as('cpuset_cpus'),
  blkio_config: blkio,
  pids_limit: unlessZero('pids_limit'),
  shm_size: (given) => size('shm_size', given),
  logging: ({ driver, options }) => ({
    logging: {
      ...(driver !== undefined && { driver }),
      ...(options !== undefined && { options: textsIn(options) }),
    },
  }),
  scale: as('replicas'),
  deploy,
  profiles: elsewhere,
  attach: unheard('attach', 'is for the command line of Compose'),
  develop: unheard('develop', 'is for `docker compose watch`; a changed context is built anew by itself'),
  cpu_count: untaken('cpu_count', 'is of Windows', '`cpus`'),
  cpu_percent: untaken('cpu_percent', 'is of Windows', '`cpus`'),
  isolation: (given, { say }) => {
    if (given !== 'default') say('isolation', 'is of Windows');
    return {};
  },
  credential_spec: untaken('credential_spec', 'is of Windows', 'leave it out'),
  post_start: untaken('post_start', 'is not taken', 'a service of its own with `depends_on`'),
  pre_stop: untaken('pre_stop', 'is not taken', 'let the program handle its stop signal'),
  provider: untaken('provider', 'is not taken', 'run what it provides as a service'),
  models: untaken('models', 'is not taken', 'run the model as a service'),
  use_api_socket: untaken('use_api_socket', 'is not taken', 'mount the socket, if it must be'),
  pull_refresh_after: untaken('pull_refresh_after', 'is not taken', '`pull_policy: always`'),
};
