import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { enabledPlugins } from '../../src/engine/system-from-docker.ts';
import {
  capabilitiesOf,
  lackingCapabilities,
  needsAbilities,
  unsupportedFields,
} from '../../src/plan/capabilities/capabilities.ts';
import type { EngineFacts } from '../../src/plan/capabilities/engine-facts.ts';
import { speaks } from '../../src/plan/speaks.ts';

const facts = async (api: string): Promise<EngineFacts> => {
  const { system } = openMemoryEngine();
  return { version: { ...(await system.ping()), api }, info: await system.info() };
};

test('versions are compared as numbers', () => {
  expect(speaks('1.100', '1.45')).toBe(true);
  expect(speaks('1.9', '1.45')).toBe(false);
  expect(speaks('1.45', '1.45')).toBe(true);
});

test('what a version or a machine lacks is listed with why, all of it', async () => {
  const old = await facts('1.41');
  expect(
    lackingCapabilities(old, ['platform', 'annotations', 'volume_subpath', 'gpus', 'cgroup_v2']),
  ).toEqual([
    expect.objectContaining({
      name: 'annotations',
      why: 'it needs API 1.43, and 1.41 is spoken with this engine',
    }),
    expect.objectContaining({ name: 'volume_subpath' }),
    expect.objectContaining({ name: 'gpus', why: 'no vendor’s runtime is registered' }),
  ]);
  expect(lackingCapabilities(await facts('1.45'), ['annotations', 'volume_subpath'])).toEqual([]);
  expect(capabilitiesOf(old).every(({ available, why }) => available === (why === undefined))).toBe(true);
});

test('all that a spec asks of an engine and it has not is listed, with why', async () => {
  const { version, info } = await facts('1.41');
  const limits = { ...info.limits, swap: false, cpuset: false, pids: false, memory: false };
  const poor = {
    version,
    info: { ...info, limits, security: [], runtimes: ['runc'], log_drivers: ['local'], cgroup_version: '2' },
  };
  const spec = {
    ...{ memory_limit: 64, memory_swap: 96, cpuset_cpus: '0', pids_limit: 5, memory_swappiness: 1 },
    ...{ annotations: { a: 'b' }, runtime: 'kata', logging: { driver: 'gelf' } },
    security_opt: ['apparmor=mine', 'label=type:x', 'seccomp={}', 'no-new-privileges'],
    mounts: [{ type: 'volume' as const, target: '/a', volume: { subpath: 'b' } }],
  };
  const missing = unsupportedFields(spec, poor);
  expect(missing.map((text) => text.split(':')[0]).toSorted()).toEqual([
    'annotations',
    'cpuset_cpus',
    'logging.driver',
    'memory_limit',
    'memory_swap',
    'memory_swappiness',
    'mounts.volume.subpath',
    'pids_limit',
    'runtime',
    'security_opt apparmor',
    'security_opt label',
    'security_opt seccomp',
  ]);
  expect(missing).toContain('runtime: it has no kata (it has runc)');
  expect(needsAbilities(spec)).toBe(true);
});

test('what asks for nothing, or only says that it goes without, goes everywhere', async () => {
  const { version, info } = await facts('1.45');
  const limits = { ...info.limits, swap: false, pids: false };
  const off = ['apparmor=unconfined', 'seccomp:unconfined', 'label=disable', 'no-new-privileges:true'];
  const spec = { memory_swap: -1, memory_limit: 64, pids_limit: -1, security_opt: off, gpus: 'all' as const };
  expect(unsupportedFields(spec, { version, info: { ...info, limits, security: [] } })).toEqual([]);
  expect(needsAbilities({ image: 'a', pids_limit: -1, security_opt: off })).toBe(false);
  expect(unsupportedFields({ kernel_memory: 64 }, { version, info })).toEqual([
    'kernel_memory: it ended with API 1.41, and 1.45 is spoken with this engine',
  ]);
});

describe('what an engine has no field for', () => {
  const rate = [{ path: '/dev/sda', rate: 1 }];
  const LIMITS: readonly (readonly [ContainerSpec, readonly [string, string]])[] = [
    [{ blkio_weight: 300 }, ['No blkio weight support', 'No io.weight support']],
    [
      { blkio_weight_device: [{ path: '/dev/sda', weight: 200 }] },
      ['No blkio weight_device support', 'No io.weight (per device) support'],
    ],
    [{ device_read_bps: rate }, ['No blkio throttle.read_bps_device support', 'No io.max (rbps) support']],
    [{ device_write_bps: rate }, ['No blkio throttle.write_bps_device support', 'No io.max (wbps) support']],
    [{ device_read_iops: rate }, ['No blkio throttle.read_iops_device support', 'No io.max (riops) support']],
    [
      { device_write_iops: rate },
      ['No blkio throttle.write_iops_device support', 'No io.max (wiops) support'],
    ],
  ];
  const whole = Object.assign({}, ...LIMITS.map(([spec]) => spec));

  test.for(LIMITS)('is told by its warnings: %o', async ([spec, warnings]) => {
    const { version, info } = await facts('1.45');
    const [field] = Object.keys(spec);
    expect(unsupportedFields(spec, { version, info })).toEqual([]);
    for (const warning of warnings) {
      const poor = { version, info: { ...info, warnings: [`WARNING: ${warning}`, 'WARNING: No swap'] } };
      // It and nothing else of the kind.
      expect(unsupportedFields(whole, poor)).toEqual([
        `${field}: the machine’s kernel or cgroups do not have it`,
      ]);
    }
  });

  test('is told by its cgroups, as is time in real time', async () => {
    const { version, info } = await facts('1.45');
    const spec = { cpu_rt_period: 1_000_000, cpu_rt_runtime: 95_000 };
    const why = 'cgroups of version 2 do not have it';
    expect(unsupportedFields(spec, { version, info: { ...info, cgroup_version: '2' } })).toEqual([
      `cpu_rt_period: ${why}`,
      `cpu_rt_runtime: ${why}`,
    ]);
    expect(unsupportedFields(spec, { version, info: { ...info, cgroup_version: '1' } })).toEqual([]);
  });
});

test('devices by their interface need an engine that has it switched on; by a vendor’s runtime nobody can tell', async () => {
  const { version, info } = await facts('1.45');
  const spec = { gpus: [{ driver: 'cdi', device_ids: ['nvidia.com/gpu=all'] }] };
  expect(unsupportedFields(spec, { version, info })).toEqual(['gpus.driver: it is not switched on']);
  expect(unsupportedFields(spec, { version, info: { ...info, cdi: true } })).toEqual([]);
  expect(unsupportedFields({ gpus: 2 }, { version, info })).toEqual([]);
  expect(unsupportedFields(spec, await facts('1.43'))).toEqual([
    'gpus.driver: it needs API 1.44, and 1.43 is spoken with this engine',
  ]);
});

test('a plugin that has to be installed, and is not, is missing before anything is made with it', async () => {
  const { version, info } = await facts('1.45');
  const spec: ContainerSpec = {
    volume_driver: 'vieux/sshfs',
    mounts: [
      { type: 'volume', target: '/a', volume: { driver: 'rexray/ebs:0.11' } },
      { type: 'volume', target: '/b', volume: { driver: 'rexray/ebs:0.11' } },
      // It may be one that is found once it is asked for.
      { type: 'volume', target: '/c', volume: { driver: 'nfs' } },
    ],
    logging: { driver: 'grafana/loki:main' },
  };
  const all = { log_drivers: ['local'], volume_drivers: ['local'] };
  const poor = { version, info: { ...info, ...all }, plugins: ['other/one:latest'] };
  expect(unsupportedFields(spec, poor)).toEqual([
    'logging.driver: it has no grafana/loki:main (it has local, other/one:latest)',
    'volume_driver: it has no vieux/sshfs (it has local, other/one:latest)',
    'mounts.volume.driver: it has no rexray/ebs:0.11 (it has local, other/one:latest)',
  ]);
  const plugins = ['vieux/sshfs:latest', 'rexray/ebs:0.11', 'grafana/loki:main', 'loki:latest'];
  expect(unsupportedFields(spec, { ...poor, plugins })).toEqual([]);
  expect(unsupportedFields({ logging: { driver: 'loki' } }, { ...poor, plugins })).toEqual([]);
  const { plugins: _, ...unknown } = poor;
  expect(unsupportedFields({ volume_driver: 'vieux/sshfs' }, unknown)).toEqual([]);
  expect(
    enabledPlugins([
      { Name: 'a:latest', Enabled: true },
      { Name: 'b:1', Enabled: false },
    ]),
  ).toEqual(['a:latest']);
});
