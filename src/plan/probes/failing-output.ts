import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { ObservedContainer } from '../observed.ts';
import { PROBE_KINDS, type ProbeState } from './probe-state.ts';
import { stateOf } from './wellness.ts';

/** What the first of its probes that fails said last, with its name; undefined when none fails. */
export function failingOutput(
  { probes }: Pick<ContainerSpec, 'probes'>,
  known: ProbeState | null,
  seen: ObservedContainer,
): string | undefined {
  if (probes === undefined) return undefined;
  const { records } = stateOf(probes, known, seen);
  const kind = PROBE_KINDS.find((one) => records[one]?.last?.ok === false);
  return kind && `\`${kind}\` probe: ${records[kind]?.last?.output ?? ''}`;
}
