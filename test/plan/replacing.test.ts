import { describe, expect, test } from 'vitest';
import { canStartFirst, whyNotStartFirst } from '../../src/plan/can-start-first.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { FIXED_LABEL } from '../../src/plan/drift.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { Observed, ObservedContainer } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { failedReplacement, planRollback } from '../../src/plan/plan-replacement.ts';
import type { Replacement } from '../../src/plan/replacement.ts';
import { replacementDue, replacingNow, withCutDone } from '../../src/plan/replacing.ts';
import { aContainer, aDesired, aNetwork, anExited, anObserved, aSpec } from '../support/plan-builders.ts';

const HOW: Replacement = { order: 'start_first', drain: 5, monitor: 2, timeout: 60 };
const before = aSpec({ network: 'net' });
const after = aSpec({ network: 'net', env: { A: '1' } });
const networks = { net: aNetwork('net', { labels: { [FIXED_LABEL]: 'fixed' } }) };
const on = { network: 'net', network_id: 'id-of-net', aliases: ['cache'] };
const started_at = '2026-01-02T00:00:00.5Z';
const old = aContainer(
  { id: 'old', networks: [{ ...on, ip: '172.18.0.2', mac: '02:42:ac:12:00:02' }] },
  before,
);
const aside = { ...old, name: 'cache.berth-old' };
const fresh = aContainer(
  { id: 'new', created_at: '2026-01-02T00:00:00.2Z', started_at, networks: [{ ...on, ip: '172.18.0.3' }] },
  after,
);
const wants = (how: Partial<Replacement> = {}): Desired =>
  aDesired({ spec: after, replacement: { ...HOW, ...how } });
const two = (given: Partial<ObservedContainer> = {}, at = 0, former: ObservedContainer = aside): Observed =>
  anObserved({ container: { ...fresh, ...given }, set_aside: former, networks, at });

/** As it is wanted once it was looked at, one look after the other. */
function seen(desired: Desired, ...looks: readonly Observed[]): Desired {
  return looks.reduce<Desired>((so_far, look) => {
    const replacing = replacingNow(so_far, look);
    const { replacing: _, ...rest } = so_far;
    return replacing === undefined ? rest : { ...rest, replacing };
  }, desired);
}
const planned = (desired: Desired, observed: Observed): string =>
  formatPlan(planContainer(seen(desired, observed), observed));

describe('start first', () => {
  test('makes and starts the new one beside the former one, which goes on', () => {
    expect(planned(wants(), anObserved({ container: old, networks }))).toBe(`\
rename_container cache → cache.berth-old (spec changed)
create_container cache (spec changed)
start_container cache (spec changed)`);
  });

  test('goes on wherever it was broken off', () => {
    expect(planned(wants(), anObserved({ set_aside: aside, networks }))).toBe(`\
create_container cache (replacement was broken off)
start_container cache (replacement was broken off)`);
    const { started_at: _, ...unstarted } = fresh;
    expect(
      planned(
        wants(),
        anObserved({ container: { ...unstarted, state: 'created' }, set_aside: aside, networks }),
      ),
    ).toBe('start_container cache (not started yet)');
  });

  test('leaves both alone until the new one was ready for long enough without a break', () => {
    const desired = seen(wants(), two({ health: 'starting' }, 1000));
    expect(formatPlan(planContainer(desired, two({ health: 'starting' }, 1000)))).toBe('');
    expect(replacementDue(desired)).toBe(61_000);
    const ready = seen(desired, two({ health: 'healthy' }, 5000));
    expect(ready.replacing).toMatchObject({ since: 1000, ready_since: 5000, proven: false });
    expect(formatPlan(planContainer(ready, two({}, 5000)))).toBe('');
    expect(replacementDue(ready)).toBe(7000);
    expect(seen(ready, two({ health: 'starting' }, 6000)).replacing?.ready_since).toBeNull();
    expect(seen(ready, two({}, 7000)).replacing?.proven).toBe(true);
  });

  test('takes the aliases of the former one away, which keeps its addresses', () => {
    const proven = seen(wants(), two({}, 0), two({}, 2000));
    expect(formatPlan(planContainer(proven, two({}, 2000)))).toBe(`\
disconnect_network cache.berth-old ↔ net (its aliases are the new one’s)
connect_network cache.berth-old ↔ net (its aliases are the new one’s)`);
    expect(planContainer(proven, two({}, 2000))).toMatchObject({
      steps: [{}, { action: { aliases: [], ipv4_address: '172.18.0.2', mac_address: '02:42:ac:12:00:02' } }],
    });
    const off = { ...aside, networks: [] };
    expect(formatPlan(planContainer(seen(proven, two({}, 2100, off)), two({}, 2100, off)))).toBe(
      'connect_network cache.berth-old ↔ net (its aliases are the new one’s)',
    );
  });

  test('lets the former one answer for a while, then stops and removes it with the time that it was made with', () => {
    const bare = { ...aside, networks: [{ ...on, aliases: ['cache.berth-old'] }] };
    const proven = seen(wants(), two({}, 0), two({}, 2000), two({}, 2500, bare));
    expect(formatPlan(planContainer(proven, two({}, 2500, bare)))).toBe('');
    expect(replacementDue(proven)).toBe(7500);
    const drained = seen(proven, two({}, 7500, bare));
    expect(formatPlan(planContainer(drained, two({}, 7500, bare)))).toBe(
      'stop_container cache.berth-old (replaced, and the new one is proven)',
    );
    const ended = two({}, 7600, { ...bare, state: 'exited' });
    expect(formatPlan(planContainer(seen(drained, ended), ended))).toBe(
      'remove_container cache.berth-old (replaced, and the new one is proven)',
    );
  });

  test('does without a network that the former one could not come back to', () => {
    const proven = seen(wants(), two({}, 0), two({}, 2000));
    const { replacing } = proven;
    if (replacing === undefined) throw new Error('nothing is replaced');
    const given_up = { ...proven, replacing: withCutDone(replacing, 'net') };
    expect(replacementDue(seen(given_up, two({}, 2500, { ...aside, networks: [] })))).toBe(7500);
  });

  test('leaves the aliases where a container cannot keep its address, and waits for nothing', () => {
    const foreign = { networks: { net: 'foreign' as const } };
    const plain = { networks: { net: aNetwork('net') } };
    for (const { networks: there } of [foreign, plain]) {
      const look = (at: number): Observed =>
        anObserved({ container: fresh, set_aside: aside, networks: there, at });
      const spec = { ...after, networks: { net: { external: true } } };
      const { network: _, ...external } = spec;
      const desired = there === foreign.networks ? aDesired({ spec: external, replacement: HOW }) : wants();
      const made = aContainer({ ...fresh, labels: { 'berth.hash': desired.recreate_hash } }, after);
      const both = (at: number): Observed => ({
        ...look(at),
        container: { seen: made, ownership: 'ours' },
      });
      const proven = seen(desired, both(0), both(2000));
      expect(formatPlan(planContainer(proven, both(2000)))).toBe(
        'stop_container cache.berth-old (replaced, and the new one is proven)',
      );
    }
  });

  test('takes a new one that is no good back, while the former one only gets its name again', () => {
    const desired = seen(wants(), two({}, 0));
    expect(
      formatPlan({ kind: 'steps', steps: planRollback(desired, two({ health: 'unhealthy' }, 500)) }),
    ).toBe(
      `\
stop_container cache (the replacement failed)
remove_container cache (the replacement failed)
rename_container cache.berth-old → cache (the replacement failed)`,
    );
    expect(planRollback(desired, two({}, 500))).toEqual([]);
  });

  test('gives the former one its aliases again before the new one stops, when that is wanted again', () => {
    const bare = { ...aside, networks: [{ ...on, aliases: ['cache.berth-old'] }] };
    const proven = seen(wants(), two({}, 0), two({}, 2000), two({}, 2500, bare));
    const { replacing } = proven;
    const again = aDesired({ spec: before, replacement: HOW, ...(replacing && { replacing }) });
    expect(planned(again, two({}, 3000, bare))).toBe(`\
disconnect_network cache.berth-old ↔ net (alias cache missing)
connect_network cache.berth-old ↔ net (alias cache missing)
stop_container cache (spec changed)
remove_container cache (spec changed)
rename_container cache.berth-old → cache (spec changed)`);
  });

  test('keeps the one that is proven of two when a third is wanted', () => {
    const third = aSpec({ network: 'net', env: { A: '2' } });
    const unproven = seen(wants(), two({}, 0));
    const how = { spec: third, replacement: HOW };
    const next = (from: Desired): Desired =>
      aDesired({ ...how, ...(from.replacing && { replacing: from.replacing }) });
    expect(planned(next(unproven), two({}, 500))).toBe(`\
stop_container cache (left over from a replacement)
remove_container cache (left over from a replacement)
create_container cache (spec changed)
start_container cache (spec changed)`);
    const proven = seen(wants(), two({}, 0), two({}, 2000));
    expect(planned(next(proven), two({}, 2500))).toBe(`\
stop_container cache.berth-old (left over from a replacement)
remove_container cache.berth-old (left over from a replacement)
rename_container cache → cache.berth-old (spec changed)
create_container cache (spec changed)
start_container cache (spec changed)`);
  });

  test('is not done where two cannot be up at once', () => {
    const spec = aSpec({ ports: [{ host: 80, container: 80 }] });
    const desired = aDesired({ spec, replacement: HOW });
    expect(planned(desired, anObserved({ container: aContainer() }))).toBe(`\
rename_container cache → cache.berth-old (spec changed: ports)
create_container cache (spec changed: ports)
stop_container cache.berth-old (spec changed: ports)
start_container cache (spec changed: ports)`);
    expect(whyNotStartFirst(spec)).toBe('publishes port 80 of this machine');
    expect(canStartFirst(aSpec({ ports: [{ container: 80 }] }))).toBe(true);
    expect(whyNotStartFirst(aSpec({ networks: { net: { ipv4_address: '10.0.0.7' } } }))).toBe(
      'has the fixed address 10.0.0.7',
    );
    expect(canStartFirst(aSpec({ network_mode: 'host' }))).toBe(false);
    expect(canStartFirst(aSpec({ network_mode: 'container:web' }))).toBe(false);
  });
});

describe('stop first', () => {
  const how = wants({ order: 'stop_first' });
  const stopped = anExited(0, { ...aside, state: 'exited', finished_at: '2026-01-02T00:00:00.3Z' }, before);

  test('keeps the former one, stopped, until the new one is proven', () => {
    expect(planned(how, anObserved({ container: old, networks }))).toBe(`\
rename_container cache → cache.berth-old (spec changed)
create_container cache (spec changed)
stop_container cache.berth-old (spec changed)
start_container cache (spec changed)`);
    const watched = seen(how, two({}, 0, stopped));
    expect(formatPlan(planContainer(watched, two({}, 0, stopped)))).toBe('');
    const proven = seen(watched, two({}, 2000, stopped));
    expect(formatPlan(planContainer(proven, two({}, 2000, stopped)))).toBe(
      'remove_container cache.berth-old (replaced, and the new one is proven)',
    );
  });

  test('brings it back when the new one is no good', () => {
    const watched = seen(how, two({}, 0, stopped));
    const fallen = two({ state: 'exited', exit_code: 0 }, 500, stopped);
    expect(formatPlan({ kind: 'steps', steps: planRollback(watched, fallen) })).toBe(`\
remove_container cache (the replacement failed)
rename_container cache.berth-old → cache (the replacement failed)
start_container cache (the replacement failed)`);
  });

  test('removes networks that only the former one was on, while that still shows them', () => {
    const alone = { ...two({}, 2000, stopped), releasable: new Set(['other']) };
    const proven = seen(how, two({}, 0, stopped), alone);
    expect(formatPlan(planContainer(proven, alone))).toBe(`\
remove_network other (last user gone)
remove_container cache.berth-old (replaced, and the new one is proven)`);
  });

  test('takes the networks that were made for one that is no good away with it', () => {
    const joined = [...(aside.networks ?? []), { ...on, network: 'made' }];
    const failed = two({ state: 'exited', exit_code: 0, networks: joined }, 500, stopped);
    const both = { ...failed, releasable: new Set(['made', 'net']) };
    const watched = seen(how, two({}, 0, stopped));
    expect(formatPlan({ kind: 'steps', steps: planRollback(watched, both) })).toBe(`\
remove_network made (last user gone)
remove_container cache (the replacement failed)
rename_container cache.berth-old → cache (the replacement failed)
start_container cache (the replacement failed)`);
  });
});

describe('a new container is no good', () => {
  const watched = seen(wants(), two({ health: 'starting' }, 0));
  const why = (given: Partial<ObservedContainer>, at: number): string | undefined =>
    failedReplacement(seen(watched, two(given, at)), two(given, at));

  test('when it ends, begins again, is unhealthy, or is not ready in time', () => {
    expect(why({ state: 'exited', exit_code: 0 }, 1000)).toBe('it ended with exit code 0');
    expect(why({ state: 'restarting', restart_count: 1 }, 1000)).toBe('it ended and was started again');
    expect(why({ started_at: '2026-01-02T00:00:03Z' }, 1000)).toBe('it ended and was started again');
    expect(why({ health: 'unhealthy' }, 1000)).toBe('its health check has failed');
    expect(why({ health: 'starting' }, 60_000)).toBe('it was not ready within 60 s');
    expect(why({ health: 'healthy' }, 59_000)).toBeUndefined();
    const unsteady = seen(watched, two({ health: 'healthy' }, 61_500));
    expect(failedReplacement(unsteady, two({}, 62_000))).toBe('it was not ready for 2 s in a row');
  });

  test('but never once it was proven, nor when it is a job that ended well', () => {
    const proven = seen(watched, two({}, 1000), two({}, 3000));
    expect(failedReplacement(proven, two({ state: 'exited', exit_code: 1 }, 4000))).toBeUndefined();
    const job = aDesired({ spec: { ...after, role: 'job' }, replacement: HOW });
    const ended = two({ state: 'exited', exit_code: 0 }, 1000);
    expect(seen(job, ended).replacing?.proven).toBe(true);
    expect(failedReplacement(seen(job, ended), ended)).toBeUndefined();
  });

  test('counts anew after a change of mind', () => {
    const next = { ...watched, generation: 2 };
    expect(seen(next, two({ started_at: '2026-01-02T00:01:00Z' }, 70_000)).replacing).toMatchObject({
      run: '2026-01-02T00:01:00Z',
      since: 70_000,
      ready_since: 70_000,
    });
  });
});
