import type { UpdateConfig } from '../../../contracts/container-fields/convergence.ts';
import type { CallContext } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { whyNotStartFirst } from '../../plan/can-start-first.ts';
import type { Services } from '../../plan/groups/release.ts';
import { newId } from '../../runtime/ids.ts';
import type { DeploymentKind, DeploymentRow, GroupRow } from '../../store/group-rows.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { refuseUnattended } from '../containers/settled.ts';
import { untilDeployed } from './until-deployed.ts';

/** A deployment that a call asks for. */
export interface Wanted {
  readonly group: GroupRow;
  readonly kind: DeploymentKind;
  readonly to: { readonly services: Services; readonly cause: string } | { readonly number: number };
  /** Services that change. */
  readonly changed: readonly string[];
  readonly again: readonly string[];
}

/** How a call wants it done. */
export interface How {
  readonly strategy?: UpdateConfig | undefined;
  readonly wait?: boolean | undefined;
  readonly supersede?: boolean | undefined;
}

export interface Begun {
  group: string;
  deployment_id?: string;
  release: number;
  state: DeploymentRow['state'];
  changed: string[];
}

/** Begin it, unless nothing would change, and wait for its end when that is asked. Throws busy, deploy_failed. */
export async function begin(
  { group, kind, to, changed, again }: Wanted,
  { strategy, wait = false, supersede = false }: How,
  parts: ContainerParts,
  { caller, signal }: Pick<CallContext, 'caller' | 'signal'>,
): Promise<Begun> {
  const { store, clock, poke } = parts;
  if (wait) refuseUnattended(parts);
  if (group.desired_state === 'removed')
    throw new ContractError('wrong_state', `${group.name} is being taken down`);
  if ('services' in to && strategy?.order === 'start_first') refuseStartFirst(to.services, changed);
  const isBusy = store.groups.deployments(group.name, 1)[0]?.ended_at === null;
  // What is under way may be what somebody wants to undo: then nothing is as it stands in the release.
  if (changed.length === 0 && again.length === 0 && !isBusy)
    return { group: group.name, release: group.release, state: 'succeeded', changed: [] };
  const now = clock.now();
  const begun = store.groups.deploy({
    ...{ id: newId('dep', now), group_name: group.name, kind, to, supersede, again, started_at: now },
    targets: [...new Set([...changed, ...again])],
    config: strategy ?? null,
    by: caller.kind === 'operator' ? 'operator' : `${caller.kind} ${caller.name}`,
  });
  poke();
  const row = wait ? await untilDeployed(begun.id, parts, signal) : begun;
  if (wait && row.state !== 'succeeded') throw failed(row);
  return {
    group: group.name,
    deployment_id: row.id,
    release: row.to_release,
    state: row.state,
    changed: [...row.targets],
  };
}

/** Two of them cannot be up at once. What a service says of itself is checked where it is said. */
function refuseStartFirst(services: Services, changed: readonly string[]): void {
  for (const service of changed) {
    const spec = services[service]?.spec;
    const why = spec && whyNotStartFirst(spec);
    if (why !== undefined)
      throw new ContractError(
        'invalid_input',
        `${service} ${why}, so that the new one cannot start before the old one stops`,
        { next: 'Say `order: stop_first`.' },
      );
  }
}

function failed({ id, group_name, state, to_release, from_release, reason }: DeploymentRow): ContractError {
  const why = reason?.message ?? (state === 'superseded' ? 'another deployment took its place' : state);
  const after = state === 'rolled_back' ? `; ${group_name} is back at release ${from_release}` : '';
  return new ContractError(
    'deploy_failed',
    `release ${to_release} of ${group_name} failed (${state}): ${why}${after}`,
    {
      details: { deployment_id: id, state },
    },
  );
}
