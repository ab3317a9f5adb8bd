import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { networks } from '../../../contracts/networks.ts';
import { ownership } from '../../engine/labels.ts';
import { mentionedNetworks } from '../../plan/mentioned.ts';
import type { ObservedContainer, ObservedNetwork } from '../../plan/observed.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { presentRow } from '../containers/present-row.ts';

type Methods = Handlers<typeof networks>;

export function connect(parts: ContainerParts): Methods['connect'] {
  const { engine, identity, store } = parts;
  return async ({ network: ref, container, external = false, ...wanted }, { signal }) => {
    const { row, seen } = await theContainer(container, parts, signal);
    const network = await theNetwork(ref, parts, signal);
    if (!external && ownership(identity, 'network', network.name, network.labels) === 'foreign')
      throw new ContractError('not_ours', `the network ${network.name} was made by somebody else`, {
        next: 'Say `external: true` to have it joined all the same.',
      });
    const answer = { network: network.name, container_id: row.id };
    const before = seen.networks.find((one) => one.network_id === network.id || one.network === network.name);
    if (before !== undefined) {
      refuseOther(before, wanted, `${row.name} is on ${network.name} already`);
      return { ...answer, connected: false };
    }
    const { aliases = [], ipv4_address, ipv6_address } = wanted;
    const joining = {
      aliases: [...new Set([...row.aliases, ...aliases])],
      ...(ipv4_address !== undefined && { ipv4_address }),
      ...(ipv6_address !== undefined && { ipv6_address }),
    };
    await engine.networks.connect(network.id, seen.id, joining, signal);
    // Whoever makes it anew has it join again.
    if (!mentionedNetworks(row.spec).includes(network.name))
      store.connections.put(row.id, { network: network.name, ...joining, ...(external && { external }) });
    return { ...answer, connected: true };
  };
}

export function disconnect(parts: ContainerParts): Methods['disconnect'] {
  return async ({ network: ref, container, force = true }, { signal }) => {
    const { row, seen } = await theContainer(container, parts, signal);
    const network = await theNetwork(ref, parts, signal);
    const answer = { network: network.name, container_id: row.id };
    if (mentionedNetworks(row.spec).includes(network.name))
      throw new ContractError('wrong_state', `${row.name} joins ${network.name} by its own spec`, {
        next: row.declared ? 'Change its entry.' : 'Change its spec.',
      });
    parts.store.connections.remove(row.id, network.name);
    if (!seen.networks.some((one) => one.network_id === network.id || one.network === network.name))
      return { ...answer, disconnected: false };
    await parts.engine.networks.disconnect(network.id, seen.id, { force }, signal);
    return { ...answer, disconnected: true };
  };
}

async function theContainer(
  ref: string,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<{ readonly row: ContainerRow; readonly seen: ObservedContainer }> {
  const row = await presentRow(ref, parts, signal);
  const seen =
    row.engine_id === null ? undefined : await parts.engine.containers.inspect(row.engine_id, signal);
  if (seen === undefined)
    throw new ContractError('wrong_state', `${row.name} is not on the engine now (${row.status})`);
  return { row, seen };
}

async function theNetwork(
  ref: string,
  { engine }: ContainerParts,
  signal: AbortSignal,
): Promise<ObservedNetwork> {
  const seen = await engine.networks.inspect(ref, signal);
  if (seen === undefined)
    throw new ContractError('not_found', `no network ${ref} on the engine`, {
      next: 'Run `berth network ls` to see which there are, or make it with `berth network create`.',
    });
  return seen;
}

/** What joined with other aliases or another address must leave first. */
function refuseOther(
  before: ObservedContainer['networks'][number],
  {
    aliases = [],
    ipv4_address,
    ipv6_address,
  }: {
    readonly aliases?: readonly string[] | undefined;
    readonly ipv4_address?: string | undefined;
    readonly ipv6_address?: string | undefined;
  },
  what: string,
): void {
  const lacking = aliases.filter((alias) => !before.aliases.includes(alias));
  const next = 'Disconnect it first.';
  if (lacking.length > 0)
    throw new ContractError('wrong_state', `${what}, without the alias ${lacking.join(', ')}`, { next });
  if (ipv4_address !== undefined && before.ip !== undefined && before.ip !== ipv4_address)
    throw new ContractError('wrong_state', `${what}, at ${before.ip}`, { next });
  if (ipv6_address !== undefined && before.ipv6 !== undefined && before.ipv6 !== ipv6_address)
    throw new ContractError('wrong_state', `${what}, at ${before.ipv6}`, { next });
}
