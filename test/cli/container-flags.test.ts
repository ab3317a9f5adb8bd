import { Command } from 'commander';
import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { addContainerFlags, draftOf } from '../../src/cli/container-flags/add-flags.ts';
import type { Draft } from '../../src/cli/container-flags/flag.ts';

/** What a command line makes. */
const made = (...words: string[]): Draft => {
  let draft: Draft = {};
  const command = addContainerFlags(new Command('create'))
    .argument('<image>')
    .argument('[command...]')
    .passThroughOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((image: string, rest: string[], options: Record<string, unknown>) => {
      draft = draftOf(image, rest, options);
    });
  command.parse([...words], { from: 'user' });
  return draft;
};
const wrong = (...words: string[]): boolean => {
  try {
    made(...words);
    return false;
  } catch (error) {
    return isContractError(error, 'invalid_input');
  }
};

test.for<readonly [string, Draft]>([
  ['busybox', { image: 'busybox' }],
  ['busybox ls -l -e', { image: 'busybox', args: ['ls', '-l', '-e'] }],
  [
    '--name ex --rm -i -e A=1 -e B=a=b x',
    { name: 'ex', auto_remove: true, interactive: true, env: { A: '1', B: 'a=b' }, image: 'x' },
  ],
  [
    '-p 80 -p 8080:81/udp -p 127.0.0.1:1-2:3-4 -p [::1]::5 x',
    {
      image: 'x',
      ports: [
        { container: 80 },
        { container: 81, host: 8080, protocol: 'udp' },
        { container: 3, host: 1, host_ip: '127.0.0.1' },
        { container: 4, host: 2, host_ip: '127.0.0.1' },
        { container: 5, host_ip: '::1' },
      ],
    },
  ],
  [
    '-v /srv:/srv:ro -v data:/data -v /own x',
    {
      image: 'x',
      volumes: [
        { host: '/srv', container: '/srv', mode: 'ro' },
        { name: 'data', container: '/data' },
      ],
      mounts: [{ type: 'volume', target: '/own' }],
    },
  ],
  [
    '--mount type=bind,src=/a,dst=/b,ro,bind-propagation=rslave --mount type=tmpfs,target=/t,tmpfs-size=1m x',
    {
      image: 'x',
      mounts: [
        { type: 'bind', source: '/a', target: '/b', read_only: true, bind: { propagation: 'rslave' } },
        { type: 'tmpfs', target: '/t', tmpfs: { size: '1m' } },
      ],
    },
  ],
  ['--network net x', { image: 'x', network: 'net' }],
  ['--network host x', { image: 'x', network_mode: 'host' }],
  [
    '--network one --network two --network-alias n --ip 10.0.0.9 x',
    {
      image: 'x',
      networks: { one: { aliases: ['n'], ipv4_address: '10.0.0.9' }, two: {} },
    },
  ],
  [
    '-m 512m --cpus 1.5 --memory-swap -1 --pids-limit 10 --ulimit nofile=1:2 --ulimit core=0 x',
    {
      image: 'x',
      memory_limit: '512m',
      cpu_limit: 1.5,
      memory_swap: -1,
      pids_limit: 10,
      ulimits: { nofile: { soft: 1, hard: 2 }, core: 0 },
    },
  ],
  [
    '--no-init -h web --entrypoint env --no-healthcheck --gpus all x',
    {
      image: 'x',
      init: false,
      hostname: 'web',
      entrypoint: ['env'],
      health_check: { test: ['NONE'] },
      gpus: 'all',
    },
  ],
  [
    '--init --health-cmd true --health-retries 2 --health-interval 5s x',
    {
      image: 'x',
      init: true,
      health_check: { test: 'true', retries: 2, interval: '5s' },
    },
  ],
  [
    '--log-driver json-file --log-opt max-size=1m --sysctl net.core.somaxconn=9 --device-read-bps /dev/sda:1m x',
    {
      image: 'x',
      logging: { driver: 'json-file', options: { 'max-size': '1m' } },
      sysctls: { 'net.core.somaxconn': '9' },
      device_read_bps: [{ path: '/dev/sda', rate: '1m' }],
    },
  ],
])('`berth create %s` asks for what docker would', ([words, expected]) => {
  const draft = made(...words.split(' '));
  expect(draft).toEqual(expected);
  expect(containers.methods.create.input.safeParse(draft).error).toBeUndefined();
});

test('what cannot be read is a wrong input, and says how to write it', () => {
  expect(wrong('-p', 'eighty', 'x')).toBe(true);
  expect(wrong('-p', '1-3:1-2', 'x')).toBe(true);
  expect(wrong('-v', '/a:/b:shared', 'x')).toBe(true);
  expect(wrong('--mount', 'type=bind,where=/a', 'x')).toBe(true);
  expect(wrong('-e', 'HOME', 'x')).toBe(true);
  expect(wrong('--network', 'host', '--network', 'net', 'x')).toBe(true);
  expect(wrong('--network-alias', 'n', 'x')).toBe(true);
});
