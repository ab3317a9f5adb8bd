import { afterEach, expect, test } from 'vitest';
import { type Probes, stateFor } from '../../../src/plan/probes/probe-judgement.ts';
import type { ProbeState } from '../../../src/plan/probes/probe-state.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { gate } from '../../../src/worker/probes/gate.ts';
import type { Seen } from '../../../src/worker/probes/looks.ts';
import { type Prober, type ProberParts, startProber } from '../../../src/worker/probes/prober.ts';
import { eventually } from '../../support/eventually.ts';
import { type FakeTimers, fakeTimers } from '../../support/fake-timers.ts';

const RUN = { engine_id: 'e1', started_at: '2026-01-01T00:00:00.000000000Z' };
const GOOD: Seen = { ok: true, output: 'yes' };
const begun: Prober[] = [];
afterEach(() => {
  for (const one of begun.splice(0)) one.stop();
});

function aProber(
  probes: Probes,
  given: Partial<ProberParts> = {},
): { prober: Prober; written: ProbeState[]; timers: FakeTimers } {
  const timers = fakeTimers();
  const written: ProbeState[] = [];
  const prober = startProber({
    probes,
    state: stateFor(probes, RUN, null, 0),
    gate: gate(8),
    now: timers.monotonic,
    timers,
    random: () => 0,
    log: silentLog(),
    look: async () => GOOD,
    holds: () => true,
    write: (state) => {
      written.push(state);
      return true;
    },
    ...given,
  });
  begun.push(prober);
  return { prober, written, timers };
}

test('looks go on, one at a time, and only what changes is written', async () => {
  const open: ((seen: Seen) => void)[] = [];
  let begun = 0;
  const { written, timers } = aProber(
    { live: { tcp: { port: 1 }, interval: 0.1, failures: 1 } },
    {
      look: () => {
        begun += 1;
        return new Promise((resolve) => open.push(resolve));
      },
    },
  );
  for (const round of [1, 2, 3, 4, 5]) {
    // However long one takes, the next begins only after it.
    await timers.pass(1000);
    expect([begun, open.length]).toEqual([round, 1]);
    open.shift()?.({ ok: round !== 3, output: `${round}` });
  }
  await timers.pass(0);
  expect(written.map(({ records }) => records.live?.verdict)).toEqual(['good', 'failed', 'good']);
});

test('a look that does not end in time has failed, and says so', async () => {
  const { prober, timers } = aProber(
    { live: { tcp: { port: 1 }, timeout: 0.05, failures: 1 } },
    {
      look: (_kind, _probe, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    },
  );
  await timers.pass(0);
  await eventually(() =>
    expect(prober.state.records.live).toMatchObject({
      verdict: 'failed',
      last: { ok: false, output: 'no answer within 0.05 s' },
    }),
  );
});

test('after its lease is lost nothing is looked at any more, nor written', async () => {
  let holds = true;
  let count = 0;
  const { written, timers } = aProber(
    { live: { tcp: { port: 1 }, interval: 0.1 } },
    {
      holds: () => holds,
      look: async () => {
        count += 1;
        return { ok: false, output: `${count}` };
      },
    },
  );
  await timers.pass(250);
  expect([count, written.length]).toEqual([3, 3]);
  holds = false;
  await timers.pass(10_000);
  expect([count, written.length, timers.waiting()]).toEqual([3, 3, 0]);
});

test('a database that cannot be asked is not asked without a pause', async () => {
  let asked = 0;
  const { timers } = aProber(
    { live: { tcp: { port: 1 }, interval: 0.1 } },
    {
      holds: () => {
        asked += 1;
        throw new Error('locked');
      },
    },
  );
  await timers.pass(1999);
  expect(asked).toBe(1);
  await timers.pass(2);
  expect(asked).toBe(2);
});

test('what a stop interrupts counts for nothing', async () => {
  let interrupted = false;
  const { prober, written, timers } = aProber(
    { live: { tcp: { port: 1 } } },
    {
      look: (_kind, _probe, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            interrupted = true;
            reject(signal.reason);
          });
        }),
    },
  );
  await timers.pass(0);
  prober.stop();
  await timers.pass(60_000);
  expect([interrupted, timers.waiting(), written]).toEqual([true, 0, []]);
  expect(prober.state.records.live?.last).toBeNull();
});

test('a gate lets so many through at once, in their turn, and none that ended before', async () => {
  const one = gate(2);
  const order: string[] = [];
  const ending = new AbortController();
  const releases: (() => void)[] = [];
  const go = (name: string, signal = new AbortController().signal) =>
    one.run(async () => {
      order.push(name);
      await new Promise<void>((resolve) => releases.push(resolve));
      return name;
    }, signal);
  const all = [go('a'), go('b'), go('c', ending.signal), go('d')];
  await eventually(() => expect(order).toEqual(['a', 'b']));
  ending.abort();
  releases.shift()?.();
  await eventually(() => expect(order).toEqual(['a', 'b', 'd']));
  for (const release of releases) release();
  await eventually(async () => {
    for (const release of releases) release();
    expect(await Promise.all(all)).toEqual(['a', 'b', 'ended', 'd']);
  });
});
