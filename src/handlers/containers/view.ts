import type { ContainerView } from '../../../contracts/container-view.ts';
import type { ContainerSummary } from '../../engine/port/container-calls.ts';
import { isReady } from '../../plan/groups/ready.ts';
import { imageOf } from '../../plan/mentioned.ts';
import type { EngineState, ObservedContainer } from '../../plan/observed.ts';
import { probeViews } from '../../plan/probes/probe-view.ts';
import { wellness } from '../../plan/probes/wellness.ts';
import type { ContainerRow } from '../../store/container-row.ts';

const iso = (millis: number): string => new Date(millis).toISOString();

/** A row as callers see it. */
export function viewOfRow(row: ContainerRow, stale: boolean): ContainerView {
  const { observed } = row;
  const up = row.status === 'running' || row.status === 'paused' || row.status === 'restarting';
  return {
    id: row.id,
    name: row.name,
    image: imageOf(row.spec),
    status: row.status,
    health: row.health,
    ready: isReady(row),
    ...(row.reason && { reason: row.reason }),
    ...(row.waits_for !== null && { waits_for: [...row.waits_for] }),
    ...(row.exit_code !== null && { exit_code: row.exit_code }),
    managed: true,
    declared: row.declared,
    ...(row.group_name !== null && { group: row.group_name }),
    ...(row.service !== null && { service: row.service }),
    ...(row.engine_id !== null && { engine_id: row.engine_id }),
    ...(observed && row.status !== 'removed' && { engine_state: observed.state }),
    ...(row.image_id !== null && { image_id: row.image_id }),
    ports: up ? [...(observed?.ports ?? [])] : [],
    networks: networksOf(observed),
    labels: { ...row.spec.labels },
    generation: row.generation,
    attempt: row.attempt,
    restart_count: observed?.restart_count ?? 0,
    created_at: iso(row.created_at),
    ...(observed?.started_at && { started_at: observed.started_at }),
    ...(observed?.finished_at && !up && { finished_at: observed.finished_at }),
    ...(row.next_attempt_at !== null && { next_attempt_at: iso(row.next_attempt_at) }),
    ...(row.observed_at !== null && { observed_at: iso(row.observed_at) }),
    stale: stale && row.status !== 'removed',
  };
}

/** The same, with what its probes have shown. */
export function viewWithProbes(row: ContainerRow, stale: boolean): ContainerView {
  const probes = probeViews(row.spec, row.probe_state, row.observed);
  return { ...viewOfRow(row, stale), ...(probes && { probes }) };
}

/** Somebody else’s container as callers see it. */
export function viewOfForeign(seen: ObservedContainer): ContainerView {
  return {
    ...foreign(seen),
    health: seen.health,
    ready: wellness({}, null, seen).ready,
    networks: networksOf(seen),
    restart_count: seen.restart_count,
    ...(seen.exit_code !== undefined && { exit_code: seen.exit_code }),
    ...(seen.started_at !== undefined && { started_at: seen.started_at }),
    ...(seen.finished_at !== undefined && { finished_at: seen.finished_at }),
  };
}

export function viewOfSummary(seen: ContainerSummary): ContainerView {
  return {
    ...foreign(seen),
    networks: seen.networks.map(({ network, ip }) => ({
      name: network,
      aliases: [],
      ...(ip !== undefined && { ip }),
    })),
    restart_count: 0,
    ...(seen.exit_code !== undefined && { exit_code: seen.exit_code }),
  };
}

function foreign(
  seen: ContainerSummary | ObservedContainer,
): Omit<ContainerView, 'networks' | 'restart_count'> {
  return {
    id: seen.id,
    name: seen.name,
    image: seen.image,
    status: FOREIGN_STATUS[seen.state],
    managed: false,
    declared: false,
    engine_id: seen.id,
    engine_state: seen.state,
    image_id: seen.image_id,
    ports: [...seen.ports],
    labels: { ...seen.labels },
    generation: 0,
    attempt: 0,
    created_at: seen.created_at,
    stale: false,
  };
}

const FOREIGN_STATUS: { readonly [S in EngineState]: ContainerView['status'] } = {
  created: 'stopped',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'stopping',
  exited: 'stopped',
  dead: 'failed',
};

function networksOf(observed: ObservedContainer | null): ContainerView['networks'] {
  return (observed?.networks ?? []).map(({ network, ip, aliases }) => ({
    name: network,
    aliases: [...aliases],
    ...(ip !== undefined && { ip }),
  }));
}
