import type { Limits } from './actions.ts';
import { BUILD_LABEL } from './build-label.ts';
import { changedFields } from './changed-fields.ts';
import type { Desired } from './desired.ts';
import { differencesOf } from './fields/differences.ts';
import { changedLimits, limitsOf, removedLimit } from './in-place.ts';
import {
  attachmentsOf,
  fullReference,
  imageOf,
  isExternal,
  mentionedVolumes,
  sharedContainers,
  type WantedAttachment,
} from './mentioned.ts';
import type { Observed, ObservedContainer, ObservedNetwork } from './observed.ts';
import { unaccepted } from './unaccepted.ts';

/** How far a container is from what is wanted: the four classes of decision 8, worst first. */
export interface Drift {
  /** Why it must be made anew; undefined when it need not be. */
  readonly recreate?: string;
  /** Limits to change in place, and why. */
  readonly limits?: { readonly to: Limits; readonly cause: string };
  /** Networks to join again. */
  readonly reconnect: readonly {
    readonly wanted: WantedAttachment;
    readonly connected: boolean;
    readonly cause: string;
  }[];
}

/** The label that holds the recreate hash; `engine/labels.ts` writes it. */
export const HASH_LABEL = 'berth.hash';

/** The label of a network of ours that the engine takes addresses for: its subnet was said when it was made. */
export const FIXED_LABEL = 'berth.addresses';

/** Whether a container can be given an address of its own choice on it. */
export function isFixed({ labels }: ObservedNetwork): boolean {
  return labels[FIXED_LABEL] === 'fixed';
}

/** Compare a container of ours with what is wanted. */
export function driftOf(desired: Desired, seen: ObservedContainer, observed: Observed): Drift {
  const recreate = recreateCause(desired, seen, observed);
  if (recreate !== undefined) return { recreate, reconnect: [] };
  const changed = changedLimits(desired, seen);
  return {
    reconnect: missingNetworks(desired, seen, observed),
    ...(changed.length > 0 && {
      limits: { to: limitsOf(desired), cause: `${changed.map(({ field }) => field).join(', ')} changed` },
    }),
  };
}

function recreateCause(desired: Desired, seen: ObservedContainer, observed: Observed): string | undefined {
  const { image } = observed;
  const { spec } = desired;
  if (seen.state === 'dead') return 'dead';
  if (seen.state === 'removing') return 'being removed';
  // What cannot be started again, as engines have it: they could not run it at all.
  if (seen.state === 'exited' && (seen.exit_code ?? 0) < 0) return `ended with ${seen.exit_code}`;
  if (seen.labels[HASH_LABEL] !== desired.recreate_hash) {
    const fields = [
      ...new Set([
        ...changedFields(spec, seen),
        ...differencesOf(spec, seen, image).map(({ field }) => field),
      ]),
    ];
    return fields.length === 0 ? 'spec changed' : `spec changed: ${fields.join(', ')}`;
  }
  if (spec.build !== undefined && seen.labels[BUILD_LABEL] !== spec.build.hash)
    return 'what its image is built from changed';
  // Without the image on the engine its id is not known yet; then only another text can be another image.
  const { image_id } = desired;
  const moved =
    image_id !== undefined
      ? image_id !== seen.image_id
      : image === undefined
        ? fullReference(imageOf(spec)) !== fullReference(seen.image)
        : image.id !== seen.image_id;
  if (moved) return 'image changed';
  const peer = strayed(desired, seen, observed);
  if (peer !== undefined) return `shares a namespace with a former ${peer}`;
  const volume = lostVolume(desired, seen, observed);
  if (volume !== undefined) return `its volume ${volume} is gone`;
  const otherwise = unaccepted(differencesOf(spec, seen, image), seen, desired.accepted);
  if (otherwise.length > 0) return `not as it was made: ${otherwise.map(({ field }) => field).join(', ')}`;
  // The engine takes no zero for these in place.
  const removed = removedLimit(desired, seen);
  return removed === undefined ? undefined : `${removed} removed`;
}

/** A network made anew under its name is another one: what was on the former must join again. */
function missingNetworks(desired: Desired, seen: ObservedContainer, observed: Observed): Drift['reconnect'] {
  return attachmentsOf(desired.spec, desired.aliases).flatMap((wanted): Drift['reconnect'] => {
    const { network, aliases } = wanted;
    const attachment = seen.networks.find((one) => one.network === network);
    if (attachment === undefined) return [{ wanted, connected: false, cause: 'not on its network' }];
    const there = observed.networks.get(network)?.seen;
    if (there === undefined && isExternal(desired.spec, 'network', network)) return [];
    const another = attachment.network_id !== '' && attachment.network_id !== there?.id;
    if (there === undefined || another)
      return [{ wanted, connected: true, cause: 'its network was made anew' }];
    const lacking = aliases.filter((alias) => !attachment.aliases.includes(alias));
    return lacking.length === 0
      ? []
      : [{ wanted, connected: true, cause: `alias ${lacking.join(', ')} missing` }];
  });
}

/** A named volume that it mounts, and that the engine has no more: what is made anew under that name is another one. */
function lostVolume(
  { spec }: Desired,
  { mounts }: ObservedContainer,
  { volumes }: Observed,
): string | undefined {
  return mentionedVolumes(spec).find(
    (name) =>
      !isExternal(spec, 'volume', name) &&
      !volumes.has(name) &&
      mounts.some(({ type, source }) => type === 'volume' && source === name),
  );
}

/** A container whose namespaces it shared, and that has been made anew since, is another one. */
function strayed({ spec }: Desired, { shares }: ObservedContainer, { peers }: Observed): string | undefined {
  if (shares === undefined) return undefined;
  return sharedContainers(spec).find((name) => {
    const peer = peers?.get(name)?.seen.id;
    return peer !== undefined && !shares.includes(peer);
  });
}
