import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedNetwork } from '../../plan/observed.ts';
import type { NetworkCalls } from '../port/network-calls.ts';
import { pathSegment } from '../references.ts';
import {
  findContainer,
  findNetwork,
  hasLabels,
  type MemoryContainer,
  type MemoryNetwork,
  newNetwork,
  tell,
  theContainer,
  type World,
} from './world.ts';

const DRIVERS: ReadonlySet<string> = new Set(['bridge', 'host', 'null', 'macvlan', 'ipvlan']);
const ENGINES_OWN: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Networks as a list of who is on them: no packet goes through them, and they have no addresses. */
export function networkCalls(world: World): NetworkCalls {
  const membersOf = (network: string): readonly MemoryContainer[] =>
    [...world.containers.values()].filter(
      (one) => one.networks.has(network) && (one.state === 'running' || one.state === 'paused'),
    );
  const seen = (one: MemoryNetwork): ObservedNetwork => {
    const members = membersOf(one.name);
    return {
      ...one,
      container_ids: members.map(({ id }) => id),
      members: members.map(({ id, name }) => ({ container_id: id, name })),
    };
  };
  const the = (ref: string): MemoryNetwork => {
    const found = findNetwork(world, pathSegment(ref));
    if (found === undefined) throw new ContractError('not_found', `no network ${ref} on the engine`);
    return found;
  };
  return {
    list: async ({ labels, dangling }) =>
      [...world.networks.values()]
        .filter((one) => hasLabels(one.labels, labels))
        .map(seen)
        .filter(
          ({ name, members }) =>
            dangling === undefined || dangling === (members.length === 0 && !ENGINES_OWN.has(name)),
        )
        .map((one) => ({ ...one, container_ids: [], members: [] })),
    inspect: async (ref) => {
      const found = findNetwork(world, pathSegment(ref));
      return found === undefined ? undefined : seen(found);
    },
    create: async ({ name, driver = 'bridge', internal = false, ipam, ...given }) => {
      const { labels, options = {}, attachable = false, ipv6 = false } = given;
      if (world.networks.has(pathSegment(name)))
        throw new ContractError('name_conflict', `a network ${name} is there already`);
      if (!DRIVERS.has(driver))
        throw new ContractError('unsupported', `create network ${name}: there is no driver ${driver}`);
      const { driver: by = 'default', options: more = {}, config = [] } = ipam ?? {};
      const addresses = { driver: by, options: more, config: config.map(withoutAbsent) };
      const made = newNetwork({
        ...{ id: world.newId(), name, driver, internal, labels, options, attachable, ipv6 },
        ipam: addresses,
        created_at: world.stamp(),
      });
      world.networks.set(name, made);
      tell(world, 'network', 'create', { id: made.id, name });
      return { id: made.id };
    },
    remove: async (ref) => {
      const found = findNetwork(world, pathSegment(ref));
      if (found === undefined) return 'absent';
      if (membersOf(found.name).length > 0) return 'in_use';
      world.networks.delete(found.name);
      tell(world, 'network', 'destroy', found);
      return 'removed';
    },
    connect: async (network, container, { aliases, ipv4_address, ipv6_address }) => {
      const { name } = the(network);
      if (ipv4_address !== undefined || ipv6_address !== undefined)
        throw new ContractError('unsupported', 'a network of the memory engine has no addresses');
      const { networks } = theContainer(world, pathSegment(container));
      if (!networks.has(name)) networks.set(name, aliases);
    },
    disconnect: async (network, container) => {
      const found = findNetwork(world, pathSegment(network));
      const member = findContainer(world, pathSegment(container));
      if (found !== undefined) member?.networks.delete(found.name);
    },
  };
}

type Range = ObservedNetwork['ipam']['config'][number];

function withoutAbsent(range: { readonly [K in keyof Range]: Range[K] | undefined }): Range {
  return Object.fromEntries(Object.entries(range).filter(([, value]) => value !== undefined));
}
