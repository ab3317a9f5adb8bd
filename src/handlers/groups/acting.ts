import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Status } from '../../../contracts/events.ts';
import type { groups } from '../../../contracts/groups.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { actTogether, restartOf, startOf, stopOf } from '../containers/running.ts';
import { refuseUnattended } from '../containers/settled.ts';
import { groupOf } from './group-of.ts';

type Methods = Pick<Handlers<typeof groups>, 'start' | 'stop' | 'restart'>;

/** The same for each of its containers, all at once; what waits for what is the workers’ to keep. */
export function acting(parts: ContainerParts): Methods {
  const { store } = parts;
  const act = async (
    { group, services, wait = false }: Asked,
    desired_state: 'running' | 'stopped',
    mindOf: Parameters<typeof actTogether>[1],
    signal: AbortSignal,
    leaves?: (row: ContainerRow) => boolean,
  ): Promise<{ group: string; containers: { id: string; name: string; status: Status }[] }> => {
    if (wait) refuseUnattended(parts);
    const rows = membersOf(group, services, parts);
    if (services === undefined) store.groups.set(group, { desired_state });
    const how = { wait, signal, ...(leaves && { leaves }) };
    return { group, containers: [...(await actTogether(rows, mindOf, how, parts))] };
  };
  return {
    start: (asked, { signal }) => act(asked, 'running', startOf, signal),
    stop: (asked, { signal }) => act(asked, 'stopped', (row) => stopOf(row, asked.timeout), signal),
    restart: (asked, { signal }) => {
      const again = (row: ContainerRow) => restartOf(row, asked.timeout, parts, signal);
      return act(asked, 'running', (row) => (runsOnce(row) ? undefined : again(row)), signal, runsOnce);
    },
  };
}

interface Asked {
  readonly group: string;
  readonly services?: readonly string[] | undefined;
  readonly wait?: boolean | undefined;
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
