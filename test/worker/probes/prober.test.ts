import { afterEach, expect, test } from 'vitest';
import { type Probes, stateFor } from '../../../src/plan/probes/probe-judgement.ts';
import type { ProbeState } from '../../../src/plan/probes/probe-state.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { gate } from '../../../src/worker/probes/gate.ts';
import type { Seen } from '../../../src/worker/probes/looks.ts';
import { type Prober, type ProberParts, startProber } from '../../../src/worker/probes/prober.ts';
import { eventually } from '../../support/eventually.ts';

const RUN = { engine_id: 'e1', started_at: '2026-01-01T00:00:00.000000000Z' };
const GOOD: Seen = { ok: true, output: 'yes' };
const begun: Prober[] = [];
afterEach(() => {
  for (const one of begun.splice(0)) one.stop();
});

function aProber(
  probes: Probes,
  given: Partial<ProberParts> = {},
): { prober: Prober; written: ProbeState[] } {
  const written: ProbeState[] = [];
  const prober = startProber({
    probes,
    state: stateFor(probes, RUN, null, Date.now()),
    gate: gate(8),
    now: Date.now,
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
  return { prober, written };
}

test('looks go on, one at a time, and only what changes is written', async () => {
  let at_once = 0;
  let most = 0;
  let count = 0;
  const { written } = aProber(
    { live: { tcp: { port: 1 }, interval: 0.1, failures: 1 } },
    {
      look: async () => {
        at_once += 1;
        most = Math.max(most, at_once);
        await new Promise((resolve) => setTimeout(resolve, 250));
        at_once -= 1;
        count += 1;
        return { ok: count !== 3, output: `${count}` };
      },
    },
  );
  await eventually(() => expect(count).toBeGreaterThanOrEqual(5));
  expect(most).toBe(1);
  expect(written.map(({ records }) => records.live?.verdict)).toEqual(['good', 'failed', 'good']);
});

test('a look that does not end in time has failed, and says so', async () => {
  const { prober } = aProber(
    { live: { tcp: { port: 1 }, timeout: 0.05, failures: 1 } },
    {
      look: (_kind, _probe, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    },
  );
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
  const { written } = aProber(
    { live: { tcp: { port: 1 }, interval: 0.1 } },
    {
      holds: () => holds,
      look: async () => {
        count += 1;
        return { ok: false, output: `${count}` };
      },
    },
  );
  await eventually(() => expect(count).toBeGreaterThanOrEqual(2));
  holds = false;
  const before = count;
  const stored = written.length;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(count - before).toBeLessThanOrEqual(1);
  expect(written.length - stored).toBeLessThanOrEqual(1);
});

test('a database that cannot be asked is not asked without a pause', async () => {
  let asked = 0;
  aProber(
    { live: { tcp: { port: 1 }, interval: 0.1 } },
    {
      holds: () => {
        asked += 1;
        throw new Error('locked');
      },
    },
  );
  await eventually(() => expect(asked).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).toBe(1);
});

test('what a stop interrupts counts for nothing', async () => {
  const { prober, written } = aProber(
    { live: { tcp: { port: 1 } } },
    {
      look: (_kind, _probe, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          setTimeout(() => prober.stop(), 20);
        }),
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(written).toEqual([]);
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
