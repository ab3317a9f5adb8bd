import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { Outcome } from '../../../src/reconcile/surroundings.ts';
import { type ContainerRow, NO_GROUP } from '../../../src/store/container-row.ts';
import { desiredOf } from '../../../src/worker/desired-of.ts';
import { verdictOf } from '../../../src/worker/row/verdict.ts';
import { aNewContainer } from '../../support/builders.ts';
import { aContainer, anExited } from '../../support/plan-builders.ts';

const NOW = 1_000_000;

function aRow(given: Partial<ContainerRow> = {}): ContainerRow {
  return {
    ...aNewContainer(),
    ...NO_GROUP,
    generation: 2,
    restart_from: null,
    keep_volumes: false,
    replacement: null,
    replacing: null,
    leaving: null,
    healing: null,
    status: 'starting',
    health: 'none',
    ready: false,
    probe_state: null,
    exit_code: null,
    reason: null,
    attempt: 1,
    failures: 0,
    next_attempt_at: null,
    completed: false,
    waits_for: null,
    waits_since: null,
    completed_hash: null,
    engine_id: null,
    image_id: null,
    applied_hash: null,
    applied_generation: 0,
    begun: null,
    accepted: null,
    repairs: null,
    observed: null,
    observed_at: null,
    removed_at: null,
    due_at: null,
    claimed_by: 'w1',
    claim_token: 1,
    claim_expires_at: NOW + 30_000,
    follower: null,
    follow_token: 0,
    follow_expires_at: null,
    updated_at: 0,
    ...given,
  };
}

const judged = (row: ContainerRow, outcome: Exclude<Outcome, { kind: 'lost' }>) =>
  verdictOf(row, desiredOf(row), outcome, NOW, 0);
const failed = (code: ErrorCode, rolled_back = false): Exclude<Outcome, { kind: 'lost' }> => ({
  kind: 'failed',
  code,
  message: 'said why',
  container: rolled_back ? aContainer() : undefined,
  rolled_back,
});
const settled = (container: Extract<Outcome, { kind: 'settled' }>['container']) =>
  ({ kind: 'settled', container, started: false, image_id: container?.image_id }) as const;

describe('an outage is never a death', () => {
  test.for(['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_version'] as const)(
    '%s changes no status, counts as no failure, and is asked again soon',
    (code) => {
      const { patch, due_at, resting } = judged(aRow({ status: 'running', reason: null }), failed(code));
      expect(patch).toEqual({ reason: null });
      expect(due_at).toBe(NOW + 2000);
      expect(resting).toBe(false);
      expect(judged(aRow({ status: 'pending' }), failed(code)).patch).toEqual({
        reason: { code, message: 'said why' },
      });
    },
  );
});

describe('a failure', () => {
  test('is tried again after a pause that doubles, five minutes at most', () => {
    const pauses = [0, 1, 2, 8, 9, 40].map((failures) => {
      const { patch, due_at } = judged(aRow({ failures }), failed('start_failed'));
      expect(patch).toMatchObject({
        status: 'failed',
        failures: failures + 1,
        next_attempt_at: due_at,
        reason: { code: 'start_failed' },
      });
      return (due_at ?? 0) - NOW;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  });

  test('of a made container that no later try would mend is the end; of a declared one it is not', () => {
    const made = judged(aRow({ declared: false }), failed('image_not_found'));
    expect([made.resting, made.due_at]).toEqual([true, null]);
    const declared = judged(aRow({ declared: true }), failed('image_not_found'));
    expect(declared.resting).toBe(false);
    const passing = judged(aRow({ declared: false }), failed('port_conflict'));
    expect([passing.resting, passing.due_at]).toEqual([false, NOW + 1000]);
  });

  test('to remove stays `stopping` and is tried again', () => {
    const { patch, resting } = judged(aRow({ desired_state: 'removed' }), failed('engine_failed'));
    expect([patch.status, resting]).toEqual(['stopping', false]);
  });

  test('of a replacement leaves the former container running, held back until the next change of mind', () => {
    const row = aRow();
    const { patch, due_at } = judged(row, failed('start_failed', true));
    expect(patch).toMatchObject({
      status: 'running',
      reason: { code: 'replacement_failed', message: 'said why; the former container runs again' },
    });
    expect(due_at).toBeNull();
    expect(desiredOf({ ...row, ...patch }).held_back).toBe(true);
    expect(desiredOf({ ...row, ...patch, generation: 3 }).held_back).toBe(false);
  });
});

describe('a former container that runs again because its replacement could not', () => {
  test.each([
    ['running', aContainer()],
    ['paused', aContainer({ state: 'paused' })],
    ['restarting', aContainer({ state: 'restarting', restart_count: 1 })],
    ['ended', anExited(1)],
  ] as const)('stays so, with its reason, also while it is %s', (_, container) => {
    const reason = { code: 'replacement_failed', message: 'said why' };
    const row = aRow({ status: 'running', reason, applied_generation: 2, attempt: 2 });
    const { patch } = judged(row, settled(container));
    expect(desiredOf({ ...row, ...patch }).held_back).toBe(true);
  });
});

describe('what is as desired', () => {
  test('forgets its failures and takes its status from what the engine shows', () => {
    const { patch, due_at, resting } = judged(
      aRow({ failures: 3, next_attempt_at: NOW }),
      settled(aContainer({ health: 'healthy' })),
    );
    expect(patch).toMatchObject({
      status: 'running',
      health: 'healthy',
      failures: 0,
      next_attempt_at: null,
      applied_generation: 2,
      observed_at: NOW,
    });
    expect([due_at, resting]).toEqual([null, false]);
  });

  test('rests with its exit code once it has ended as its policy allows', () => {
    const { patch, resting } = judged(aRow(), settled(anExited(0)));
    expect(patch).toMatchObject({ status: 'stopped', exit_code: 0 });
    expect(resting).toBe(true);
  });

  test('is removed when it is gone and was to be, and looked at again at once when it was not', () => {
    expect(judged(aRow({ desired_state: 'removed' }), settled(undefined))).toMatchObject({
      patch: { status: 'removed', removed_at: NOW, engine_id: null },
      due_at: null,
      resting: true,
    });
    expect(judged(aRow(), settled(undefined))).toMatchObject({ due_at: NOW, resting: false });
  });

  test('may have to wait for what another worker does', () => {
    expect(judged(aRow(), { kind: 'waiting', message: 'pulled elsewhere' })).toMatchObject({
      patch: { status: 'waiting', reason: { code: 'waiting', message: 'pulled elsewhere' } },
      due_at: NOW + 5000,
      resting: false,
    });
  });
});
