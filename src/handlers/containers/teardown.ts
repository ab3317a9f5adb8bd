import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import type { Failure } from '../../../contracts/listing.ts';
import { ownership } from '../../engine/labels.ts';
import { mentionedNetworks } from '../../plan/mentioned.ts';
import type { GroupRow } from '../../store/group-rows.ts';
import { failureOf } from '../failure-of.ts';
import type { ContainerParts } from './parts.ts';
import { refuseUnattended } from './settled.ts';
import { untilGone } from './until-gone.ts';

/**
 * All members wanted gone in one transaction; workers stop and remove them, the last one with the network. The group is
 * forgotten after its last member: whoever asks again waits for what is left.
 */
export function teardown(parts: ContainerParts): Handlers<typeof containers>['teardown'] {
  const { store, clock, poke } = parts;
  return async ({ group: name, wait = false, timeout, keep_volumes }, { signal }) => {
    if (wait) refuseUnattended(parts);
    const down = store.groups.takeDown(name, { stop_timeout: timeout, keep_volumes }, clock.now());
    if (down === undefined) return { group: name, containers: [], network_removed: false, failed: [] };
    poke();
    const shown = down.rows.map((row) => ({ id: row.id, name: row.name, status: row.status }));
    if (!wait) return { group: name, containers: shown, network_removed: false, failed: [] };
    const failed: Failure[] = [];
    await Promise.all(
      shown.map(async (one) => {
        try {
          await untilGone(one.id, parts, signal);
        } catch (error) {
          failed.push(failureOf(one.name, error));
        }
      }),
    );
    const gone = shown.map((one) => ({ ...one, status: store.containers.get(one.id)?.status ?? 'removed' }));
    const network_removed = failed.length === 0 && (await removeNetwork(down.group, parts, signal));
    // One that entries declare is remembered as taken down, until they say something else.
    if (failed.length === 0 && !down.group.declared) store.groups.forgetEnded(name);
    return { group: name, containers: gone, network_removed, failed };
  };
}

/** Mostly it went with the last container; what nobody ever joined is still there. */
async function removeNetwork(
  { network, auto_network }: GroupRow,
  { engine, identity, store }: ContainerParts,
  signal: AbortSignal,
): Promise<boolean> {
  if (!auto_network) return false;
  const seen = await engine.networks.inspect(network, signal);
  if (seen === undefined) return true;
  if (ownership(identity, 'network', network, seen.labels) === 'foreign') return false;
  const wanted = store.containers.present().some(({ spec }) => mentionedNetworks(spec).includes(network));
  if (wanted || store.resources.wanted('network', network) !== undefined) return false;
  return (await engine.networks.remove(seen.id, signal)) !== 'in_use';
}
