import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/plan/desired.ts';
import { healingNow, healingReason, isHealingDue, isStopDue, isUnhealthy } from '../../src/plan/healing.ts';
import type { ObservedContainer } from '../../src/plan/observed.ts';
import { looked as lookedAt, stateFor } from '../../src/plan/probes/probe-judgement.ts';
import { aContainer, aDesired, aSpec } from '../support/plan-builders.ts';

const ill = aContainer({ health: 'unhealthy' });
const well = aContainer({ health: 'healthy' });
const wants = (
  on_unhealthy: 'none' | 'restart' | 'stop' | 'rollback',
  given: Partial<Desired> = {},
): Desired => aDesired({ spec: aSpec({ on_unhealthy }), ...given });
const looked = (desired: Desired, seen: ObservedContainer, at: number): Desired => {
  const healing = healingNow(desired, seen, at);
  const { healing: _, ...rest } = desired;
  return healing === undefined ? rest : { ...rest, healing };
};

describe('what is not well', () => {
  test('is what runs, and whose health check or live probe has failed', () => {
    expect(isUnhealthy(wants('none'), ill)).toBe(true);
    expect(isUnhealthy(wants('none'), well)).toBe(false);
    const live = { tcp: { port: 80 } };
    const spec = aSpec({ probes: { live } });
    const { id: engine_id, started_at = '' } = well;
    const begun = stateFor({ live }, { engine_id, started_at }, null, 0);
    const look = { ok: false, output: 'refused', at: 0 };
    const probe_state = [1, 2, 3].reduce((state) => lookedAt({ live }, state, 'live', look), begun);
    expect(isUnhealthy(aDesired({ spec, probe_state }), well)).toBe(true);
    expect(isUnhealthy(aDesired({ spec, probe_state }), aContainer({ state: 'exited' }))).toBe(false);
  });

  test('is restarted, more and more rarely, and at once again when it was well for long', () => {
    const first = wants('restart');
    expect(isHealingDue(first, ill, 0)).toBe(true);
    const second = looked(first, ill, 0);
    expect(second.healing).toEqual({ restarts: 1, last_at: 0, next_at: 10_000 });
    expect(isHealingDue(second, ill, 9999)).toBe(false);
    expect(looked(second, ill, 9999).healing).toEqual(second.healing);
    expect(isHealingDue(second, ill, 10_000)).toBe(true);
    let many = second;
    for (let at = 10_000, n = 0; n < 20; n++, at = many.healing?.next_at ?? 0) many = looked(many, ill, at);
    const { restarts = 0, last_at = 0, next_at = 0 } = many.healing ?? {};
    expect([restarts, next_at - last_at]).toEqual([21, 300_000]);
    expect(looked(many, well, last_at + 1000).healing).toEqual(many.healing);
    expect(looked(many, well, last_at + 600_000).healing).toBeUndefined();
  });

  test('says why it was restarted, and when it is again', () => {
    const desired = looked(wants('restart'), ill, 0);
    expect(healingReason(desired, ill)?.message).toBe(
      'was not well, and was restarted once for it, next at 1970-01-01T00:00:10.000Z',
    );
    expect(healingReason(desired, aContainer({ health: 'starting' }))?.message).toBe(
      'was not well, and was restarted once for it',
    );
    expect(healingReason(desired, well)).toBeUndefined();
    expect(healingReason(wants('restart'), ill)).toBeUndefined();
  });

  test('is stopped once, stays so, and is forgotten when it is started again', () => {
    const desired = wants('stop');
    expect(isStopDue(desired, ill)).toBe(true);
    const stopped = { ...looked(desired, ill, 5), state: 'stopped' as const };
    expect(stopped.healing).toMatchObject({ stopped: true });
    expect(looked(stopped, aContainer({ state: 'exited' }), 10).healing).toEqual(stopped.healing);
    expect(healingReason(stopped, undefined)?.message).toBe('stopped, since it was not well');
    expect(looked({ ...stopped, state: 'running' }, well, 20).healing).toBeUndefined();
  });

  test('is left alone without a word for it, and as a member that its group rolls back', () => {
    const member = { group: 'shop', service: 'web', replica: null };
    expect(isHealingDue(wants('none'), ill, 0)).toBe(false);
    expect(isHealingDue(wants('rollback'), ill, 0)).toBe(true);
    expect(isHealingDue(wants('rollback', { member }), ill, 0)).toBe(false);
    expect(isHealingDue(wants('restart', { member }), ill, 0)).toBe(true);
  });

  test('is taken back, and not restarted, while it is not proven', () => {
    const replacing = {
      engine_id: ill.id,
      former: null,
      failed: null,
      generation: 1,
      run: null,
      since: 0,
      ready_since: null,
      proven: false,
      cuts: null,
      drain_until: null,
    };
    const replacement = { order: 'stop_first', drain: 0, monitor: 1, timeout: 1 } as const;
    expect(isHealingDue(wants('restart', { replacement, replacing }), ill, 0)).toBe(false);
    expect(
      isHealingDue(wants('restart', { replacement, replacing: { ...replacing, proven: true } }), ill, 0),
    ).toBe(true);
  });
});
