import type { NetworkSpec } from '../../contracts/network-spec.ts';
import type { ResourceRow } from './surrounding-stores.ts';

/** The row that has a network stay that a call asked for, whoever leaves it. */
export function madeNetwork({
  name,
  ...settings
}: NetworkSpec): Pick<ResourceRow, 'id' | 'kind' | 'name' | 'settings' | 'entry_source'> {
  return { id: madeNetworkId(name), kind: 'network', name, settings, entry_source: null };
}

/** No entry’s id has two colons. */
export function madeNetworkId(name: string): string {
  return `made:network:${name}`;
}
