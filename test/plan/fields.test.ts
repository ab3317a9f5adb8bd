import { describe, expect, test } from 'vitest';
import { type ContainerSpec, containerFields } from '../../contracts/container-spec.ts';
import { differencesOf, SETTING_FIELDS, settingsOf } from '../../src/plan/fields/differences.ts';
import { FIELDS, type SettingField } from '../../src/plan/fields/fields.ts';
import { LIMIT_FIELDS } from '../../src/plan/in-place.ts';
import type { Comparable, ObservedImage } from '../../src/plan/observed.ts';
import { aContainer, anImage } from '../support/plan-builders.ts';

const image: ObservedImage = anImage({
  labels: { maintainer: 'somebody' },
  config: {
    env: { PATH: '/bin', LANG: 'C' },
    command: ['redis-server'],
    entrypoint: ['docker-entrypoint.sh'],
    user: 'redis',
    work_dir: '/data',
    expose: ['6379/tcp'],
    health_check: { test: ['CMD', 'redis-cli', 'ping'], interval: 5 },
  },
});

/** What differs once the engine shows `shown` of a field instead. */
const differing = (spec: ContainerSpec, shown: Readonly<Record<string, Comparable>>) =>
  differencesOf(spec, aContainer({ settings: { ...settingsOf(spec, image), ...shown } }), image).map(
    ({ field, from, to }) => `${field}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
  );

/** One line a field that is compared: a spec, what the engine shows otherwise, and how that is told. */
const LINES: { readonly [F in SettingField]: readonly [ContainerSpec, Comparable, string] } = {
  command: [{ command: 'sleep 60' }, ['sleep', '6'], 'command: ["sleep","6"] → ["sleep","60"]'],
  entrypoint: [{}, ['sh'], 'entrypoint: ["sh"] → ["docker-entrypoint.sh"]'],
  env: [{ env: { A: '1' } }, { PATH: '/bin', LANG: 'C' }, 'env.A: null → "1"'],
  work_dir: [{ work_dir: '/app/' }, '/', 'work_dir: "/" → "/app"'],
  interactive: [{}, true, 'interactive: true → false'],
  tty: [{ tty: true }, false, 'tty: false → true'],
  stdin_once: [{ interactive: true, stdin_once: true }, false, 'stdin_once: false → true'],
  labels: [{ labels: { a: 'b' } }, { maintainer: 'somebody' }, 'labels.a: null → "b"'],
  user: [{}, 'root', 'user: "root" → "redis"'],
  hostname: [{ hostname: 'web' }, 'db', 'hostname: "db" → "web"'],
  health_check: [{}, null, 'health_check: null → {"test":["CMD","redis-cli","ping"],"interval":5}'],
  init: [{}, false, 'init: false → true'],
  stop_signal: [{ stop_signal: 'QUIT' }, null, 'stop_signal: null → "SIGQUIT"'],
  stop_timeout: [{}, 3, 'stop_timeout: 3 → 10'],
  network_mode: [{ network: 'app' }, 'host', 'network_mode: "host" → "network"'],
  ports: [
    { ports: [{ host: 80, container: 8080 }] },
    ['81→8080/tcp'],
    'ports: ["81→8080/tcp"] → ["80→8080/tcp"]',
  ],
  dns: [{ dns: ['1.1.1.1'] }, null, 'dns: null → ["1.1.1.1"]'],
  dns_search: [{}, ['lan'], 'dns_search: ["lan"] → null'],
  dns_opt: [{}, ['ndots:2'], 'dns_opt: ["ndots:2"] → null'],
  extra_hosts: [{ extra_hosts: { a: '::1' } }, ['a:10.0.0.1'], 'extra_hosts: ["a:10.0.0.1"] → ["a:::1"]'],
  domainname: [{}, 'lan', 'domainname: "lan" → null'],
  expose: [{ expose: ['53/udp'] }, ['6379/tcp'], 'expose: ["6379/tcp"] → ["53/udp","6379/tcp"]'],
  publish_all: [{}, true, 'publish_all: true → false'],
  network_disabled: [{ network_disabled: true }, false, 'network_disabled: false → true'],
  volumes: [
    { volumes: [{ host: '/srv/a', container: '/a' }] },
    { '/a': '/srv/b', '/c': 'data:ro' },
    'volumes./a: "/srv/b" → "/srv/a"; volumes./c: "data:ro" → null',
  ],
  tmpfs: [{ tmpfs: '/run:size=1m' }, null, 'tmpfs: null → ["/run"]'],
  volumes_from: [{ volumes_from: ['db:ro'] }, ['other'], 'volumes_from: ["other"] → ["db"]'],
  volume_driver: [{ volume_driver: 'nfs' }, 'local', 'volume_driver: "local" → "nfs"'],
  storage_opt: [{}, { size: '1g' }, 'storage_opt: {"size":"1g"} → null'],
  memory_swappiness: [{ memory_swappiness: 0 }, null, 'memory_swappiness: null → 0'],
  kernel_memory: [{ kernel_memory: 5 }, null, 'kernel_memory: null → 5'],
  oom_kill_disable: [{}, true, 'oom_kill_disable: true → false'],
  oom_score_adj: [{}, 500, 'oom_score_adj: 500 → null'],
  cpu_rt_period: [{}, 5, 'cpu_rt_period: 5 → null'],
  cpu_rt_runtime: [{ cpu_rt_runtime: 5 }, null, 'cpu_rt_runtime: null → 5'],
  blkio_weight_device: [
    {},
    [{ path: '/dev/a', weight: 9 }],
    'blkio_weight_device: [{"path":"/dev/a","weight":9}] → null',
  ],
  device_read_bps: [
    {},
    [{ path: '/dev/a', rate: 9 }],
    'device_read_bps: [{"path":"/dev/a","rate":9}] → null',
  ],
  device_write_bps: [
    {},
    [{ path: '/dev/a', rate: 9 }],
    'device_write_bps: [{"path":"/dev/a","rate":9}] → null',
  ],
  device_read_iops: [
    {},
    [{ path: '/dev/a', rate: 9 }],
    'device_read_iops: [{"path":"/dev/a","rate":9}] → null',
  ],
  device_write_iops: [
    {},
    [{ path: '/dev/a', rate: 9 }],
    'device_write_iops: [{"path":"/dev/a","rate":9}] → null',
  ],
  shm_size: [{ shm_size: 1 }, 64, 'shm_size: 64 → 1'],
  ulimits: [{ ulimits: { nofile: 9 } }, { nofile: { soft: 9, hard: 8 } }, 'ulimits.nofile.hard: 8 → 9'],
  privileged: [{}, true, 'privileged: true → false'],
  cap_add: [{ cap_add: ['CAP_NET_ADMIN'] }, null, 'cap_add: null → ["NET_ADMIN"]'],
  cap_drop: [{}, ['ALL'], 'cap_drop: ["ALL"] → null'],
  security_opt: [{}, ['seccomp=unconfined'], 'security_opt: ["seccomp=unconfined"] → null'],
  read_only: [{ read_only: true }, false, 'read_only: false → true'],
  masked_paths: [{ masked_paths: ['/proc/a'] }, null, 'masked_paths: null → ["/proc/a"]'],
  readonly_paths: [{ readonly_paths: ['/proc/a'] }, null, 'readonly_paths: null → ["/proc/a"]'],
  sysctls: [{ sysctls: { 'net/a': '1' } }, { 'net.a': '2' }, 'sysctls.net.a: "2" → "1"'],
  group_add: [{ group_add: ['7'] }, null, 'group_add: null → ["7"]'],
  devices: [{ devices: ['/dev/fuse'] }, null, 'devices: null → ["/dev/fuse:/dev/fuse:rwm"]'],
  device_cgroup_rules: [{}, ['c 1:3 mr'], 'device_cgroup_rules: ["c 1:3 mr"] → null'],
  gpus: [{}, 1, 'gpus: 1 → 0'],
  runtime: [{ runtime: 'runc' }, 'other', 'runtime: "other" → "runc"'],
  ipc: [{ ipc: 'host' }, 'private', 'ipc: "private" → "host"'],
  pid: [{}, 'host', 'pid: "host" → null'],
  uts: [{}, 'host', 'uts: "host" → null'],
  userns_mode: [{}, 'host', 'userns_mode: "host" → null'],
  cgroup: [{ cgroup: 'host' }, 'private', 'cgroup: "private" → "host"'],
  cgroup_parent: [{ cgroup_parent: '/a' }, null, 'cgroup_parent: null → "/a"'],
  logging: [{ logging: { driver: 'none' } }, 'local', 'logging: "local" → "none"'],
  annotations: [{ annotations: { a: 'b' } }, null, 'annotations: null → {"a":"b"}'],
};

describe('every field of a container', () => {
  test.each(Object.entries(LINES))(
    '%s that the engine shows otherwise is told',
    (field, [spec, shown, told]) => {
      expect(differing(spec, {})).toEqual([]);
      expect(differing(spec, { [field]: shown }).join('; ')).toBe(told);
    },
  );

  test('has its row, and those that are updated as they are have that class', () => {
    const fields = Object.keys(containerFields).filter((field) => field !== 'stream' && field !== 'env_file');
    expect(Object.keys(FIELDS).toSorted()).toEqual(fields.toSorted());
    const inPlace = Object.entries(FIELDS).flatMap(([field, row]) =>
      row.class === 'in_place' ? [field] : [],
    );
    expect(inPlace.toSorted()).toEqual([...LIMIT_FIELDS, 'restart_policy'].toSorted());
    expect(Object.keys(LINES).toSorted()).toEqual([...SETTING_FIELDS].toSorted());
  });
});

describe('env', () => {
  const spec = { env: { A: '1' } };
  const differs = (env: Readonly<Record<string, string>>) => differing(spec, { env });
  test('is compared in both directions, with the image’s own below', () => {
    expect(differs({ A: '1', PATH: '/bin', LANG: 'C' })).toEqual([]);
    expect(differs({ A: '2', PATH: '/bin', LANG: 'C' })).toEqual(['env.A: "2" → "1"']);
    expect(differs({ A: '1', B: '2', PATH: '/bin', LANG: 'C' })).toEqual(['env.B: "2" → null']);
    expect(differs({ A: '1', LANG: 'C' })).toEqual(['env.PATH: null → "/bin"']);
  });
  test('is not compared when the image that it was made from is not known', () => {
    const seen = aContainer({ settings: { env: { OTHER: '1' } } });
    expect(differencesOf(spec, seen, undefined)).toEqual([]);
    expect(differencesOf(spec, seen, { ...image, id: 'sha256:another' })).toEqual([]);
  });
});

test('a command of one’s own replaces the image’s, and an entrypoint of one’s own goes without it', () => {
  expect(settingsOf({}, image)).toMatchObject({ command: ['redis-server'] });
  expect(settingsOf({ args: ['a b'] }, image)).toMatchObject({ command: ['a b'] });
  expect(settingsOf({ entrypoint: ['sh'] }, image)).toMatchObject({ command: null, entrypoint: ['sh'] });
  expect(settingsOf({ entrypoint: [] }, image)).toMatchObject({ command: null, entrypoint: null });
});
