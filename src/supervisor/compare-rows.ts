import { LABEL } from '../engine/labels.ts';
import type { ContainerSummary } from '../engine/port/container-calls.ts';
import { canonical } from '../plan/canonical.ts';
import { LIMIT_FIELDS } from '../plan/in-place.ts';
import { lenders, linkedByAddress, sharedContainers } from '../plan/mentioned.ts';
import type { EngineState, ObservedContainer } from '../plan/observed.ts';
import type { ContainerRow } from '../store/container-row.ts';

const STATES_OF: { readonly [S in EngineState]: ReadonlySet<string> } = {
  created: new Set(['stopped', 'creating', 'starting', 'failed', 'pulling']),
  running: new Set(['running', 'starting']),
  paused: new Set(['paused']),
  restarting: new Set(['restarting']),
  removing: new Set(['stopping']),
  exited: new Set(['stopped', 'failed']),
  dead: new Set(['failed']),
};

/** Which rows are as a list of the engine shows them, and which should be looked at. Pure. */
export function compare(
  rows: readonly ContainerRow[],
  summaries: readonly ContainerSummary[],
  now: number,
): { readonly as_said: readonly string[]; readonly differing: readonly string[] } {
  const byRow = Map.groupBy(summaries, (seen) => seen.labels[LABEL.id] ?? '');
  const byName = new Map(summaries.map((seen) => [seen.name, seen]));
  const as_said: string[] = [];
  const differing: string[] = [];
  for (const row of rows) {
    if (isBusy(row, now)) continue;
    const all = byRow.get(row.id) ?? [];
    const seen = all.find(({ id }) => id === row.engine_id) ?? all[0];
    const isAsSaid = seen === undefined ? row.engine_id === null : isLike(row, seen, byName);
    (isAsSaid ? as_said : differing).push(row.id);
  }
  return { as_said, differing };
}

/** Somebody holds it, or it has its own time: not ours to hurry. */
export function isBusy({ claimed_by, next_attempt_at }: ContainerRow, now: number): boolean {
  return claimed_by !== null || (next_attempt_at !== null && next_attempt_at > now);
}

function isLike(
  row: ContainerRow,
  seen: ContainerSummary,
  byName: ReadonlyMap<string, ContainerSummary>,
): boolean {
  const { engine_id, name, status, observed, observed_at, spec } = row;
  const joined = new Set(seen.networks.map(({ network }) => network));
  return (
    seen.id === engine_id &&
    seen.name === name &&
    STATES_OF[seen.state].has(status) &&
    (observed?.networks ?? []).every(({ network }) => joined.has(network)) &&
    // Whose namespace it shares was made anew.
    sharedContainers(spec).every((peer) => {
      const there = byName.get(peer);
      return there === undefined || observed?.shares === undefined || observed.shares.includes(there.id);
    }) &&
    // What it is linked to, or has the volumes of, was made anew: whether that is another one is seen closer.
    [...linkedByAddress(spec), ...lenders(spec)].every((peer) => {
      const there = byName.get(peer);
      return there === undefined || observed_at === null || isBefore(there.created_at, observed_at);
    })
  );
}

/** A list tells whole seconds. */
const SECOND = 1000;

function isBefore(created_at: string, at: number): boolean {
  return Date.parse(created_at) + SECOND < at;
}

/** Whether an inspect shows otherwise what no list shows, and what somebody can change in a container as it is. Pure. */
export function hasChanged(before: ObservedContainer, seen: ObservedContainer): boolean {
  return canonical(changeable(before)) !== canonical(changeable(seen));
}

function changeable(seen: ObservedContainer) {
  const limits = LIMIT_FIELDS.map((field) => seen[field] ?? null);
  const networks = seen.networks.map(({ network, network_id, aliases }) => ({
    network,
    network_id,
    aliases: [...aliases].sort(),
  }));
  networks.sort((a, b) => (a.network < b.network ? -1 : 1));
  return [seen.id, seen.name, seen.restart_policy, limits, networks];
}
