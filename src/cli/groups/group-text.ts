import type { DeploymentView, GroupMember, GroupView } from '../../../contracts/group-methods/group-view.ts';
import { printable } from '../printable.ts';
import { table } from '../table.ts';

type Status = GroupView & { readonly members: readonly GroupMember[] };

/** All groups, a line each. */
export function groupTable(groups: readonly GroupView[]): string {
  const rows = groups.map((group) => [
    group.group,
    group.ready ? `${group.status}, ready` : group.status,
    String(group.release),
    Object.entries(group.services)
      .map(([service, { ready, replicas }]) => `${service} ${ready}/${replicas}`)
      .join(', '),
    group.deployment === undefined ? '' : deploymentLine(group.deployment),
  ]);
  return table(['GROUP', 'STATUS', 'RELEASE', 'READY', 'UNDER WAY'], rows);
}

/** One group and its members. */
export function groupText(group: Status): string {
  const head = `${group.group}: ${group.status}${group.ready ? ', ready' : ''}, release ${group.release}, network ${group.network}`;
  const rows = group.members.map((member) => [
    member.name,
    member.role,
    member.image,
    stateOf(member),
    member.ready ? 'yes' : 'no',
    String(member.restarts),
    member.release === undefined ? '' : String(member.release),
    member.reason?.message ?? '',
  ]);
  const members = table(['NAME', 'ROLE', 'IMAGE', 'STATUS', 'READY', 'RESTARTS', 'RELEASE', 'WHY'], rows);
  const under = group.deployment === undefined ? [] : [deploymentText(group.deployment)];
  return [printable(head), ...under, members].join('\n');
}

function stateOf({ status, health, exit_code, next_attempt_at }: GroupMember): string {
  return [
    status,
    ...(health && health !== 'none' ? [health] : []),
    ...(exit_code === undefined ? [] : [`exit code ${exit_code}`]),
    ...(next_attempt_at === undefined ? [] : [`next try at ${next_attempt_at.slice(11, 19)}`]),
  ].join(', ');
}

function deploymentLine({ kind, state, to_release }: DeploymentView): string {
  return `${kind} to release ${to_release}: ${state.replace('_', ' ')}`;
}

/** How far a deployment is, service by service. */
export function deploymentText(deployment: DeploymentView): string {
  const services = Object.entries(deployment.services).map(([service, { proven, failed, total }]) => {
    const bar = `${'█'.repeat(proven)}${'░'.repeat(Math.max(0, total - proven))}`.slice(0, 40);
    return `  ${service}  ${bar} ${proven}/${total}${failed > 0 ? `, ${failed} failed` : ''}`;
  });
  const why = deployment.reason === undefined ? [] : [`  ${deployment.reason.message}`];
  return [deploymentLine(deployment), ...services, ...why].map(printable).join('\n');
}
