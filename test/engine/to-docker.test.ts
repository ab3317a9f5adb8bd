import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { CreateContainer } from '../../src/engine/port/container-calls.ts';
import { toDocker } from '../../src/engine/to-docker.ts';

const body = (spec: ContainerSpec, given: Partial<CreateContainer> = {}) =>
  toDocker(
    {
      name: 'web',
      spec,
      restart_policy: 'no',
      aliases: ['web'],
      labels: {},
      keep_volumes: {},
      ...given,
    },
    '1.45',
  );

test('what a spec leaves out has the meaning that the house gives it', () => {
  expect(body({})).toEqual({
    Image: 'alpine:latest',
    Labels: {},
    StopTimeout: 10,
    HostConfig: {
      LogConfig: { Type: 'local', Config: { 'max-size': '100m', 'max-file': '2', compress: 'false' } },
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      Init: true,
    },
  });
});

test('an engine whose local driver loses the ends of long lines keeps its logs as json-file', () => {
  const request = { name: 'web', spec: {}, restart_policy: 'no', aliases: [], labels: {}, keep_volumes: {} };
  expect(toDocker(request, '1.41').HostConfig.LogConfig).toEqual({
    Type: 'json-file',
    Config: { 'max-size': '100m', 'max-file': '2' },
  });
});

test('every field reaches the engine', () => {
  const spec: ContainerSpec = {
    image: 'registry.test:5000/app',
    command: ['run', 'it now'],
    entrypoint: ['/entry', '-x'],
    env: { A: '1', EMPTY: '', SPACED: 'a b=c' },
    ports: [
      { host: 8080, container: 80 },
      { container: 80 },
      { host: 53, container: 53, protocol: 'udp', host_ip: '127.0.0.1' },
    ],
    network: 'myapp-net',
    volumes: [
      { host: '/srv', container: '/srv', mode: 'ro' },
      { name: 'data', container: '/data' },
    ],
    work_dir: '/work',
    interactive: true,
    labels: { role: 'web', 'berth.x': 'forged' },
    user: '1000:1000',
    hostname: 'web.test',
    health_check: { test: 'true', interval: 0.5, timeout: 2, retries: 4, start_period: 60 },
    memory_limit: 536_870_912,
    cpu_limit: 1.1,
    init: false,
    stop_signal: 'SIGINT',
    stop_timeout: 1.5,
  };
  const given = { restart_policy: 'on-failure:3', labels: { 'berth.x': 'ours' }, aliases: ['web', 'w'] };
  expect(body(spec, given)).toEqual({
    Image: 'registry.test:5000/app:latest',
    Cmd: ['run', 'it now'],
    Entrypoint: ['/entry', '-x'],
    Env: ['A=1', 'EMPTY=', 'SPACED=a b=c'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    NetworkingConfig: { EndpointsConfig: { 'myapp-net': { Aliases: ['web', 'w'] } } },
    WorkingDir: '/work',
    OpenStdin: true,
    StdinOnce: false,
    Labels: { role: 'web', 'berth.x': 'ours' },
    User: '1000:1000',
    Hostname: 'web.test',
    Healthcheck: {
      Test: ['CMD-SHELL', 'true'],
      Interval: 5e8,
      Timeout: 2e9,
      Retries: 4,
      StartPeriod: 6e10,
    },
    StopSignal: 'SIGINT',
    StopTimeout: 2,
    HostConfig: {
      LogConfig: { Type: 'local', Config: { 'max-size': '100m', 'max-file': '2', compress: 'false' } },
      Binds: ['/srv:/srv:ro'],
      Mounts: [{ Type: 'volume', Source: 'data', Target: '/data', ReadOnly: false }],
      PortBindings: {
        '80/tcp': [
          { HostIp: '', HostPort: '8080' },
          { HostIp: '', HostPort: '' },
        ],
        '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
      },
      NetworkMode: 'myapp-net',
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      Memory: 536_870_912,
      NanoCpus: 1_100_000_000,
      Init: false,
    },
  });
});

test.each([
  ["nginx -g 'daemon off;'", ['nginx', '-g', 'daemon off;']],
  ['postgres', ['postgres']],
  ['echo a | wc', ['sh', '-c', 'echo a | wc']],
])('the command `%s` runs as %j', (command, words) => {
  expect(body({ command }).Cmd).toEqual(words);
});

test('args are exact, and an empty entrypoint is none', () => {
  expect(body({ args: ['a b', '$X'] }).Cmd).toEqual(['a b', '$X']);
  expect(body({ entrypoint: [] }).Entrypoint).toEqual(['']);
});

test.each(['bridge', 'host', 'none', 'default'])(
  'aliases are not asked for on the engine’s own network %s',
  (network) => {
    expect(body({ network })).toMatchObject({ HostConfig: { NetworkMode: network } });
    expect(body({ network }).NetworkingConfig).toBeUndefined();
  },
);

test('anonymous volumes are mounted again, but not where the spec now mounts something else', () => {
  const kept = { '/kept': 'a'.repeat(64), '/data': 'b'.repeat(64) };
  const { HostConfig } = body({ volumes: [{ host: '/srv', container: '/data/' }] }, { keep_volumes: kept });
  expect(HostConfig.Mounts).toEqual([
    { Type: 'volume', Source: 'a'.repeat(64), Target: '/kept', ReadOnly: false },
  ]);
  expect(HostConfig.Binds).toEqual(['/srv:/data/:rw']);
  const anonymous = { type: 'volume', target: '/kept/' } as const;
  const again = body({ mounts: [anonymous] }, { keep_volumes: { '/kept': 'a'.repeat(64) } });
  expect(again.HostConfig.Mounts).toEqual([
    expect.objectContaining({ Source: 'a'.repeat(64), Target: '/kept/' }),
  ]);
});

test.each([
  [
    ['CMD', 'a'],
    ['CMD', 'a'],
  ],
  [['NONE'], ['NONE']],
  [
    ['pg_isready', '-q'],
    ['CMD', 'pg_isready', '-q'],
  ],
])('the health check %j is %j to the engine', (given, expected) => {
  expect(body({ health_check: { test: given } }).Healthcheck).toMatchObject({ Test: expected });
});
