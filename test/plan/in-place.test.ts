import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/plan/desired.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { Observed } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { aContainer, aDesired, aNetwork, anExited, anObserved, aSpec } from '../support/plan-builders.ts';

const planned = (desired: Desired, observed: Observed): string =>
  formatPlan(planContainer(desired, observed));
describe('changed limits', () => {
  test('are set in place', () => {
    const spec = aSpec({ memory_limit: 64 << 20, cpu_limit: 0.5, restart_policy: 'always' });
    expect(planned(aDesired({ spec }), anObserved({ container: aContainer() }))).toBe(
      'update_container cache (memory_limit, cpu_limit, restart_policy changed)',
    );
  });

  test('need a new container when one is taken away that the engine cannot take off', () => {
    const container = aContainer({ memory_limit: 1, pids_limit: 5, cpu_quota: 5000, cpu_period: 10_000 });
    expect(planned(aDesired(), anObserved({ container }))).toBe(
      'update_container cache (memory_limit, cpu_period, cpu_quota, pids_limit changed)',
    );
    expect(planned(aDesired(), anObserved({ container: aContainer({ cpu_limit: 1 }) }))).toContain(
      'create_container cache (cpu_limit removed)',
    );
  });

  test('finer than the engine counts are no change', () => {
    const spec = aSpec({ cpu_limit: 1 / 3 });
    expect(
      planned(aDesired({ spec }), anObserved({ container: aContainer({ cpu_limit: 0.333333333 }, spec) })),
    ).toBe('');
  });
});

describe('a network', () => {
  const spec = aSpec({ network: 'net' });

  test('is joined again when the container was taken off it', () => {
    const container = aContainer({ networks: [] }, spec);
    expect(planned(aDesired({ spec }), anObserved({ container, networks: { net: 'ours' } }))).toBe(
      'connect_network cache ↔ net (not on its network)',
    );
  });

  test('is joined again when an alias is missing', () => {
    const container = aContainer(
      { networks: [{ network: 'net', network_id: 'id-of-net', aliases: ['x'] }] },
      spec,
    );
    expect(planned(aDesired({ spec }), anObserved({ container, networks: { net: 'ours' } }))).toBe(`\
disconnect_network cache ↔ net (alias cache missing)
connect_network cache ↔ net (alias cache missing)`);
  });

  test('is joined again before the start when it was removed, or made anew, under a stopped container', () => {
    const container = anExited(1, {}, spec);
    expect(planned(aDesired({ spec }), anObserved({ container }))).toBe(`\
create_network net (network absent)
disconnect_network cache ↔ net (its network was made anew)
connect_network cache ↔ net (its network was made anew)
start_container cache (meant to run)`);
    const anew = anObserved({ container, networks: { net: aNetwork('net', { id: 'another' }) } });
    expect(planned(aDesired({ spec }), anew)).toMatch(
      /^disconnect_network .*\nconnect_network .*\nstart_container .*$/,
    );
  });
});
