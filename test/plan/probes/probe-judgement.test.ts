import { describe, expect, test } from 'vitest';
import { failingOutput } from '../../../src/plan/probes/failing-output.ts';
import { dueLooks, isTold, looked, type Probes, stateFor } from '../../../src/plan/probes/probe-judgement.ts';
import type { ProbeKind, ProbeState } from '../../../src/plan/probes/probe-state.ts';
import { wellness } from '../../../src/plan/probes/wellness.ts';
import { aContainer } from '../../support/plan-builders.ts';

const RUN = { engine_id: 'e1', started_at: '2026-01-01T00:00:00.000000000Z' };
const SEEN = aContainer({ id: 'e1', started_at: RUN.started_at, state: 'running', health: 'none' });
const HTTP = { http: { port: 80 } };
const begin = (probes: Probes, now = 1000): ProbeState => stateFor(probes, RUN, null, now);

/** A history of looks, one letter each: `+` good, `-` bad. */
function afterLooks(probes: Probes, kind: ProbeKind, history: string, from = begin(probes)): ProbeState {
  return [...history].reduce(
    (state, letter, index) =>
      looked(probes, state, kind, { ok: letter === '+', output: letter, at: 2000 + index }),
    from,
  );
}

describe('a verdict', () => {
  test.for([
    ['', 'pending', 0],
    ['+', 'good', 1],
    ['-', 'pending', 1],
    ['--', 'pending', 2],
    ['---', 'failed', 3],
    ['+--', 'good', 2],
    ['+--+--', 'good', 2],
    ['+---', 'failed', 3],
    ['---+', 'good', 1],
    ['-+-+-+', 'good', 1],
  ] as const)('after looks %s is %s', ([history, verdict, streak]) => {
    expect(afterLooks({ live: HTTP }, 'live', history).records.live).toMatchObject({ verdict, streak });
  });

  test.for([
    ['+', 'pending'],
    ['++', 'good'],
    ['++-', 'failed'],
    ['++-+', 'failed'],
    ['++-++', 'good'],
    ['+-+-', 'failed'],
  ] as const)('with other thresholds, after looks %s, is %s', ([history, verdict]) => {
    const probes = { ready: { ...HTTP, failures: 1, successes: 2 } };
    expect(afterLooks(probes, 'ready', history).records.ready?.verdict).toBe(verdict);
  });

  test('of a startup takes a minute of failures by default', () => {
    const probes = { startup: HTTP };
    expect(afterLooks(probes, 'startup', '-'.repeat(59)).records.startup?.verdict).toBe('pending');
    expect(afterLooks(probes, 'startup', '-'.repeat(60)).records.startup?.verdict).toBe('failed');
  });

  test('is kept over a takeover of the same run, and begins anew with another run, container or setting', () => {
    const probes = { live: HTTP, ready: HTTP };
    const known = afterLooks(probes, 'ready', '+', afterLooks(probes, 'live', '+'));
    expect(stateFor(probes, RUN, known, 9000)).toEqual(known);
    const fresh = begin(probes, 9000);
    const other = '2026-01-01T00:00:01.000000000Z';
    expect(stateFor(probes, { ...RUN, started_at: other }, known, 9000)).toEqual({
      ...fresh,
      started_at: other,
    });
    expect(stateFor(probes, { ...RUN, engine_id: 'e2' }, known, 9000)).toEqual({ ...fresh, engine_id: 'e2' });
    const changed = { ...probes, live: { tcp: { port: 81 } } };
    const { records } = stateFor(changed, RUN, known, 9000);
    expect([records.live?.verdict, records.ready?.verdict]).toEqual(['pending', 'good']);
  });
});

describe('the next look', () => {
  const due = (probes: Probes, state: ProbeState) =>
    dueLooks(probes, state).map(({ kind, at }) => `${kind} ${at}`);

  test('comes at once, or after the delay, then after each interval', () => {
    expect(
      due({ live: HTTP, ready: { ...HTTP, delay: 3 } }, begin({ live: HTTP, ready: { ...HTTP, delay: 3 } })),
    ).toEqual(['ready 4000', 'live 1000']);
    expect(due({ live: HTTP }, afterLooks({ live: HTTP }, 'live', '+'))).toEqual(['live 7000']);
    const quick = { live: { ...HTTP, interval: 0.25 } };
    expect(due(quick, afterLooks(quick, 'live', '+'))).toEqual(['live 2250']);
    const mad = { live: { ...HTTP, interval: 0 } };
    expect(due(mad, afterLooks(mad, 'live', '+'))).toEqual(['live 2100']);
  });

  test('is one of startup alone until that is good, which is never asked again', () => {
    const probes = { startup: HTTP, ready: HTTP, live: HTTP };
    expect(due(probes, begin(probes))).toEqual(['startup 1000']);
    const failing = afterLooks(probes, 'startup', '-'.repeat(60));
    expect(due(probes, failing)).toEqual(['startup 3059']);
    expect(due(probes, afterLooks(probes, 'startup', '-+'))).toEqual(['ready 1000', 'live 1000']);
  });

  test('for a line in the log is not needed once it was found', () => {
    const probes = { ready: { log: { pattern: 'ready' } } };
    expect(due(probes, afterLooks(probes, 'ready', '-'))).toEqual(['ready 7000']);
    expect(due(probes, afterLooks(probes, 'ready', '-+'))).toEqual([]);
  });
});

test('what a look changes is told: a verdict, how it goes, why it fails; no further good look', () => {
  const probes = { live: HTTP };
  const good = afterLooks(probes, 'live', '+');
  expect(isTold(begin(probes), good, 'live')).toBe(true);
  expect(isTold(good, afterLooks(probes, 'live', '+', good), 'live')).toBe(false);
  const bad = afterLooks(probes, 'live', '-', good);
  expect(isTold(good, bad, 'live')).toBe(true);
  expect(isTold(bad, afterLooks(probes, 'live', '-', bad), 'live')).toBe(false);
  const otherwise = looked(probes, bad, 'live', { ok: false, output: 'other', at: 1 });
  expect(isTold(bad, otherwise, 'live')).toBe(true);
});

describe('wellness', () => {
  const by = (probes: Probes, kind: ProbeKind, history: string, from?: ProbeState) =>
    wellness({ probes }, afterLooks(probes, kind, history, from ?? begin(probes)), SEEN);

  test('without probes is what the engine says', () => {
    expect(wellness({}, null, SEEN)).toEqual({ health: 'none', ready: true });
    expect(wellness({}, null, { ...SEEN, health: 'healthy' })).toEqual({ health: 'healthy', ready: true });
    expect(wellness({}, null, { ...SEEN, health: 'starting' })).toEqual({ health: 'starting', ready: false });
    expect(wellness({}, null, { ...SEEN, health: 'unhealthy' })).toEqual({
      health: 'unhealthy',
      ready: false,
    });
  });

  test('of a `ready` probe is readiness alone', () => {
    expect(by({ ready: HTTP }, 'ready', '')).toEqual({ health: 'none', ready: false });
    expect(by({ ready: HTTP }, 'ready', '+')).toEqual({ health: 'none', ready: true });
    expect(by({ ready: HTTP }, 'ready', '+---')).toEqual({ health: 'none', ready: false });
  });

  test('of a `live` probe is health, and what has failed is not ready', () => {
    expect(by({ live: HTTP }, 'live', '')).toEqual({ health: 'starting', ready: true });
    expect(by({ live: HTTP }, 'live', '+')).toEqual({ health: 'healthy', ready: true });
    expect(by({ live: HTTP }, 'live', '+---')).toEqual({ health: 'unhealthy', ready: false });
  });

  test('of a `startup` probe gates the others, though they were good before', () => {
    const probes = { startup: HTTP, ready: HTTP, live: HTTP };
    expect(by(probes, 'startup', '')).toEqual({ health: 'starting', ready: false });
    expect(by(probes, 'startup', '-'.repeat(60))).toEqual({ health: 'unhealthy', ready: false });
    const started = afterLooks(probes, 'startup', '+');
    expect(by(probes, 'ready', '+', started)).toEqual({ health: 'starting', ready: true });
    expect(by(probes, 'live', '+', started)).toEqual({ health: 'healthy', ready: false });
  });

  test('is the worst of the engine’s health and ours', () => {
    const good = afterLooks({ live: HTTP }, 'live', '+');
    for (const health of ['none', 'starting', 'healthy', 'unhealthy'] as const)
      expect(wellness({ probes: { live: HTTP } }, good, { ...SEEN, health }).health).toBe(
        health === 'none' ? 'healthy' : health,
      );
    const bad = afterLooks({ live: HTTP }, 'live', '---');
    expect(wellness({ probes: { live: HTTP } }, bad, { ...SEEN, health: 'healthy' })).toEqual({
      health: 'unhealthy',
      ready: false,
    });
  });

  test('of another run, or another container, is that of one that was not looked at', () => {
    const probes = { live: HTTP, ready: HTTP };
    const known = afterLooks(probes, 'ready', '+', afterLooks(probes, 'live', '+'));
    expect(wellness({ probes }, known, SEEN)).toEqual({ health: 'healthy', ready: true });
    const unknown = { health: 'starting', ready: false };
    expect(wellness({ probes }, known, { ...SEEN, started_at: '2026-01-02T00:00:00Z' })).toEqual(unknown);
    expect(wellness({ probes }, known, { ...SEEN, id: 'e2' })).toEqual(unknown);
    expect(wellness({ probes }, known, { ...SEEN, state: 'paused' })).toEqual({
      health: 'healthy',
      ready: false,
    });
    expect(wellness({ probes }, known, { ...SEEN, state: 'exited' })).toEqual({
      health: 'none',
      ready: false,
    });
  });
});

test('the first probe that fails is quoted, and only of the run that is seen', () => {
  const probes = { live: HTTP, ready: HTTP };
  const bad = afterLooks(probes, 'live', '-', afterLooks(probes, 'ready', '+'));
  expect(failingOutput({ probes }, bad, SEEN)).toBe('`live` probe: -');
  expect(failingOutput({ probes }, afterLooks(probes, 'live', '+', bad), SEEN)).toBeUndefined();
  expect(failingOutput({ probes }, bad, { ...SEEN, id: 'e2' })).toBeUndefined();
  expect(failingOutput({}, bad, SEEN)).toBeUndefined();
});
