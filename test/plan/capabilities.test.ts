import { expect, test } from 'vitest';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import {
  capabilitiesOf,
  type EngineFacts,
  lackingCapabilities,
  speaks,
} from '../../src/plan/capabilities.ts';

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
