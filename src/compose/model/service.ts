import { z } from 'zod';
import { decimal, flag, known, micros, openMap, size, text, textMap, texts, time, whole } from './values.ts';

/** Taken by nobody here: it is only said that it stands there. */
const other = z.unknown();
const words = z.union([z.string(), texts]);
const mountedFile = known({
  source: text,
  target: text.optional(),
  uid: text.optional(),
  gid: text.optional(),
  mode: z.union([whole, z.string()]).optional(),
});
const rates = z.array(known({ path: text, rate: size }));
const device = known({
  capabilities: z.array(text).optional(),
  driver: text.optional(),
  count: z.union([z.literal('all'), whole]).optional(),
  device_ids: texts.optional(),
  options: openMap.optional(),
});

export const composeBuild = known({
  context: text,
  dockerfile: text.optional(),
  dockerfile_inline: z.string().optional(),
  args: openMap.optional(),
  target: text.optional(),
  cache_from: texts.optional(),
  cache_to: other.optional(),
  no_cache: flag.optional(),
  pull: flag.optional(),
  labels: textMap.optional(),
  platforms: texts.optional(),
  shm_size: size.optional(),
  tags: texts.optional(),
  network: text.optional(),
  additional_contexts: other.optional(),
  entitlements: other.optional(),
  extra_hosts: z.record(z.string(), texts).optional(),
  isolation: other.optional(),
  privileged: other.optional(),
  provenance: other.optional(),
  sbom: other.optional(),
  secrets: z.array(mountedFile).optional(),
  ssh: other.optional(),
  ulimits: other.optional(),
});
export type ComposeBuild = z.output<typeof composeBuild>;

const updateConfig = known({
  parallelism: whole.optional(),
  delay: time.optional(),
  failure_action: z.enum(['continue', 'rollback', 'pause']).optional(),
  monitor: time.optional(),
  max_failure_ratio: decimal.optional(),
  order: z.enum(['start-first', 'stop-first']).optional(),
});

export const composeDeploy = known({
  mode: z.enum(['replicated', 'global', 'replicated-job', 'global-job']).optional(),
  replicas: whole.optional(),
  labels: other.optional(),
  update_config: updateConfig.optional(),
  rollback_config: other.optional(),
  resources: known({
    limits: known({ cpus: decimal.optional(), memory: size.optional(), pids: whole.optional() }).optional(),
    reservations: known({
      cpus: decimal.optional(),
      memory: size.optional(),
      devices: z.array(device).optional(),
      generic_resources: other.optional(),
    }).optional(),
  }).optional(),
  restart_policy: known({
    condition: z.enum(['none', 'on-failure', 'any', 'unless-stopped']).optional(),
    delay: time.optional(),
    max_attempts: whole.optional(),
    window: time.optional(),
  }).optional(),
  placement: other.optional(),
  endpoint_mode: other.optional(),
});

export const composeMount = known({
  type: z.enum(['bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image']),
  source: text.optional(),
  target: text,
  read_only: flag.optional(),
  consistency: other.optional(),
  bind: known({
    propagation: text.optional(),
    create_host_path: flag.optional(),
    selinux: z.enum(['z', 'Z']).optional(),
    recursive: z.enum(['enabled', 'disabled', 'writable', 'readonly']).optional(),
  }).optional(),
  volume: known({ nocopy: flag.optional(), subpath: text.optional(), labels: other.optional() }).optional(),
  tmpfs: known({ size: size.optional(), mode: z.union([whole, z.string()]).optional() }).optional(),
  image: other.optional(),
});
export type ComposeMount = z.output<typeof composeMount>;

/** A service in its long forms: every key that Compose knows. */
export const composeService = known({
  annotations: textMap.optional(),
  attach: flag.optional(),
  blkio_config: known({
    weight: whole.optional(),
    weight_device: z.array(known({ path: text, weight: whole })).optional(),
    device_read_bps: rates.optional(),
    device_read_iops: rates.optional(),
    device_write_bps: rates.optional(),
    device_write_iops: rates.optional(),
  }).optional(),
  build: composeBuild.optional(),
  cap_add: texts.optional(),
  cap_drop: texts.optional(),
  cgroup: text.optional(),
  cgroup_parent: text.optional(),
  command: words.optional(),
  configs: z.array(mountedFile).optional(),
  container_name: text.optional(),
  cpu_count: other.optional(),
  cpu_percent: other.optional(),
  cpu_period: micros.optional(),
  cpu_quota: micros.optional(),
  cpu_rt_period: micros.optional(),
  cpu_rt_runtime: micros.optional(),
  cpu_shares: whole.optional(),
  cpus: decimal.optional(),
  cpuset: text.optional(),
  credential_spec: other.optional(),
  depends_on: z
    .record(
      z.string(),
      known({
        condition: z
          .enum(['service_started', 'service_healthy', 'service_completed_successfully'])
          .optional(),
        restart: flag.optional(),
        required: flag.optional(),
      }),
    )
    .optional(),
  deploy: composeDeploy.optional(),
  develop: other.optional(),
  device_cgroup_rules: texts.optional(),
  devices: texts.optional(),
  dns: texts.optional(),
  dns_opt: texts.optional(),
  dns_search: texts.optional(),
  domainname: text.optional(),
  entrypoint: words.optional(),
  env_file: z.array(known({ path: text, required: flag.optional(), format: text.optional() })).optional(),
  environment: openMap.optional(),
  expose: texts.optional(),
  external_links: texts.optional(),
  extra_hosts: z.record(z.string(), texts).optional(),
  gpus: z.union([z.literal('all'), z.array(device)]).optional(),
  group_add: texts.optional(),
  healthcheck: known({
    test: words.optional(),
    interval: time.optional(),
    timeout: time.optional(),
    retries: whole.optional(),
    start_period: time.optional(),
    start_interval: time.optional(),
    disable: flag.optional(),
  }).optional(),
  hostname: text.optional(),
  image: text.optional(),
  init: flag.optional(),
  ipc: text.optional(),
  isolation: text.optional(),
  label_file: other.optional(),
  labels: textMap.optional(),
  links: texts.optional(),
  logging: known({ driver: text.optional(), options: openMap.optional() }).optional(),
  mac_address: text.optional(),
  mem_limit: size.optional(),
  mem_reservation: size.optional(),
  mem_swappiness: whole.optional(),
  memswap_limit: size.optional(),
  models: other.optional(),
  network_mode: text.optional(),
  networks: z
    .record(
      z.string(),
      z.preprocess(
        (given) => given ?? {},
        known({
          aliases: texts.optional(),
          ipv4_address: text.optional(),
          ipv6_address: text.optional(),
          link_local_ips: texts.optional(),
          mac_address: text.optional(),
          driver_opts: openMap.optional(),
          priority: decimal.optional(),
          gw_priority: other.optional(),
          interface_name: other.optional(),
        }),
      ),
    )
    .optional(),
  oom_kill_disable: flag.optional(),
  oom_score_adj: whole.optional(),
  pid: text.optional(),
  pids_limit: whole.optional(),
  platform: text.optional(),
  ports: z
    .array(
      known({
        target: whole,
        published: text.optional(),
        host_ip: text.optional(),
        protocol: text.optional(),
        mode: text.optional(),
        name: other.optional(),
        app_protocol: other.optional(),
      }),
    )
    .optional(),
  post_start: other.optional(),
  pre_stop: other.optional(),
  privileged: flag.optional(),
  profiles: texts.optional(),
  provider: other.optional(),
  pull_policy: text.optional(),
  pull_refresh_after: other.optional(),
  read_only: flag.optional(),
  restart: text.optional(),
  runtime: text.optional(),
  scale: whole.optional(),
  secrets: z.array(mountedFile).optional(),
  security_opt: texts.optional(),
  shm_size: size.optional(),
  stdin_open: flag.optional(),
  stop_grace_period: time.optional(),
  stop_signal: text.optional(),
  storage_opt: openMap.optional(),
  sysctls: openMap.optional(),
  tmpfs: texts.optional(),
  tty: flag.optional(),
  ulimits: z.record(z.string(), z.union([whole, known({ soft: whole, hard: whole })])).optional(),
  use_api_socket: other.optional(),
  user: text.optional(),
  userns_mode: text.optional(),
  uts: text.optional(),
  volumes: z.array(composeMount).optional(),
  volumes_from: texts.optional(),
  working_dir: text.optional(),
});
export type ComposeService = z.output<typeof composeService>;
