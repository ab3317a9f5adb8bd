import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { containerSpec } from '../../contracts/container-spec.ts';
import { restartPolicyOf } from '../../src/plan/restart-policy.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import { aSpec } from '../support/plan-builders.ts';

const golden = z
  .array(
    z.strictObject({
      spec: containerSpec,
      name: z.string(),
      aliases: z.array(z.string()),
      declared: z.boolean(),
      spec_hash: z.string(),
      recreate_hash: z.string(),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('spec-hash.golden.json', import.meta.url), 'utf8')));

const EXTRAS = { name: 'cache', aliases: ['cache'], restart_policy: 'no' };

describe('the hashes of a spec', () => {
  test('are those of every release before: an upgrade recreates nothing', () => {
    expect(golden.length).toBeGreaterThanOrEqual(50);
    for (const { spec, name, aliases, declared, spec_hash, recreate_hash } of golden) {
      const extras = { name, aliases, restart_policy: restartPolicyOf(spec, declared) };
      expect({ spec, spec_hash: specHash(spec, extras), recreate_hash: recreateHash(spec, extras) }).toEqual({
        spec,
        spec_hash,
        recreate_hash,
      });
    }
  });

  test('do not depend on the order of keys or aliases, nor on fields that are absent or undefined', () => {
    const unset: object = { user: undefined };
    const one = { env: { A: '1', B: '2' }, image: 'a', ...unset };
    const other = { env: { B: '2', A: '1' }, image: 'a' };
    expect(specHash(one, { ...EXTRAS, aliases: ['b', 'a'] })).toBe(
      specHash(other, { ...EXTRAS, aliases: ['a', 'b'] }),
    );
  });

  test('depend on the order of lists, in which order means something', () => {
    const hash = (args: string[]): string => specHash(aSpec({ args }), EXTRAS);
    expect(hash(['a', 'b'])).not.toBe(hash(['b', 'a']));
    expect(hash(['a b'])).not.toBe(hash(['a', 'b']));
  });

  test.for([{ image: 'redis:8' }, { memory_limit: 1 }, { cpu_limit: 1 }, { restart_policy: 'always' }])(
    'let %j be told without a recreate',
    (change) => {
      const extras = { ...EXTRAS, restart_policy: restartPolicyOf(change, false) };
      expect(specHash(aSpec(change), extras)).not.toBe(specHash(aSpec(), EXTRAS));
      expect(recreateHash(aSpec(change), extras)).toBe(recreateHash(aSpec(), EXTRAS));
    },
  );

  test('tell another name without a recreate, another alias with one', () => {
    expect(specHash(aSpec(), { ...EXTRAS, name: 'other' })).not.toBe(specHash(aSpec(), EXTRAS));
    expect(recreateHash(aSpec(), { aliases: ['other'] })).not.toBe(recreateHash(aSpec(), EXTRAS));
  });

  test('name their version', () => {
    expect(specHash(aSpec(), EXTRAS)).toMatch(/^h1:[0-9a-f]{32}$/);
  });
});
