import type { Probe } from '../../../contracts/container-fields/convergence.ts';
import {
  dueLooks,
  intervalOf,
  isTold,
  looked,
  type Probes,
  stateFor,
  timeoutOf,
} from '../../plan/probes/probe-judgement.ts';
import type { ProbeKind, ProbeState } from '../../plan/probes/probe-state.ts';
import type { Log } from '../../runtime/log.ts';
import type { Timers } from '../../runtime/timers.ts';
import type { Gate } from './gate.ts';
import type { Seen } from './looks.ts';

export interface ProberParts {
  readonly state: ProbeState;
  readonly probes: Probes;
  readonly gate: Gate;
  readonly now: () => number;
  readonly timers: Timers;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** One look; settles soon after its signal ends. What it throws is a failed look. */
  readonly look: (kind: ProbeKind, probe: Probe, signal: AbortSignal) => Promise<Seen>;
  /** Whether this run is still ours to look at. */
  readonly holds: () => boolean;
  /** Store what was seen; `touch` when a verdict has changed. False: the lease was lost. */
  readonly write: (state: ProbeState, touch: boolean) => boolean;
}

/** Looks at one run of one container, each probe for itself: never two looks of one at once. */
export interface Prober {
  readonly state: ProbeState;
  /** Other settings from now on. */
  adjust(probes: Probes): void;
  /** Something was seen that a look will show: look at once. */
  soon(kind: ProbeKind): void;
  /** No look begins any more, those under way end and count for nothing. */
  stop(): void;
}

/** So that many containers that began together are not looked at together for ever. */
const JITTER = 0.1;
const MOST_JITTER_MS = 1000;
/** A look that failed for a defect, or for the database, is made again after so long. */
const AFTER_DEFECT_MS = 2000;

export function startProber(parts: ProberParts): Prober {
  const { gate, now, timers, random, log, look, holds, write } = parts;
  const ending = new AbortController();
  const busy = new Set<ProbeKind>();
  const due = new Map<ProbeKind, number>();
  const jitter = new Map<ProbeKind, number>();
  let { state, probes } = parts;
  let unwritten = { is: false, touch: false };
  let callOff = (): void => undefined;

  const stop = (): void => {
    ending.abort();
    callOff();
  };

  /** By the monotonic clock, once for each look: a clock that is set back keeps nobody waiting for longer than usual. */
  const plan = (): void => {
    callOff();
    if (ending.signal.aborted) return;
    const asked = dueLooks(probes, state).filter(({ kind }) => !busy.has(kind));
    for (const { kind, at } of asked) {
      const probe = probes[kind];
      if (probe === undefined || due.has(kind)) continue;
      const longest = Math.max(intervalOf(kind, probe), (probe.delay ?? 0) * 1000);
      const wait = Math.min(longest, Math.max(0, at - now())) + (jitter.get(kind) ?? 0);
      due.set(kind, timers.monotonic() + wait);
    }
    const next = asked.map(({ kind }) => due.get(kind) ?? 0).toSorted((a, b) => a - b)[0];
    if (next !== undefined) callOff = timers.after(Math.max(0, next - timers.monotonic()), begin);
  };

  const begin = (): void => {
    const time = timers.monotonic() + 1;
    for (const { kind } of dueLooks(probes, state)) {
      if (busy.has(kind) || (due.get(kind) ?? time) > time) continue;
      due.delete(kind);
      busy.add(kind);
      lookOnce(kind)
        .catch((error: unknown) => {
          log.warn({ error }, 'a probe could not be judged; looked at again soon');
          due.set(kind, timers.monotonic() + AFTER_DEFECT_MS);
        })
        .finally(() => {
          busy.delete(kind);
          plan();
        });
    }
    plan();
  };

  const lookOnce = async (kind: ProbeKind): Promise<void> => {
    const probe = probes[kind];
    if (probe === undefined) return;
    let at = now();
    const seen = await gate.run(async () => {
      if (!holds()) {
        stop();
        return 'ended' as const;
      }
      at = now();
      const time = AbortSignal.timeout(timeoutOf(probe));
      const signal = AbortSignal.any([ending.signal, time]);
      return await look(kind, probe, signal).catch((error: unknown) => failed(error, time, probe));
    }, ending.signal);
    if (seen === 'ended' || ending.signal.aborted) return;
    jitter.set(kind, random() * Math.min(MOST_JITTER_MS, intervalOf(kind, probe) * JITTER));
    const before = state;
    state = looked(probes, state, kind, { ...seen, at });
    const touch = before.records[kind]?.verdict !== state.records[kind]?.verdict;
    unwritten = { is: unwritten.is || isTold(before, state, kind), touch: unwritten.touch || touch };
    if (!unwritten.is) return;
    if (!write(state, unwritten.touch)) stop();
    unwritten = { is: false, touch: false };
  };

  plan();
  return {
    get state() {
      return state;
    },
    adjust: (wanted) => {
      probes = wanted;
      state = stateFor(wanted, state, state, now());
      due.clear();
      plan();
    },
    soon: (kind) => {
      due.set(kind, 0);
      plan();
    },
    stop,
  };
}

function failed(error: unknown, time: AbortSignal, probe: Probe): Seen {
  const why = error instanceof Error ? error.message : String(error);
  return { ok: false, output: time.aborted ? `no answer within ${timeoutOf(probe) / 1000} s` : why };
}
