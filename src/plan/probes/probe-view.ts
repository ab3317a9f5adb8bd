import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { ProbeView } from '../../../contracts/container-view.ts';
import type { ObservedContainer } from '../observed.ts';
import { PROBE_KINDS, type ProbeKind, type ProbeState } from './probe-state.ts';
import { stateOf } from './wellness.ts';

/** What the probes of a container have shown, as callers see it; undefined when it has none, or does not run. */
export function probeViews(
  { probes }: Pick<ContainerSpec, 'probes'>,
  known: ProbeState | null,
  seen: ObservedContainer | null,
): { readonly [K in ProbeKind]?: ProbeView } | undefined {
  if (probes === undefined || seen === null || (seen.state !== 'running' && seen.state !== 'paused'))
    return undefined;
  const { records } = stateOf(probes, known, seen);
  return Object.fromEntries(
    PROBE_KINDS.flatMap((kind) => {
      const record = records[kind];
      if (record === undefined) return [];
      const { verdict, streak, last } = record;
      const look = last && { ok: last.ok, output: last.output, looked_at: new Date(last.at).toISOString() };
      return [[kind, { verdict, streak, ...look }] as const];
    }),
  );
}
