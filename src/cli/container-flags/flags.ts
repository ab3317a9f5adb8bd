import { ContractError } from '../../../contracts/contract-error.ts';
import { type Draft, type Flag, listed, numberOr, numeric, on, own, paired, plain } from './flag.ts';
import { here, readMount, readVolume } from './read-mounts.ts';
import { readPorts } from './read-ports.ts';

const health = (
  flags: string,
  text: string,
  field: string,
  read: (text: string) => unknown = numberOr,
): Flag =>
  own(flags, { text }, (draft, [value = '']) => ({
    ...draft,
    health_check: { ...(draft.health_check ?? { test: [] }), [field]: read(value) } as NonNullable<
      Draft['health_check']
    >,
  }));

/** `/dev/sda:1m` */
const rates = (flags: string, field: keyof Draft): Flag =>
  listed(flags, field, (text) => {
    const at = text.lastIndexOf(':');
    return { path: text.slice(0, at), rate: numberOr(text.slice(at + 1)) };
  });

/** The flags of `docker create` and `docker run`, by what they make of a container. Networks are read together, apart. */
export const CONTAINER_FLAGS: readonly Flag[] = [
  own(
    '-e, --env <name=value>',
    'env',
    (draft, values) => ({ ...draft, env: { ...draft.env, ...variables(values) } }),
    true,
  ),
  listed('--env-file <file>', 'env_file', here),
  own(
    '-p, --publish <port>',
    'ports',
    (draft, values) => ({
      ...draft,
      ports: [...(draft.ports ?? []), ...values.flatMap(readPorts)],
    }),
    true,
  ),
  on('-P, --publish-all', 'publish_all'),
  listed('--expose <port>', 'expose'),
  own('-v, --volume <volume>', 'volumes', volumes, true),
  listed('--mount <mount>', 'mounts', readMount),
  listed('--tmpfs <path>', 'tmpfs'),
  listed('--volumes-from <container>', 'volumes_from'),
  plain('--volume-driver <driver>', 'volume_driver'),
  paired('--storage-opt <name=value>', 'storage_opt'),
  plain('-w, --workdir <path>', 'work_dir'),
  plain('-u, --user <user>', 'user'),
  own('--entrypoint <word>', 'entrypoint', (draft, [word = '']) => ({
    ...draft,
    entrypoint: word === '' ? [] : [word],
  })),
  paired('-l, --label <name=value>', 'labels'),
  paired('--annotation <name=value>', 'annotations'),
  plain('--restart <policy>', 'restart_policy'),
  on('--rm', 'auto_remove'),
  on('-i, --interactive', 'interactive'),
  on('-t, --tty', 'tty'),
  on('--init', 'init'),
  on('--no-init', 'init', false),
  plain('--stop-signal <signal>', 'stop_signal'),
  numeric('--stop-timeout <time>', 'stop_timeout'),
  plain('--platform <platform>', 'platform'),
  plain('--pull <policy>', 'pull_policy'),
  plain('--runtime <runtime>', 'runtime'),

  plain('-h, --hostname <name>', 'hostname'),
  plain('--domainname <name>', 'domainname'),
  plain('--mac-address <address>', 'mac_address'),
  listed('--dns <address>', 'dns'),
  listed('--dns-search <domain>', 'dns_search'),
  listed('--dns-option <option>', 'dns_opt'),
  listed('--add-host <name:address>', 'extra_hosts'),
  listed('--link <container>', 'links'),

  numeric('-m, --memory <size>', 'memory_limit'),
  numeric('--memory-swap <size>', 'memory_swap'),
  numeric('--memory-reservation <size>', 'memory_reservation'),
  numeric('--memory-swappiness <n>', 'memory_swappiness'),
  numeric('--kernel-memory <size>', 'kernel_memory'),
  on('--oom-kill-disable', 'oom_kill_disable'),
  numeric('--oom-score-adj <n>', 'oom_score_adj'),
  numeric('--cpus <n>', 'cpu_limit'),
  numeric('-c, --cpu-shares <n>', 'cpu_shares'),
  numeric('--cpu-period <microseconds>', 'cpu_period'),
  numeric('--cpu-quota <microseconds>', 'cpu_quota'),
  numeric('--cpu-rt-period <microseconds>', 'cpu_rt_period'),
  numeric('--cpu-rt-runtime <microseconds>', 'cpu_rt_runtime'),
  plain('--cpuset-cpus <list>', 'cpuset_cpus'),
  plain('--cpuset-mems <list>', 'cpuset_mems'),
  numeric('--pids-limit <n>', 'pids_limit'),
  numeric('--blkio-weight <n>', 'blkio_weight'),
  rates('--device-read-bps <device:rate>', 'device_read_bps'),
  rates('--device-write-bps <device:rate>', 'device_write_bps'),
  rates('--device-read-iops <device:rate>', 'device_read_iops'),
  rates('--device-write-iops <device:rate>', 'device_write_iops'),
  numeric('--shm-size <size>', 'shm_size'),
  paired('--ulimit <name=soft:hard>', 'ulimits', ulimit),

  on('--privileged', 'privileged'),
  on('--read-only', 'read_only'),
  listed('--cap-add <capability>', 'cap_add'),
  listed('--cap-drop <capability>', 'cap_drop'),
  listed('--security-opt <option>', 'security_opt'),
  paired('--sysctl <name=value>', 'sysctls'),
  listed('--device <device>', 'devices'),
  listed('--device-cgroup-rule <rule>', 'device_cgroup_rules'),
  own('--gpus <which>', 'gpus', (draft, [text = '']) => ({ ...draft, gpus: gpus(text) })),
  listed('--group-add <group>', 'group_add'),
  plain('--ipc <mode>', 'ipc'),
  plain('--pid <mode>', 'pid'),
  plain('--uts <mode>', 'uts'),
  plain('--userns <mode>', 'userns_mode'),
  plain('--cgroupns <mode>', 'cgroup'),
  plain('--cgroup-parent <path>', 'cgroup_parent'),

  own('--log-driver <driver>', 'logging', (draft, [driver = '']) => ({
    ...draft,
    logging: { ...draft.logging, driver },
  })),
  own(
    '--log-opt <name=value>',
    { text: 'An option of the log driver, like max-size=10m.' },
    (draft, values) => ({
      ...draft,
      logging: { ...draft.logging, options: { ...draft.logging?.options, ...pairs(values) } },
    }),
    true,
  ),
  health('--health-cmd <command>', 'A command in a shell that tells whether it works.', 'test', String),
  health('--health-interval <time>', 'Between two checks. Default: 30 s.', 'interval'),
  health('--health-timeout <time>', 'For one check. Default: 30 s.', 'timeout'),
  health('--health-retries <n>', 'Failures in a row until unhealthy. Default: 3.', 'retries'),
  health(
    '--health-start-period <time>',
    'Failures in this time after the start do not count.',
    'start_period',
  ),
  health('--health-start-interval <time>', 'Between two checks in that time.', 'start_interval'),
  own('--no-healthcheck', { text: 'No health check, though its image has one.' }, (draft) => ({
    ...draft,
    health_check: { test: ['NONE'] },
  })),
];

function variables(values: readonly string[]): Record<string, string> {
  const bare = values.find((text) => !text.includes('='));
  if (bare !== undefined)
    throw new ContractError('invalid_input', `\`--env ${bare}\` has no value`, {
      next: `Write \`--env ${bare}="$${bare}"\` to hand on what it is here.`,
    });
  return pairs(values);
}

function pairs(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((text): [string, string] => {
      const at = text.indexOf('=');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function volumes(draft: Draft, values: readonly string[]): Draft {
  const read = values.map(readVolume);
  const named = read.flatMap((one) => ('volume' in one ? [one.volume] : []));
  const own = read.flatMap((one) => ('mount' in one ? [one.mount] : []));
  return {
    ...draft,
    ...(named.length > 0 && { volumes: [...(draft.volumes ?? []), ...named] }),
    ...(own.length > 0 && { mounts: [...(draft.mounts ?? []), ...own] }),
  };
}

function ulimit(text: string): unknown {
  const [soft = '', hard] = text.split(':');
  return hard === undefined ? numberOr(soft) : { soft: numberOr(soft), hard: numberOr(hard) };
}

/** `all`, `2`, `device=0,1`, or `driver=…,count=…`. */
function gpus(text: string): NonNullable<Draft['gpus']> {
  if (text === 'all' || /^\d+$/.test(text)) return text === 'all' ? 'all' : Number(text);
  const bare = text.replaceAll('"', '');
  if (bare.startsWith('device=')) return [{ device_ids: bare.slice('device='.length).split(',') }];
  const { driver, count, capabilities } = pairs(bare.split(','));
  return [
    {
      ...(driver !== undefined && { driver }),
      ...(count !== undefined && { count: count === 'all' ? 'all' : Number(count) }),
      ...(capabilities !== undefined && { capabilities: [capabilities] }),
    },
  ];
}
