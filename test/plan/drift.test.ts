import { describe, expect, test } from 'vitest';
import { acceptedAfter } from '../../src/plan/accepted.ts';
import { settingsOf } from '../../src/plan/fields/differences.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { Observed } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { countRepair, heldUntil, type Repairs, repairOf } from '../../src/plan/repair.ts';
import { step } from '../../src/plan/steps.ts';
import { tellDifferences } from '../../src/plan/tell-differences.ts';
import { aContainer, aDesired, anExited, anImage, anObserved, aSpec } from '../support/plan-builders.ts';

const image = anImage({ config: { env: { PATH: '/bin' } } });
const spec = aSpec({ env: { A: '1' } });
const settings = settingsOf(spec, image);
const reached = aDesired({ spec, started: true, reached: true, applied: true });
const byHand = aContainer({ settings: { ...settings, env: { A: '2', PATH: '/bin' } } }, spec);

const planned = (desired: typeof reached, observed: Observed) => formatPlan(planContainer(desired, observed));
const said = (observed: Observed, desired = reached) => {
  const plan = planContainer(desired, observed);
  const repair = repairOf(desired, observed, plan.kind === 'steps' ? plan.steps : []);
  return repair && `${repair.found}; ${repair.done}`;
};

describe('a container with our labels that is not as its spec says', () => {
  test('is made anew', () => {
    expect(planned(reached, anObserved({ container: byHand, image }))).toContain(
      'create_container cache (not as it was made: env.A)',
    );
    expect(said(anObserved({ container: byHand, image }))).toBe('not as it was made: env.A; made anew');
  });

  test('is left when that is how its engine shows what it was asked for, and not when it shows something else again', () => {
    const made = [step({ type: 'create_container' } as never, 'made')];
    const accepted = acceptedAfter(made, reached, byHand, image);
    expect(JSON.stringify(accepted)).not.toContain('"2"');
    expect(planned({ ...reached, accepted }, anObserved({ container: byHand, image }))).toBe('');
    const later = { ...byHand, settings: { ...settings, env: { A: '3', PATH: '/bin' } } };
    expect(planned({ ...reached, accepted }, anObserved({ container: later, image }))).toContain('env.A');
    const another = { ...byHand, id: 'an0ther' };
    expect(planned({ ...reached, accepted }, anObserved({ container: another, image }))).toContain('env.A');
    expect(acceptedAfter([], { ...reached, accepted }, byHand, image)).toEqual(accepted);
    expect(acceptedAfter([], reached, byHand, image).fields).toEqual({});
  });

  test('is left when a former version of ours made it', () => {
    const accepted = { engine_id: byHand.id, fields: 'all' } as const;
    expect(planned({ ...reached, accepted }, anObserved({ container: byHand, image }))).toBe('');
  });

  test('is not made anew when it has come to its end', () => {
    const ended = anExited(0, { settings: { ...byHand.settings }, restart_policy: 'no' }, spec);
    const once = { ...reached, spec: { ...spec, restart_policy: 'no' } };
    expect(planned(once, anObserved({ container: ended, image: anImage({ id: 'sha256:moved' }) }))).toBe('');
  });
});

test('a limit that somebody changed is set back, also one that a kernel may not keep', () => {
  const limited = aDesired({ spec: aSpec({ cpu_shares: 512 }), started: true, reached: true, applied: true });
  const seen = aContainer({ cpu_shares: 100 }, limited.spec);
  const accepted = { engine_id: seen.id, fields: {} };
  expect(planned({ ...limited, accepted }, anObserved({ container: seen, image }))).toBe(
    'update_container cache (cpu_shares changed)',
  );
  expect(planned(limited, anObserved({ container: seen, image }))).toBe('');
});

test('a container whose volume is gone, or that could not be run at all, is made anew', () => {
  const wants = aDesired({ spec: aSpec({ volumes: [{ name: 'data', container: '/data' }] }) });
  const mounts = [
    { type: 'volume', container: '/data', source: 'data', anonymous: false, mode: 'rw' } as const,
  ];
  const seen = aContainer({ mounts }, wants.spec);
  expect(planned(wants, anObserved({ container: seen, image }))).toContain('its volume data is gone');
  expect(planned(wants, anObserved({ container: seen, image, volumes: { data: 'ours' } }))).toBe('');
  for (const code of [-1, -127])
    expect(planned(reached, anObserved({ container: anExited(code, {}, spec), image }))).toContain(
      `create_container cache (ended with ${code})`,
    );
});

describe('what somebody else did', () => {
  test('is said with what was done about it', () => {
    expect(said(anObserved({ image }))).toBe('removed by somebody else; made anew');
    expect(said(anObserved({ container: anExited(137, {}, spec), image }))).toBe(
      'stopped by somebody else at 2026-01-01T00:00:02Z (exit code 137); started again',
    );
    expect(said(anObserved({ container: aContainer({ name: 'other' }, spec), image }))).toBe(
      'renamed to other by somebody else; named again',
    );
    expect(said(anObserved({ container: aContainer({ restart_policy: 'no' }, spec), image }))).toBe(
      'restart_policy changed; set back',
    );
    const joined = { ...reached, ...aDesired({ spec: { ...spec, network: 'net' } }), reached: true };
    expect(said(anObserved({ container: aContainer({}, spec), image }), joined)).toContain('made anew');
  });

  test('is nobody’s doing before it was as it should be', () => {
    expect(said(anObserved({ image }), { ...reached, reached: false })).toBeUndefined();
    expect(said(anObserved({ container: aContainer({}, spec), image }))).toBeUndefined();
  });

  test('is set right at once the first times, then after longer and longer, and is forgotten', () => {
    let repairs: Repairs | null = null;
    const waits: number[] = [];
    for (let now = 0; waits.length < 11; ) {
      repairs = countRepair(repairs, now);
      const until = heldUntil(repairs, now) ?? now;
      waits.push((until - now) / 1000);
      now = until;
    }
    expect(waits).toEqual([0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(countRepair({ count: 9, at: 0 }, 601_000)).toEqual({ count: 1, at: 601_000 });
  });
});

test('differences are told for people, and what looks like a secret is masked', () => {
  const wants = aDesired({ spec: aSpec({ env: { DB_PASSWORD: 'new', PORT: '81' }, memory_limit: 2 }) });
  const seen = aContainer({
    memory_limit: 1,
    settings: { ...settings, env: { DB_PASSWORD: 'old', PORT: '80', PATH: '/bin' } },
  });
  const to = anImage({ id: 'sha256:0123456789abcdef' });
  expect(tellDifferences(wants, seen, { from: image, to })).toEqual([
    { field: 'image', from: 'redis:7 (redis-7)', to: 'redis:7 (0123456789ab)' },
    { field: 'env.DB_PASSWORD', from: '***', to: '***' },
    { field: 'env.PORT', from: '80', to: '81' },
    { field: 'memory_limit', from: 1, to: 2 },
  ]);
});
