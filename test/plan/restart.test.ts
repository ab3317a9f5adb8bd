import { expect, test } from 'vitest';
import type { Desired } from '../../src/plan/desired.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { ObservedContainer } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { aContainer, aDesired, anExited, anObserved } from '../support/plan-builders.ts';

const NOW = '2026-01-01T00:00:01.5Z';
const planned = (desired: Partial<Desired>, container: ObservedContainer): string =>
  formatPlan(planContainer(aDesired({ restart_from: NOW, ...desired }), anObserved({ container })));
const AGAIN = `\
stop_container cache (restart asked for)
start_container cache (restart asked for)`;

test.each(['running', 'paused', 'restarting'] as const)(
  'a restart ends the %s run that was meant, and begins another',
  (state) => {
    expect(planned({}, aContainer({ state, started_at: NOW }))).toBe(AGAIN);
  },
);

test('a run that has begun since is the new one, and is left alone', () => {
  expect(planned({}, aContainer({ started_at: '2026-01-01T00:00:01.500000001Z' }))).toBe('');
});

test('what does not run is only started; broken off after its stop it is, too', () => {
  expect(planned({}, anExited(143))).toBe('start_container cache (meant to run)');
  expect(planned({ started: false }, anExited(0))).toBe('start_container cache (meant to run)');
});

test('a restart that is over says nothing once the container is wanted stopped or gone', () => {
  expect(planned({ state: 'stopped' }, aContainer({ started_at: NOW }))).toBe(
    'stop_container cache (desired stopped)',
  );
  expect(planned({ state: 'removed' }, anExited(0))).toBe('remove_container cache (no longer desired)');
});

test('the caller’s time to stop counts', () => {
  const { steps } = planContainer(
    aDesired({ restart_from: NOW, stop_timeout: 3 }),
    anObserved({ container: aContainer({ started_at: NOW }) }),
  ) as Extract<ReturnType<typeof planContainer>, { kind: 'steps' }>;
  expect(steps[0]?.action).toMatchObject({ type: 'stop_container', timeout: 3 });
});
