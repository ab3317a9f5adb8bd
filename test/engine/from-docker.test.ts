import type { ContainerInspectInfo } from 'dockerode';
import { expect, test } from 'vitest';
import { observedContainer } from '../../src/engine/from-docker.ts';

const ID = 'ab'.repeat(32);

/** As the engine answers, as far as it is read. */
function inspected(given: Readonly<Record<string, object>> = {}): ContainerInspectInfo {
  const info = {
    Id: ID,
    Name: '/web',
    Created: '2026-01-02T03:04:05.123456789Z',
    Image: 'sha256:1',
    RestartCount: 0,
    Mounts: [],
    ...given,
    State: {
      Status: 'running',
      OOMKilled: false,
      ExitCode: 0,
      Error: '',
      StartedAt: '2026-01-02T03:04:06.000000001Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...given['State'],
    },
    Config: { Image: 'app', Labels: null, Tty: false, OpenStdin: false, ...given['Config'] },
    HostConfig: { RestartPolicy: { Name: '', MaximumRetryCount: 0 }, ...given['HostConfig'] },
    NetworkSettings: { Ports: {}, Networks: {}, ...given['NetworkSettings'] },
  };
  return JSON.parse(JSON.stringify(info)) as ContainerInspectInfo;
}

test('times keep their nanoseconds, and the year 1 is left out', () => {
  const seen = observedContainer(inspected());
  expect([seen.created_at, seen.started_at, seen.finished_at]).toEqual([
    '2026-01-02T03:04:05.123456789Z',
    '2026-01-02T03:04:06.000000001Z',
    undefined,
  ]);
});

test('an exit code is there only when it has ended', () => {
  expect(observedContainer(inspected()).exit_code).toBeUndefined();
  expect(observedContainer(inspected({ State: { Status: 'created' } })).exit_code).toBeUndefined();
  expect(observedContainer(inspected({ State: { Status: 'exited', ExitCode: 3 } })).exit_code).toBe(3);
});

test('a port of all addresses is there once, others each', () => {
  const Ports = {
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
      { HostIp: '127.0.0.1', HostPort: '9090' },
    ],
    '53/udp': [{ HostIp: '::', HostPort: '53' }],
    '443/tcp': null,
  };
  expect(observedContainer(inspected({ NetworkSettings: { Ports } })).ports).toEqual([
    { host_ip: '0.0.0.0', host: 8080, container: 80, protocol: 'tcp' },
    { host_ip: '127.0.0.1', host: 9090, container: 80, protocol: 'tcp' },
    { host_ip: '::', host: 53, container: 53, protocol: 'udp' },
  ]);
});

test('volumes without a name of their own are anonymous; binds and named ones are not', () => {
  const Mounts = [
    { Type: 'volume', Name: 'f'.repeat(64), Source: '/var/lib/x', Destination: '/data', RW: true },
    { Type: 'volume', Name: 'pgdata', Source: '/var/lib/y', Destination: '/pg', RW: true },
    { Type: 'bind', Source: '/srv', Destination: '/srv', RW: false },
    { Type: 'cluster', Source: 'z', Destination: '/z', RW: true },
  ];
  expect(observedContainer(inspected({ Mounts })).mounts).toEqual([
    { type: 'volume', container: '/data', source: 'f'.repeat(64), anonymous: true, mode: 'rw' },
    { type: 'volume', container: '/pg', source: 'pgdata', anonymous: false, mode: 'rw' },
    { type: 'bind', container: '/srv', source: '/srv', anonymous: false, mode: 'ro' },
    { type: 'other', container: '/z', source: 'z', anonymous: false, mode: 'rw' },
  ]);
});

test('the id is no alias, though an alias may begin as the id does', () => {
  const Networks = {
    net: { NetworkID: 'n', IPAddress: '', Aliases: ['ab', ID.slice(0, 12)], DNSNames: ['web'] },
  };
  expect(observedContainer(inspected({ NetworkSettings: { Networks } })).networks).toEqual([
    { network: 'net', network_id: 'n', aliases: ['ab', 'web'] },
  ]);
});

test('limits, policy, health and a failed start come in our words', () => {
  const seen = observedContainer(
    inspected({
      State: { Status: 'created', Error: 'no such file', Health: { Status: 'unhealthy' } },
      HostConfig: {
        Memory: 1024,
        NanoCpus: 1_100_000_000,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        LogConfig: { Type: 'local' },
      },
    }),
  );
  expect(seen).toMatchObject({
    memory_limit: 1024,
    cpu_limit: 1.1,
    restart_policy: 'on-failure:3',
    health: 'unhealthy',
    error: 'no such file',
    log_driver: 'local',
    labels: {},
  });
  expect(observedContainer(inspected())).toMatchObject({ restart_policy: 'no', health: 'none' });
  expect('memory_limit' in observedContainer(inspected())).toBe(false);
});
