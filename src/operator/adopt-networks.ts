import { readKeptNetwork } from '../engine/kept-network.ts';
import { LABEL, ownership } from '../engine/labels.ts';
import { mentionedNetworks } from '../plan/mentioned.ts';
import { madeNetwork } from '../store/made-network.ts';
import type { Adopting, AdoptReport, Found, Leave } from './adopting.ts';

const OF_THE_ENGINE: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Networks that calls had made stay again, as their labels say. Of one made otherwise, and only asked for later, no label tells. */
export async function adoptNetworks({
  engine,
  identity,
  store,
  now,
  signal,
}: Adopting): Promise<readonly string[]> {
  const adopted: string[] = [];
  const labels = { [LABEL.instance]: identity.instance };
  for (const { name, labels: own } of await engine.networks.list({ labels }, signal)) {
    if (ownership(identity, 'network', name, own) === 'foreign') continue;
    const kept = readKeptNetwork(identity, name, own);
    if (kept === undefined || store.resources.wanted('network', name) !== undefined) continue;
    store.resources.put(madeNetwork(kept), now);
    adopted.push(name);
  }
  return adopted;
}

/** What else of ours they are on, so that they join it again when they are made anew: the engine’s own state is all that is known of it. */
export async function adoptJoins(
  found: readonly Found[],
  { engine, identity, store, signal }: Adopting,
  leave: Leave,
): Promise<AdoptReport['joins']> {
  const joins: { name: string; network: string }[] = [];
  for (const { row, seen } of found) {
    const mentioned = mentionedNetworks(row.spec);
    for (const { network, aliases, asked } of seen.networks) {
      if (OF_THE_ENGINE.has(network) || mentioned.includes(network)) continue;
      const there = await engine.networks.inspect(network, signal);
      if (there === undefined) continue;
      if (ownership(identity, 'network', network, there.labels) === 'foreign') {
        leave(
          row.name,
          `it is on the network ${network}, which is not of this Berth: connect it again, that it stays so when it is made anew`,
        );
        continue;
      }
      const own = aliases.filter((alias) => !seen.id.startsWith(alias));
      store.connections.put(row.id, { network, aliases: own, ...asked });
      joins.push({ name: row.name, network });
    }
  }
  return joins;
}
