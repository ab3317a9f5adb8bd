import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { NetworkView, networks } from '../../../contracts/networks.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { networkViewer } from './view.ts';

const LOOK = 'Run `berth network ls` to see which there are.';

type Methods = Handlers<typeof networks>;
type Wanted = Parameters<Methods['list']>[0];

/** What every engine has from the first. */
const BUILT_IN: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

export function listNetworks({
  engine,
  identity,
}: Pick<ContainerParts, 'engine' | 'identity'>): Methods['list'] {
  const viewOf = networkViewer(identity);
  return async ({ labels = {}, dangling, ...wanted }, { signal }) => {
    const seen = await engine.networks.list({ labels, ...(dangling !== undefined && { dangling }) }, signal);
    const shown = seen.map(viewOf).filter((view) => fits(view, wanted));
    return { networks: shown.toSorted((one, other) => one.name.localeCompare(other.name)) };
  };
}

function fits(view: NetworkView, { name, id, driver, type, managed }: Omit<Wanted, 'labels'>): boolean {
  return (
    (name === undefined || name.some((part) => view.name.includes(part))) &&
    (id === undefined || id.some((beginning) => view.id.startsWith(beginning))) &&
    (driver === undefined || driver.includes(view.driver)) &&
    (type === undefined || (type === 'builtin') === BUILT_IN.has(view.name)) &&
    (managed === undefined || managed === view.managed)
  );
}

export function inspectNetwork({
  engine,
  identity,
}: Pick<ContainerParts, 'engine' | 'identity'>): Methods['inspect'] {
  const viewOf = networkViewer(identity);
  return async ({ network }, { signal }) => {
    const seen = await engine.networks.inspect(network, signal);
    if (seen === undefined)
      throw new ContractError('not_found', `no network ${network} on the engine`, { next: LOOK });
    return { ...viewOf(seen), container_ids: [...seen.container_ids], members: [...seen.members] };
  };
}
