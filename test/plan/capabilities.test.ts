import { expect, test } from 'vitest';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import {
  capabilitiesOf,
  type EngineFacts,
  lackingCapabilities,
  needsAbilities,
  unsupportedFields,
} from '../../src/plan/capabilities.ts';
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
