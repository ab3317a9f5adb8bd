import { ContractError } from '../../../contracts/contract-error.ts';
import type { GroupRow } from '../../store/group-rows.ts';
import type { Store } from '../../store/store.ts';

/** The group of that name. Throws not_found. */
export function groupOf(name: string, { groups }: Pick<Store, 'groups'>): GroupRow {
  const group = groups.get(name);
  if (group === undefined) throw noGroup(name, groups.all());
  return group;
}

function noGroup(name: string, all: readonly GroupRow[]): ContractError {
  const names = all.map((one) => one.name);
  const shown = `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
  return new ContractError('not_found', `there is no group ${name}`, {
    next: names.length === 0 ? 'There are no groups yet.' : `There are: ${shown}.`,
  });
}
