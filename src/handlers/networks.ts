import type { Handlers } from '../../contracts/contract.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { networks } from '../../contracts/networks.ts';
import type { Engine } from '../engine/engine.ts';
import { ensureNetwork } from '../engine/ensure-network.ts';
import { keptNetwork } from '../engine/kept-network.ts';
import { lackingCapabilities } from '../plan/capabilities/capabilities.ts';
import { madeNetwork } from '../store/made-network.ts';
import type { ContainerParts } from './containers/parts.ts';
import { connect, disconnect } from './networks/joining.ts';
import { inspectNetwork, listNetworks } from './networks/looking.ts';
import { pruneNetworks, removeNetwork } from './networks/removing.ts';
import { networkViewer } from './networks/view.ts';

/** `userspace.docker:networks` */
export function networkHandlers(parts: ContainerParts): Handlers<typeof networks> {
  const viewOf = networkViewer(parts.identity);
  return {
    create: async (wanted, { signal }) => {
      if (wanted.driver === 'overlay') await refuseOutsideSwarm(parts.engine, signal);
      const { engine, identity } = parts;
      const { network, created } = await ensureNetwork(
        engine,
        identity,
        wanted,
        signal,
        keptNetwork(identity, wanted),
      );
      parts.store.resources.put(madeNetwork(wanted), parts.clock.now());
      return { ...viewOf(network), created };
    },
    list: listNetworks(parts),
    inspect: inspectNetwork(parts),
    remove: removeNetwork(parts),
    connect: connect(parts),
    disconnect: disconnect(parts),
    prune: pruneNetworks(parts),
  };
}

async function refuseOutsideSwarm(engine: Engine, signal: AbortSignal): Promise<void> {
  const [version, info] = await Promise.all([engine.system.ping(signal), engine.system.info(signal)]);
  const [lacking] = lackingCapabilities({ version, info }, ['overlay_network']);
  if (lacking !== undefined)
    throw new ContractError('unsupported', `no overlay network can be made: ${lacking.why ?? 'not here'}`);
}
