import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Failure } from '../../../contracts/listing.ts';
import type { networks } from '../../../contracts/networks.ts';
import { LABEL, ownership } from '../../engine/labels.ts';
import { mentionedNetworks } from '../../plan/mentioned.ts';
import { madeNetworkId } from '../../store/made-network.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { failureOf } from '../failure-of.ts';

type Methods = Handlers<typeof networks>;

export function removeNetwork({ engine, identity, store }: ContainerParts): Methods['remove'] {
  return async ({ network }, { signal }) => {
    const seen = await engine.networks.inspect(network, signal);
    if (seen === undefined) return { network, removed: false };
    const { id, name, labels, members } = seen;
    if (ownership(identity, 'network', name, labels) === 'foreign')
      throw new ContractError(
        'not_ours',
        `the network ${name} (${id.slice(0, 12)}) was made by somebody else`,
      );
    const { id: entry, entry_source } = store.resources.wanted('network', name) ?? {};
    if (entry_source)
      throw new ContractError('wrong_state', `${entry} declares the network ${name} in ${entry_source}`, {
        next: 'Remove its entry from the registry.',
      });
    const outcome = await engine.networks.remove(id, signal);
    if (outcome === 'in_use') {
      const users = members.map((one) => one.name).join(', ');
      throw new ContractError('wrong_state', `the network ${name} is in use${users && ` by ${users}`}`, {
        next: 'Stop or disconnect what is on it first.',
      });
    }
    store.resources.remove(madeNetworkId(name));
    store.connections.forget(name);
    return { network: name, removed: outcome === 'removed' };
  };
}

export function pruneNetworks({ engine, identity, store }: ContainerParts): Methods['prune'] {
  return async ({ labels = {}, dry_run = false }, { signal }) => {
    const wanted = new Set([
      ...store.containers.present().flatMap(({ spec }) => mentionedNetworks(spec)),
      ...store.resources.declared().flatMap(({ kind, name }) => (kind === 'network' ? name : [])),
      ...store.containers.present().flatMap(({ id }) => store.connections.of(id).map((one) => one.network)),
    ]);
    const seen = await engine.networks.list(
      { labels: { ...labels, [LABEL.instance]: identity.instance }, dangling: true },
      signal,
    );
    const candidates = seen
      .filter(
        (one) => !wanted.has(one.name) && ownership(identity, 'network', one.name, one.labels) === 'ours',
      )
      .toSorted((one, other) => one.name.localeCompare(other.name));
    const removed: { id: string; name: string }[] = [];
    const failed: Failure[] = [];
    for (const { id, name } of candidates) {
      try {
        // Somebody may have joined it since.
        if (!dry_run && (await engine.networks.remove(id, signal)) !== 'removed') continue;
        if (!dry_run) store.resources.remove(madeNetworkId(name));
        removed.push({ id, name });
      } catch (error) {
        failed.push(failureOf(name, error));
      }
    }
    return { removed, failed };
  };
}
