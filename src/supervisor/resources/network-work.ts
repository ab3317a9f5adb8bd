import { isContractError } from '../../../contracts/contract-error.ts';
import type { NetworkSpec } from '../../../contracts/network-spec.ts';
import { ensureNetwork } from '../../engine/ensure-network.ts';
import { ownership } from '../../engine/labels.ts';
import type { ResourceRow } from '../../store/surrounding-stores.ts';
import type { ResourceWork, ResourceWorkParts } from './resource-work.ts';

/** A declared network: made anew with other settings when nobody is on it, and removed with its entry once nobody needs it. */
export function networkWork({ engine, identity, store }: ResourceWorkParts): ResourceWork {
  return {
    ensure: async (row, signal) => {
      const wanted = specOf(row);
      try {
        await ensureNetwork(engine, identity, wanted, signal);
      } catch (error) {
        if (!isContractError(error, 'name_conflict') || error.details?.['ours'] !== true) throw error;
        const id = error.details['id'];
        const outcome = typeof id === 'string' ? await engine.networks.remove(id, signal) : 'in_use';
        if (outcome === 'in_use') throw error;
        await ensureNetwork(engine, identity, wanted, signal);
      }
    },
    release: async ({ name }, signal) => {
      const seen = await engine.networks.inspect(name, signal);
      const isOurs = seen?.name === name && ownership(identity, 'network', name, seen.labels) === 'ours';
      // Whoever needs it now keeps it, and lets it go in turn.
      const isNeeded =
        store.resources.wanted('network', name) !== undefined || store.containers.wantsNetwork(name, '');
      if (!isOurs || isNeeded) return true;
      return (await engine.networks.remove(seen.id, signal)) !== 'in_use';
    },
  };
}

function specOf({ name, settings }: ResourceRow): NetworkSpec {
  return { name, ...(settings as Omit<NetworkSpec, 'name'>) };
}
