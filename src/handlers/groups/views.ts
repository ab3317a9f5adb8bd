import type { DeploymentView, GroupMember, GroupView } from '../../../contracts/group-methods/group-view.ts';
import { groupStatus } from '../../plan/groups/group-status.ts';
import { isReady } from '../../plan/groups/ready.ts';
import { slotsOf } from '../../plan/groups/release.ts';
import { imageOf } from '../../plan/mentioned.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { DeploymentRow, GroupRow } from '../../store/group-rows.ts';
import type { Store } from '../../store/store.ts';

const iso = (millis: number): string => new Date(millis).toISOString();

/** A group as callers see it. */
export function viewOfGroup(group: GroupRow, { groups }: Pick<Store, 'groups'>): GroupView {
  const rows = groups.members(group.name);
  const release = groups.release(group.name, group.release);
  const [deployment] = groups.deployments(group.name, 1);
  const services = Object.entries(release?.services ?? {}).map(([service, { spec, replicas }]) => {
    const ready = rows.filter((row) => row.service === service && isReady(row)).length;
    return [service, { replicas: replicas ?? 1, ready, image: imageOf(spec) }] as const;
  });
  return {
    group: group.name,
    declared: group.declared,
    network: group.network,
    auto_network: group.auto_network,
    desired_state: group.desired_state,
    ...groupStatus(
      rows.map((row) => ({
        role: row.spec.role ?? 'main',
        status: row.status,
        exit_code: row.exit_code,
        ready: isReady(row),
        wanted: row.desired_state,
      })),
    ),
    services: Object.fromEntries(services),
    release: group.release,
    labels: { ...group.labels },
    created_at: iso(group.created_at),
    ...(deployment?.ended_at === null && { deployment: viewOfDeployment(deployment, { groups }) }),
  };
}

export function viewOfMember(row: ContainerRow): GroupMember {
  return {
    id: row.id,
    name: row.name,
    service: row.service ?? row.name,
    ...(row.replica !== null && { replica: row.replica }),
    role: row.spec.role ?? 'main',
    image: imageOf(row.spec),
    status: row.status,
    health: row.health,
    ready: isReady(row),
    restarts: row.observed?.restart_count ?? 0,
    ...(row.exit_code !== null && { exit_code: row.exit_code }),
    ...(row.reason && { reason: row.reason }),
    ...(row.next_attempt_at !== null && { next_attempt_at: iso(row.next_attempt_at) }),
    ...(row.release !== null && { release: row.release }),
  };
}

export function viewOfDeployment(row: DeploymentRow, { groups }: Pick<Store, 'groups'>): DeploymentView {
  const goal = row.progress.direction === 'forward' ? row.to_release : row.from_release;
  const slots = slotsOf(groups.release(row.group_name, goal)?.services ?? {});
  const services = row.targets.map((service) => {
    const mine = slots.filter((slot) => slot.service === service);
    const moved = mine.flatMap(({ key }) => row.progress.moved[key] ?? []);
    const count = (outcome: string): number => moved.filter((one) => one.outcome === outcome).length;
    const far = { moved: moved.length, proven: count('proven'), failed: count('failed'), total: mine.length };
    return [service, far] as const;
  });
  return {
    id: row.id,
    kind: row.kind,
    from_release: row.from_release,
    to_release: row.to_release,
    targets: [...row.targets],
    state: row.state,
    services: Object.fromEntries(services),
    ...(row.reason && { reason: row.reason }),
    by: row.by,
    started_at: iso(row.started_at),
    ...(row.ended_at !== null && { ended_at: iso(row.ended_at) }),
  };
}
