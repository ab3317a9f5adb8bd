import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/plan/desired.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { Observed } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { failedReplacement, planRollback } from '../../src/plan/plan-replacement.ts';
import { aContainer, aDesired, anExited, anObserved, aSpec } from '../support/plan-builders.ts';

const planned = (desired: Desired, observed: Observed): string =>
  formatPlan(planContainer(desired, observed));
const rollback = (desired: Desired, observed: Observed): string =>
  formatPlan({ kind: 'steps', steps: planRollback(desired, observed) });

const changed = aSpec({ env: { A: '1' } });
const desired = aDesired({ spec: changed });
const former = aContainer({ id: 'former', name: 'cache.berth-old' });
/** Stopped for the replacement that `made` is. */
const stopped = anExited(0, {
  id: 'former',
  name: 'cache.berth-old',
  finished_at: '2026-01-02T00:00:00.25Z',
});
const made = aContainer({ id: 'new', created_at: '2026-01-02T00:00:00.2Z' }, changed);
const { started_at: _, ...unstarted } = { ...made, state: 'created' as const };

describe('a replacement broken off', () => {
  test('before the new one was made goes on, on the former one’s volumes', () => {
    expect(planned(desired, anObserved({ set_aside: former }))).toBe(`\
create_container cache (replacement was broken off)
stop_container cache.berth-old (replacement was broken off)
start_container cache (replacement was broken off)
remove_container cache.berth-old (replacement was broken off)`);
  });

  test('before the former one was stopped goes on', () => {
    expect(planned(desired, anObserved({ container: unstarted, set_aside: former }))).toBe(`\
stop_container cache.berth-old (replaced)
start_container cache (not started yet)
remove_container cache.berth-old (replaced)`);
  });

  test('before the former one was removed lets that go', () => {
    expect(planned(desired, anObserved({ container: made, set_aside: stopped }))).toBe(
      'remove_container cache.berth-old (replaced)',
    );
  });

  test('takes the former one back when that is wanted again', () => {
    expect(planned(aDesired(), anObserved({ set_aside: former }))).toBe(
      'rename_container cache.berth-old → cache (set aside, and the one that is wanted)',
    );
    expect(planned(aDesired(), anObserved({ container: made, set_aside: stopped }))).toBe(`\
stop_container cache (spec changed)
remove_container cache (spec changed)
rename_container cache.berth-old → cache (spec changed)
start_container cache (meant to run)`);
  });

  test('keeps the better of two when something else again is wanted', () => {
    const other = aDesired({ spec: aSpec({ env: { A: '2' } }) });
    expect(planned(other, anObserved({ container: unstarted, set_aside: former }))).toBe(`\
remove_container cache (left over from a replacement)
create_container cache (spec changed)
stop_container cache.berth-old (spec changed)
start_container cache (spec changed)
remove_container cache.berth-old (spec changed)`);
    expect(planned(other, anObserved({ container: made, set_aside: stopped }))).toBe(`\
remove_container cache.berth-old (left over from a replacement)
rename_container cache → cache.berth-old (spec changed)
create_container cache (spec changed)
stop_container cache.berth-old (spec changed)
start_container cache (spec changed)
remove_container cache.berth-old (spec changed)`);
  });

  test('leaves one container when it is desired stopped', () => {
    const stop = aDesired({ spec: changed, state: 'stopped' });
    expect(planned(stop, anObserved({ set_aside: former }))).toBe(`\
stop_container cache.berth-old (desired stopped)
rename_container cache.berth-old → cache (replacement was broken off)`);
    expect(planned(stop, anObserved({ container: unstarted, set_aside: former }))).toBe(`\
stop_container cache.berth-old (desired stopped)
remove_container cache.berth-old (replaced)`);
  });
});

describe('a rollback', () => {
  test('starts the former one when that was stopped for the replacement', () => {
    expect(
      rollback(
        desired,
        anObserved({
          container: { ...made, ...anExited(1, { id: 'new', created_at: made.created_at }, changed) },
          set_aside: stopped,
        }),
      ),
    ).toBe(`\
remove_container cache (the replacement failed)
rename_container cache.berth-old → cache (the replacement failed)
start_container cache (the replacement failed)`);
  });

  test('does not start a former one that had ended by itself', () => {
    const ended = { ...stopped, finished_at: '2026-01-02T00:00:00.125Z' };
    expect(rollback(desired, anObserved({ container: unstarted, set_aside: ended }))).toBe(`\
remove_container cache (the replacement failed)
rename_container cache.berth-old → cache (the replacement failed)`);
  });

  test('only renames a former one that never stopped', () => {
    expect(rollback(desired, anObserved({ set_aside: former }))).toBe(
      'rename_container cache.berth-old → cache (the replacement failed)',
    );
  });

  test('is not made when the new one does well, nor without a former one', () => {
    expect(rollback(desired, anObserved({ container: made, set_aside: stopped }))).toBe('');
    const finished = anExited(0, { id: 'new' }, changed);
    expect(rollback(desired, anObserved({ container: finished, set_aside: stopped }))).toBe('');
    expect(rollback(desired, anObserved({ container: unstarted }))).toBe('');
  });

  test('is due when a started replacement is found fallen, but not for one that is no longer wanted', () => {
    const fallen = anObserved({ container: anExited(3, { id: 'new' }, changed), set_aside: stopped });
    expect(failedReplacement(desired, fallen)).toBe('it ended at once with exit code 3');
    expect(failedReplacement(aDesired(), fallen)).toBeUndefined();
    expect(
      failedReplacement(desired, anObserved({ container: unstarted, set_aside: stopped })),
    ).toBeUndefined();
    const again = { ...made, state: 'restarting' as const, restart_count: 2 };
    expect(failedReplacement(desired, anObserved({ container: again, set_aside: stopped }))).toBe(
      'it ended 2 times and was started again',
    );
    expect(failedReplacement(desired, anObserved({ container: again }))).toBeUndefined();
  });
});
