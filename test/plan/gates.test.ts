import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/actions.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { Dependencies, Needed } from '../../src/plan/needed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { aContainer, aDesired, anExited, anObserved, aSpec } from '../support/plan-builders.ts';

type Row = NonNullable<Needed['row']>;
const NOW = 1_000_000;

const needed = (row: Partial<Row> | null, dependency: Needed['dependency'] = {}, name = 'db'): Needed => ({
  name,
  dependency,
  ...(row && {
    row: {
      id: `app:${name}`,
      wanted: 'running',
      status: 'running',
      health: 'none',
      ready: true,
      exit_code: null,
      reason: null,
      completed: false,
      final: false,
      ...row,
    },
  }),
});

function planned(needs: readonly Needed[], more: Partial<Dependencies> = {}, given = {}): Plan {
  const dependencies = { needs, dependents: [], now: NOW, ...more };
  return planContainer(aDesired({ dependencies, ...given }), anObserved());
}
const messageOf = (plan: Plan): string => ('message' in plan ? plan.message : plan.kind);
const told = (row: Partial<Row> | null, dependency: Needed['dependency'] = {}): string =>
  messageOf(planned([needed(row, dependency)]));

test('a start waits until each condition is met, and says for whom, for what and how that is now', () => {
  const healthy = { condition: 'healthy' } as const;
  const completed = { condition: 'completed' } as const;
  expect(told({})).toBe('steps');
  expect(told({ status: 'starting' })).toBe('waits for db to run (starting)');
  expect(told({ ready: false, health: 'starting' }, healthy)).toBe('waits for db to be healthy (starting)');
  expect(told({}, healthy)).toBe('steps');
  expect(told({ status: 'running' }, completed)).toBe('waits for db to end with exit code 0 (running)');
  expect(told({ status: 'stopped', completed: true }, completed)).toBe('steps');
  expect(told({ status: 'stopped', completed: true })).toBe('steps');
  expect(told(null)).toBe('waits for db to run (not there)');
  expect(told({ wanted: 'stopped', status: 'stopped' })).toBe(
    'waits for db to run (stopped, and not asked to run)',
  );
  expect(told({ wanted: 'removed', status: 'stopping' })).toBe('waits for db to run (being removed)');
  const again = { status: 'failed', reason: { code: 'image_not_found', message: 'no image' } } as const;
  expect(told(again)).toBe('waits for db to run (failed: no image)');
  const two = planned([
    needed({ status: 'pulling' }),
    needed(null, completed, 'migrate'),
    needed({}, {}, 'ok'),
  ]);
  expect(two).toEqual({
    kind: 'waiting',
    message: 'waits for db to run (pulling), migrate to end with exit code 0 (not there)',
    waits_for: ['app:db', 'migrate'],
  });
});

test('one that failed for good fails what needs it, unless that can do without', () => {
  const failed = { status: 'failed', final: true, exit_code: 3 } as const;
  const exited = { ...failed, reason: { code: 'exited', message: 'exited with code 3' } };
  expect(
    planned([needed(exited, { condition: 'completed' }), needed({ status: 'starting' }, {}, 'x')]),
  ).toEqual({
    kind: 'refused',
    code: 'dependency_failed',
    message: 'needs db to end with exit code 0, but it exited with code 3',
    waits_for: ['app:db', 'app:x'],
    culprit: 'app:db',
  });
  expect(told({ ...failed, reason: { code: 'start_failed', message: 'no such file' } })).toBe(
    'needs db to run, but it failed: no such file',
  );
  expect(told({ health: 'unhealthy', ready: false }, { condition: 'healthy' })).toBe(
    'needs db to be healthy, but it is unhealthy',
  );
  expect(told({ status: 'stopped', completed: true, ready: false }, { condition: 'healthy' })).toBe(
    'needs db to be healthy, but it has ended',
  );
  const held = { reason: { code: 'replacement_failed', message: 'no such image' } };
  expect(told(held)).toBe('needs db to run, but it was not replaced: no such image');
  expect(messageOf(planned([needed(held)], {}, { applied: true }))).toBe('steps');
  for (const row of [exited, null, { wanted: 'stopped', status: 'stopped' } as const])
    expect(told(row, { required: false, condition: 'completed' })).toBe('steps');
  expect(told({ status: 'pulling' }, { required: false })).toBe('waits for db to run (pulling)');
});

test('one that waits has its image brought meanwhile, and nothing else done', () => {
  const waits = (observed: Parameters<typeof anObserved>[0], spec: object = {}): string => {
    const dependencies = { needs: [needed(null)], dependents: [], now: NOW };
    return formatPlan(planContainer(aDesired({ dependencies, spec: aSpec(spec) }), anObserved(observed)));
  };
  const waiting = 'waiting: waits for db to run (not there)';
  const { image: _, ...bare } = anObserved();
  expect(
    formatPlan(
      planContainer(aDesired({ dependencies: { needs: [needed(null)], dependents: [], now: NOW } }), bare),
    ),
  ).toBe(`${waiting}\nmeanwhile: pull_image redis:7 (image absent)`);
  expect(waits({})).toBe(waiting);
  // What is there already is asked for again when it is needed, not before.
  expect(waits({}, { pull_policy: 'always' })).toBe(waiting);
  expect(waits({}, { build: { dockerfile: 'FROM scratch', hash: 'h' } })).toBe(
    `${waiting}\nmeanwhile: build_image redis:7 (built from something else)`,
  );
  expect(waits({}, { pull_policy: 'never' })).toBe(waiting);
});

test('patience is counted from when it began to wait, and is told to whoever looks again', () => {
  const needs = [needed({ status: 'pulling' }, { timeout: 30 })];
  expect(planned(needs)).toMatchObject({ kind: 'waiting', until: NOW + 30_000 });
  expect(planned(needs, { waits_since: NOW - 29_000 })).toMatchObject({ kind: 'waiting', until: NOW + 1000 });
  expect(planned(needs, { waits_since: NOW - 30_000 })).toMatchObject({
    kind: 'refused',
    code: 'dependency_failed',
    message: 'needs db to run, which it was not within 30 s (pulling)',
    waits_for: ['app:db'],
  });
  const optional = [needed({ status: 'pulling' }, { timeout: 30, required: false })];
  expect(planned(optional, { waits_since: NOW - 30_000 }).kind).toBe('steps');
});

test('what runs already, or is only made, waits for nobody', () => {
  const dependencies = { needs: [needed(null)], dependents: [], now: NOW };
  const running = anObserved({ container: aContainer() });
  expect(planContainer(aDesired({ dependencies }), running)).toEqual({ kind: 'steps', steps: [] });
  expect(planContainer(aDesired({ dependencies, state: 'created' }), anObserved()).kind).toBe('steps');
  const again = planContainer(aDesired({ dependencies, restart_from: '2026-01-02T00:00:00Z' }), running);
  expect(again.kind).toBe('waiting');
});

test('a stop and a removal wait for those that need it and are to stop, too; what does not run waits for nobody', () => {
  const dependencies = { needs: [], dependents: [{ id: 'app:web', name: 'web' }], now: NOW };
  for (const state of ['stopped', 'removed'] as const) {
    const desired = aDesired({ dependencies, state });
    expect(planContainer(desired, anObserved({ container: aContainer() }))).toEqual({
      kind: 'waiting',
      message: 'waits for web to stop',
      waits_for: ['app:web'],
    });
    expect(planContainer(desired, anObserved({ container: anExited(0) })).kind).toBe('steps');
  }
});

test('an init or a job that has done its work is not run again, nor made again, whatever became of its container', () => {
  const spec = aSpec({ role: 'init' });
  const desired = aDesired({ spec, completed: true });
  for (const container of [undefined, anExited(0), anExited(0, { labels: {} }, spec), aContainer()])
    expect(planContainer(desired, anObserved({ ...(container && { container }) }))).toEqual({
      kind: 'steps',
      steps: [],
    });
  expect(
    planContainer({ ...desired, state: 'removed' }, anObserved({ container: anExited(0) })),
  ).toMatchObject({
    steps: [{ action: { type: 'remove_container' } }],
  });
});
