import { describe, expect, test } from 'vitest';
import { of } from './a-project.ts';

describe('each key of a service becomes the fields that mean the same', () => {
  test.each<readonly [string, object]>([
    ['command: echo "a b" c\\ d', { command: ['echo', 'a b', 'c d'] }],
    ['command: ["sh", "-c", "echo $$HOME && true"]', { command: ['sh', '-c', 'echo $HOME && true'] }],
    ['command: a && b', { command: ['a', '&&', 'b'] }],
    ['command: ""', {}],
    ['command:', {}],
    ['entrypoint: /bin/run --fast', { entrypoint: ['/bin/run', '--fast'] }],
    ['entrypoint: []', { entrypoint: [] }],
    ['entrypoint: ""', { entrypoint: [] }],
    ['environment: {A: 1, B: true, C: "x y", D: }', { env: { A: '1', B: 'true', C: 'x y' } }],
    ['environment: [A=1, B=, C==, HOME]', { env: { A: '1', B: '', C: '=', HOME: '/home/me' } }],
    ['working_dir: /app', { work_dir: '/app' }],
    ['user: 1000:1000', { user: '1000:1000' }],
    ['user: 1000', { user: '1000' }],
    ['hostname: a\ndomainname: b.c', { hostname: 'a', domainname: 'b.c' }],
    ['container_name: mine', { container_name: 'mine' }],
    ['labels: [a=1, b]', { labels: { a: '1', b: '' } }],
    ['labels: {a: 1, x-b: two}', { labels: { a: '1', 'x-b': 'two' } }],
    ['annotations: {a: b}', { annotations: { a: 'b' } }],
    ['restart: always', { restart_policy: 'always' }],
    ['restart: on-failure:3', { restart_policy: 'on-failure:3' }],
    ['restart: "no"', {}],
    ['restart: no', {}],
    ['init: true', { init: true }],
    ['tty: true\nstdin_open: true', { tty: true, interactive: true, stdin_once: false }],
    ['stop_signal: SIGINT\nstop_grace_period: 1m30s', { stop_signal: 'SIGINT', stop_timeout: 90 }],
    ['stop_grace_period: 500ms', { stop_timeout: 0.5 }],
    ['pull_policy: always', { pull_policy: 'always' }],
    ['pull_policy: if_not_present', {}],
    ['platform: linux/arm64', { platform: 'linux/arm64' }],
    ['runtime: runc', { runtime: 'runc' }],
    ['read_only: true', { read_only: true }],
    ['privileged: "true"', { privileged: true }],
    ['x-mine: {anything: 1}', {}],

    ['ports: ["80"]', { ports: [{ container: 80 }] }],
    ['ports: [80]', { ports: [{ container: 80 }] }],
    ['ports: ["8080:80/udp"]', { ports: [{ host: 8080, container: 80, protocol: 'udp' }] }],
    ['ports: ["127.0.0.1:8080:80"]', { ports: [{ host: 8080, container: 80, host_ip: '127.0.0.1' }] }],
    ['ports: ["127.0.0.1::80"]', { ports: [{ container: 80, host_ip: '127.0.0.1' }] }],
    ['ports: ["[::1]:8080:80"]', { ports: [{ host: 8080, container: 80, host_ip: '::1' }] }],
    ['ports: ["3000-3001"]', { ports: [{ container: 3000 }, { container: 3001 }] }],
    [
      'ports: ["9090-9091:8080-8081"]',
      {
        ports: [
          { host: 9090, container: 8080 },
          { host: 9091, container: 8081 },
        ],
      },
    ],
    [
      'ports: [{target: 80, published: "8080", protocol: tcp, mode: host, host_ip: 127.0.0.1, name: web}]',
      { ports: [{ host: 8080, container: 80, host_ip: '127.0.0.1' }] },
    ],
    ['ports: [{target: 80, published: 8080}]', { ports: [{ host: 8080, container: 80 }] }],
    ['ports: ["8080:80", "8080:80"]', { ports: [{ host: 8080, container: 80 }] }],
    ['expose: [80, "90/udp"]', { expose: ['80', '90/udp'] }],
    ['network_mode: host', { network_mode: 'host' }],
    ['network_mode: none', { network_mode: 'none' }],
    ['network_mode: container:other', { network_mode: 'container:other' }],
    [
      'extra_hosts: ["a:1.2.3.4", "b=::1", "c:host-gateway"]',
      { extra_hosts: ['a:1.2.3.4', 'b:::1', 'c:host-gateway'] },
    ],
    ['extra_hosts: {a: 1.2.3.4, b: "[::1]"}', { extra_hosts: ['a:1.2.3.4', 'b:::1'] }],
    [
      'dns: 1.1.1.1\ndns_search: [a.b]\ndns_opt: [use-vc]',
      { dns: ['1.1.1.1'], dns_search: ['a.b'], dns_opt: ['use-vc'] },
    ],
    ['mac_address: 02:42:ac:11:00:02', { mac_address: '02:42:ac:11:00:02' }],

    ['volumes: [/anon]', { mounts: [{ type: 'volume', target: '/anon' }] }],
    [
      'volumes: ["./a:/a", "../b:/b:ro", "/c:/c:z"]',
      {
        volumes: [
          { host: '/srv/shop/a', container: '/a' },
          { host: '/srv/b', container: '/b', mode: 'ro' },
          { host: '/c', container: '/c', selinux: 'shared' },
        ],
      },
    ],
    ['volumes: ["~/a:/a"]', { volumes: [{ host: '/home/me/a', container: '/a' }] }],
    [
      'volumes: ["/a:/a:rshared"]',
      {
        mounts: [
          {
            type: 'bind',
            source: '/a',
            target: '/a',
            bind: { propagation: 'rshared', create_host_path: true },
          },
        ],
      },
    ],
    [
      'volumes: [{type: bind, source: ./a, target: /a, read_only: true, bind: {create_host_path: false}}]',
      {
        mounts: [
          {
            type: 'bind',
            source: '/srv/shop/a',
            target: '/a',
            read_only: true,
            bind: { create_host_path: false },
          },
        ],
      },
    ],
    [
      'volumes: [{type: tmpfs, target: /t, tmpfs: {size: 64m, mode: 01777}}]',
      {
        mounts: [{ type: 'tmpfs', target: '/t', tmpfs: { size: '64m', mode: 0o1777 } }],
      },
    ],
    ['tmpfs: /run', { tmpfs: ['/run'] }],
    ['tmpfs: ["/run:size=64m", /tmp]', { tmpfs: ['/run:size=64m', '/tmp'] }],
    ['volumes_from: ["container:x:ro"]', { volumes_from: ['x:ro'] }],
    ['storage_opt: {size: 1G}', { storage_opt: { size: '1G' } }],
    ['shm_size: 1gb', { shm_size: '1gb' }],

    ['cap_add: [NET_ADMIN]\ncap_drop: [ALL]', { cap_add: ['NET_ADMIN'], cap_drop: ['ALL'] }],
    [
      'security_opt: ["no-new-privileges:true", "seccomp:unconfined"]',
      { security_opt: ['no-new-privileges:true', 'seccomp:unconfined'] },
    ],
    ['sysctls: [net.core.somaxconn=1024]', { sysctls: { 'net.core.somaxconn': '1024' } }],
    ['sysctls: {net.core.somaxconn: 1024}', { sysctls: { 'net.core.somaxconn': '1024' } }],
    ['group_add: [mail, 12]', { group_add: ['mail', '12'] }],
    ['devices: ["/dev/a:/dev/b:rw", /dev/c]', { devices: ['/dev/a:/dev/b:rw', '/dev/c'] }],
    ['device_cgroup_rules: ["c 1:3 mr"]', { device_cgroup_rules: ['c 1:3 mr'] }],
    ['gpus: all', { gpus: 'all' }],
    [
      'ipc: host\npid: host\nuts: host\nuserns_mode: host',
      { ipc: 'host', pid: 'host', uts: 'host', userns_mode: 'host' },
    ],
    ['cgroup: private\ncgroup_parent: m-cg', { cgroup: 'private', cgroup_parent: 'm-cg' }],

    [
      'mem_limit: 512m\nmem_reservation: 256m\nmemswap_limit: -1\nmem_swappiness: 5',
      {
        memory_limit: '512m',
        memory_reservation: '256m',
        memory_swap: -1,
        memory_swappiness: 5,
      },
    ],
    ['cpus: "0.5"', { cpu_limit: 0.5 }],
    ['cpu_shares: 512\ncpuset: 0-1', { cpu_shares: 512, cpuset_cpus: '0-1' }],
    ['cpu_period: 50ms\ncpu_quota: 25000', { cpu_period: 50_000, cpu_quota: 25_000 }],
    ['cpu_rt_runtime: 400ms\ncpu_rt_period: 1s', { cpu_rt_runtime: 400_000, cpu_rt_period: 1_000_000 }],
    ['pids_limit: 100', { pids_limit: 100 }],
    ['oom_kill_disable: false\noom_score_adj: 500', { oom_score_adj: 500 }],
    [
      'ulimits: {nproc: 65535, nofile: {soft: 1, hard: 2}}',
      { ulimits: { nproc: 65_535, nofile: { soft: 1, hard: 2 } } },
    ],
    [
      'blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 1mb}], device_write_iops: [{path: /dev/sda, rate: 30}]}',
      {
        blkio_weight: 300,
        device_read_bps: [{ path: '/dev/sda', rate: '1mb' }],
        device_write_iops: [{ path: '/dev/sda', rate: 30 }],
      },
    ],
    [
      'logging: {driver: json-file, options: {max-size: 10m, max-file: 3}}',
      {
        logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
      },
    ],

    [
      'healthcheck: {test: curl -f http://x, interval: 1m, timeout: 5s, retries: 2, start_period: 1m30s, start_interval: 2s}',
      {
        health_check: {
          test: 'curl -f http://x',
          interval: 60,
          timeout: 5,
          retries: 2,
          start_period: 90,
          start_interval: 2,
        },
      },
    ],
    ['healthcheck: {test: [CMD, a, b]}', { health_check: { test: ['CMD', 'a', 'b'] } }],
    ['healthcheck: {interval: 5s}', { health_check: { interval: 5 } }],
    ['healthcheck: {disable: true}', { health_check: { test: ['NONE'] } }],
    ['healthcheck: {test: [NONE]}', { health_check: { test: ['NONE'] } }],

    ['deploy: {replicas: 3}', { replicas: 3 }],
    ['scale: 0', { replicas: 0 }],
    ['deploy: {replicas: 1}', {}],
    [
      'deploy: {resources: {limits: {cpus: "0.5", memory: 64M, pids: 10}, reservations: {memory: 32M}}}',
      {
        cpu_limit: 0.5,
        memory_limit: '64M',
        pids_limit: 10,
        memory_reservation: '32M',
      },
    ],
    [
      'deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}',
      {
        gpus: [{ driver: 'nvidia', count: 1, capabilities: ['gpu'] }],
      },
    ],
    [
      'deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}',
      { restart_policy: 'on-failure:3' },
    ],
    ['restart: always\ndeploy: {restart_policy: {condition: none}}', {}],
    [
      'deploy: {update_config: {parallelism: 2, delay: 10s, order: start-first, failure_action: rollback, monitor: 5s, max_failure_ratio: 0.5}}',
      {
        update_config: {
          order: 'start_first',
          parallelism: 2,
          delay: 10,
          monitor: 5,
          max_failure_ratio: 0.5,
          failure_action: 'rollback',
        },
      },
    ],

    ['build: .', { build: { context: '/srv/shop' } }],
    [
      'build: {context: ./app, dockerfile: deploy/Dockerfile, args: [A=1, HOME, GONE], target: prod, cache_from: [a:b], labels: [x=y], platforms: [linux/amd64], no_cache: true, pull: true, shm_size: 64m, network: none, extra_hosts: ["db=10.0.0.1", "six:[::1]"]}',
      {
        build: {
          context: '/srv/shop/app',
          file: 'deploy/Dockerfile',
          build_args: { A: '1', HOME: '/home/me' },
          target: 'prod',
          platform: 'linux/amd64',
          cache_from: ['a:b'],
          no_cache: true,
          pull: true,
          labels: { x: 'y' },
          shm_size: '64m',
          network: 'none',
          extra_hosts: ['db:10.0.0.1', 'six:::1'],
        },
      },
    ],
    [
      'build: {dockerfile_inline: "FROM busybox"}',
      { build: { context: '/srv/shop', dockerfile: 'FROM busybox\n' } },
    ],
  ])('%s', async (lines, expected) => {
    expect(await of(lines)).toEqual(expected);
  });
});
