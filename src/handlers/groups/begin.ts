import type { UpdateConfig } from '../../../contracts/container-fields/convergence.ts';
import type { CallContext } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { whyNotStartFirst } from '../../plan/can-start-first.ts';
import type { Services } from '../../plan/groups/release.ts';
import { newId } from '../../runtime/ids.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { DeploymentKind, DeploymentRow, GroupRow } from '../../store/group-rows.ts';
import { neededByAll } from '../../store/needed-rows.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { refuseUnattended, settled } from '../containers/settled.ts';
import { untilDeployed } from './until-deployed.ts';

/** A deployment that a call asks for. */
export interface Wanted {
  readonly group: GroupRow;
  readonly kind: DeploymentKind;
  readonly to: { readonly services: Services; readonly cause: string } | { readonly number: number };
  /** Services that change. */
  readonly changed: readonly string[];
  readonly again: readonly string[];
  /** Started along with it. Left out: what is needed by the services that change, and does not run. */
  readonly along?: readonly ContainerRow[];
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
  started?: string[];
}

/** Begin it, unless nothing would change, and wait for its end when that is asked. Throws busy, deploy_failed. */
export async function begin(
  wanted: Wanted,
  { strategy, wait = false, supersede = false }: How,
  parts: ContainerParts,
  { caller, signal }: Pick<CallContext, 'caller' | 'signal'>,
): Promise<Begun> {
  const { group, kind, to, changed, again } = wanted;
  const { store, clock, poke } = parts;
  if (wait) refuseUnattended(parts);
  if (group.desired_state === 'removed')
    throw new ContractError('wrong_state', `${group.name} is being taken down`);
  if ('services' in to && strategy?.order === 'start_first') refuseStartFirst(to.services, changed);
  const isBusy = store.groups.deployments(group.name, 1)[0]?.ended_at === null;
  // What is under way may be what somebody wants to undo: then nothing is as it stands in the release.
  if (changed.length === 0 && again.length === 0 && !isBusy) {
    const started = startAlong(wanted.along ?? [], parts);
    if (wait) await Promise.all(started.map((row) => settled(row, parts, signal)));
    return { group: group.name, release: group.release, state: 'succeeded', changed: [], ...named(started) };
  }
  const now = clock.now();
  const begun = store.groups.deploy({
    ...{ id: newId('dep', now), group_name: group.name, kind, to, supersede, again, started_at: now },
    targets: [...new Set([...changed, ...again])],
    config: strategy ?? null,
    by: caller.kind === 'operator' ? 'operator' : `${caller.kind} ${caller.name}`,
  });
  const started = startAlong(wanted.along ?? asleep(wanted, parts), parts);
  poke();
  const row = wait ? await untilDeployed(begun.id, parts, signal) : begun;
  if (wait && row.state !== 'succeeded') throw failed(row);
  return {
    group: group.name,
    deployment_id: row.id,
    release: row.to_release,
    state: row.state,
    changed: [...row.targets],
    ...named(started),
  };
}

function named(started: readonly ContainerRow[]): { started?: string[] } {
  return started.length === 0 ? {} : { started: started.map(({ name }) => name) };
}

/** Without it they would wait for it until they are given up. */
function asleep({ group, to, changed, again }: Wanted, { store }: ContainerParts): readonly ContainerRow[] {
  const next = 'services' in to ? to.services : {};
  const moving = store.groups
    .members(group.name)
    .filter(
      ({ service, desired_state }) => desired_state === 'running' && isOf(service, [...changed, ...again]),
    )
    .map((row) => ({ ...row, spec: next[row.service ?? '']?.spec ?? row.spec }));
  return neededByAll(moving, store).filter(({ desired_state }) => desired_state !== 'running');
}

function isOf(service: string | null, services: readonly string[]): boolean {
  return service !== null && services.includes(service);
}

function startAlong(
  rows: readonly ContainerRow[],
  { store, clock, poke }: ContainerParts,
): readonly ContainerRow[] {
  if (rows.length === 0) return [];
  const change = { desired_state: 'running' } as const;
  const changes = rows.map(({ id }) => ({ id, change }));
  const started = store.containers.changeAll(changes, clock.now());
  poke();
  return started.filter((row) => row !== undefined);
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
