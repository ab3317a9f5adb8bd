import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Status } from '../../../contracts/events.ts';
import type { groups } from '../../../contracts/groups.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { running } from '../containers/running.ts';
import { groupOf } from './group-of.ts';

type Methods = Pick<Handlers<typeof groups>, 'start' | 'stop' | 'restart'>;
type One = { readonly id: string; readonly status: Status };

/** The same for each of its containers; what waits for what is the workers’ to keep. */
export function acting(parts: ContainerParts): Methods {
  const { store } = parts;
  const one = running(parts);
  const each = async (
    name: string,
    services: readonly string[] | undefined,
    act: (row: ContainerRow) => Promise<One>,
  ): Promise<{ group: string; containers: { id: string; name: string; status: Status }[] }> => {
    const rows = membersOf(name, services, parts);
    const results = await Promise.all(rows.map(async (row) => ({ ...(await act(row)), name: row.name })));
    return {
      group: name,
      containers: results.map(({ id, name: called, status }) => ({ id, name: called, status })),
    };
  };
  const wants = (
    name: string,
    services: readonly string[] | undefined,
    desired_state: 'running' | 'stopped',
  ): void => {
    groupOf(name, parts.store);
    if (services === undefined) store.groups.set(name, { desired_state });
  };
  return {
    start: async ({ group, services, wait }, context) => {
      wants(group, services, 'running');
      return await each(group, services, ({ id }) => one.start({ id, wait }, context));
    },
    stop: async ({ group, services, wait, timeout }, context) => {
      wants(group, services, 'stopped');
      return await each(group, services, ({ id }) => one.stop({ id, wait, timeout }, context));
    },
    restart: async ({ group, services, wait, timeout }, context) => {
      wants(group, services, 'running');
      return await each(group, services, async (row) =>
        runsOnce(row) ? row : await one.restart({ id: row.id, wait, timeout }, context),
      );
    },
  };
}

function runsOnce({ spec }: ContainerRow): boolean {
  return spec.role === 'init' || spec.role === 'job';
}

/** Of these services, or all. Throws not_found for a service that is not there. */
export function membersOf(
  name: string,
  services: readonly string[] | undefined,
  { store }: Pick<ContainerParts, 'store'>,
): readonly ContainerRow[] {
  const group = groupOf(name, store);
  if (group.desired_state === 'removed')
    throw new ContractError('wrong_state', `${name} is being taken down`);
  const known = Object.keys(store.groups.release(name, group.release)?.services ?? {});
  refuseUnknown(name, services ?? [], known);
  const rows = store.groups.members(name).filter((row) => row.desired_state !== 'removed');
  return services === undefined ? rows : rows.filter((row) => services.includes(row.service ?? ''));
}

/** Throws not_found. */
export function refuseUnknown(group: string, services: readonly string[], known: readonly string[]): void {
  const unknown = services.filter((service) => !known.includes(service));
  if (unknown.length > 0)
    throw new ContractError('not_found', `${group} has no service ${unknown.join(', ')}`, {
      next: `It has: ${known.join(', ')}.`,
    });
}
