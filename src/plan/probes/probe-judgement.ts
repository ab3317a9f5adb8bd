import type { Probe } from '../../../contracts/container-fields/convergence.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { canonical, type Json } from '../canonical.ts';
import { type Look, PROBE_KINDS, type ProbeKind, type ProbeRecord, type ProbeState } from './probe-state.ts';

export type Probes = NonNullable<ContainerSpec['probes']>;
/** The container and its run that are looked at. */
export type Run = Pick<ProbeState, 'engine_id' | 'started_at'>;

const SECOND = 1000;
const INTERVAL: { readonly [K in ProbeKind]: number } = { startup: 1, ready: 5, live: 5 };
const FAILURES: { readonly [K in ProbeKind]: number } = { startup: 60, ready: 3, live: 3 };
const TIMEOUT = 3;
/** However short somebody says they are. */
const SHORTEST_INTERVAL_MS = 100;
const SHORTEST_TIMEOUT_MS = 10;

/** The state of a run that begins, or goes on: what was seen of it by the same settings is kept, all else is new. */
export function stateFor(probes: Probes, run: Run, known: ProbeState | null, now: number): ProbeState {
  const { engine_id, started_at } = run;
  const same = isOf(known, run) ? known : undefined;
  const records = PROBE_KINDS.flatMap((kind) => {
    const probe = probes[kind];
    return probe === undefined ? [] : [[kind, recordFor(probe, same?.records[kind])] as const];
  });
  return { engine_id, started_at, since: same?.since ?? now, records: Object.fromEntries(records) };
}

/** Whether that is what was seen of this run. */
export function isOf(
  state: ProbeState | null,
  { engine_id, started_at }: { readonly engine_id: string; readonly started_at: string | undefined },
): state is ProbeState {
  return state?.engine_id === engine_id && state.started_at === started_at;
}

function recordFor(probe: Probe, known: ProbeRecord | undefined): ProbeRecord {
  const of = canonical(probe as Json);
  return known?.of === of ? known : { of, verdict: 'pending', streak: 0, last: null };
}

/** The state after one more look. So many in a row change a verdict; fewer leave it as it was. */
export function looked(probes: Probes, state: ProbeState, kind: ProbeKind, look: Look): ProbeState {
  const record = state.records[kind];
  const probe = probes[kind];
  if (record === undefined || probe === undefined) return state;
  const streak = record.last?.ok === look.ok ? record.streak + 1 : 1;
  const needed = look.ok ? (probe.successes ?? 1) : (probe.failures ?? FAILURES[kind]);
  const verdict = streak < needed ? record.verdict : look.ok ? 'good' : 'failed';
  return { ...state, records: { ...state.records, [kind]: { ...record, verdict, streak, last: look } } };
}

/** Whether startup is over: until then nothing else is asked. */
export function hasStarted(state: ProbeState): boolean {
  return state.records.startup === undefined || state.records.startup.verdict === 'good';
}

/** Which probes are to be looked at, and when at the earliest: milliseconds by our clock. */
export function dueLooks(
  probes: Probes,
  state: ProbeState,
): readonly { readonly kind: ProbeKind; readonly at: number }[] {
  const asked: readonly ProbeKind[] = hasStarted(state) ? ['ready', 'live'] : ['startup'];
  return asked.flatMap((kind) => {
    const probe = probes[kind];
    const record = state.records[kind];
    if (probe === undefined || record === undefined) return [];
    // What was written once was written.
    if (probe.log !== undefined && record.last?.ok === true && record.verdict === 'good') return [];
    const first = state.since + (probe.delay ?? 0) * SECOND;
    const at = record.last === null ? first : record.last.at + intervalOf(kind, probe);
    return [{ kind, at: Math.max(first, at) }];
  });
}

/** Milliseconds between two looks. */
export function intervalOf(kind: ProbeKind, probe: Probe): number {
  return Math.max(SHORTEST_INTERVAL_MS, (probe.interval ?? INTERVAL[kind]) * SECOND);
}

/** Milliseconds for one look. */
export function timeoutOf(probe: Probe): number {
  return Math.max(SHORTEST_TIMEOUT_MS, (probe.timeout ?? TIMEOUT) * SECOND);
}

/** Whether a look has changed what anybody would hear of it: a verdict, its way of going, or why it fails. */
export function isTold(before: ProbeState, after: ProbeState, kind: ProbeKind): boolean {
  const [one, other] = [before.records[kind], after.records[kind]];
  if (one?.verdict !== other?.verdict || one?.last?.ok !== other?.last?.ok) return true;
  return other?.last?.ok === false && one?.last?.output !== other.last.output;
}
