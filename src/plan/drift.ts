import type { Limits } from './actions.ts';
import { BUILD_LABEL } from './build-label.ts';
import { changedFields } from './changed-fields.ts';
import { compareTimes } from './compare-times.ts';
import type { Desired } from './desired.ts';
import type { ClassOf } from './drift-classes.ts';
import { differencesOf } from './fields/differences.ts';
import { changedLimits, limitsOf, removedLimit } from './in-place.ts';
import {
  attachmentsOf,
  fullReference,
  imageOf,
  isExternal,
  lenders,
  linkedByAddress,
  mentionedVolumes,
  mountedPaths,
  sharedContainers,
  type WantedAttachment,
} from './mentioned.ts';
import type { Observed, ObservedContainer, ObservedNetwork } from './observed.ts';
import { unaccepted } from './unaccepted.ts';

/** How far a container is from what is wanted: the four classes of decision 8, worst first. */
export interface Drift {
  /** Why it must be made anew; undefined when it need not be. */
  readonly recreate?: { readonly class: ClassOf<'recreate'>; readonly cause: string };
  /** Limits to change in place, and why. */
  readonly limits?: { readonly to: Limits; readonly cause: string };
  /** Networks to join again. */
  readonly reconnect: readonly {
    readonly class: ClassOf<'join'>;
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

function recreateCause(
  desired: Desired,
  seen: ObservedContainer,
  observed: Observed,
): NonNullable<Drift['recreate']> | undefined {
  const { image } = observed;
  const { spec } = desired;
  const found = (drift: ClassOf<'recreate'>, cause: string) => ({ class: drift, cause });
  if (seen.state === 'dead') return found('dead', 'dead');
  // Until it is gone nothing is done with it.
  if (seen.state === 'removing') return found('dead', 'being removed');
  const hopeless = whyNoStart(seen);
  if (hopeless !== undefined) return found('cannot_start', hopeless);
  if (seen.labels[HASH_LABEL] !== desired.recreate_hash) {
    const fields = [
      ...new Set([
        ...changedFields(spec, seen),
        ...differencesOf(spec, seen, image).map(({ field }) => field),
      ]),
    ];
    return found('spec', fields.length === 0 ? 'spec changed' : `spec changed: ${fields.join(', ')}`);
  }
  if (spec.build !== undefined && seen.labels[BUILD_LABEL] !== spec.build.hash)
    return found('build', 'what its image is built from changed');
  // Without the image on the engine its id is not known yet; then only another text can be another image.
  const { image_id } = desired;
  const moved =
    image_id !== undefined
      ? image_id !== seen.image_id
      : image === undefined
        ? fullReference(imageOf(spec)) !== fullReference(seen.image)
        : image.id !== seen.image_id;
  if (moved) return found('image', 'image changed');
  const peer = strayed(desired, seen, observed);
  if (peer !== undefined) return found('namespace', `shares a namespace with a former ${peer}`);
  const linked = formerLink(desired, seen, observed);
  if (linked !== undefined) return found('link', `linked to a former ${linked}`);
  const lender = formerLender(desired, seen, observed);
  if (lender !== undefined) return found('shared_volumes', `has the volumes of a former ${lender}`);
  const volume = lostVolume(desired, seen, observed);
  if (volume !== undefined) return found('volume', `its volume ${volume} is gone`);
  const otherwise = unaccepted(differencesOf(spec, seen, image), seen, desired.accepted);
  if (otherwise.length > 0)
    return found('settings', `not as it was made: ${otherwise.map(({ field }) => field).join(', ')}`);
  // The engine takes no zero for these in place.
  const removed = removedLimit(desired, seen);
  return removed === undefined ? undefined : found('extra_limit', `${removed} removed`);
}

/** A network made anew under its name is another one: what was on the former must join again. */
function missingNetworks(desired: Desired, seen: ObservedContainer, observed: Observed): Drift['reconnect'] {
  return attachmentsOf(desired.spec, desired.aliases).flatMap((wanted): Drift['reconnect'] => {
    const { network, aliases } = wanted;
    const attachment = seen.networks.find((one) => one.network === network);
    if (attachment === undefined)
      return [{ class: 'off_network', wanted, connected: false, cause: 'not on its network' }];
    const there = observed.networks.get(network)?.seen;
    if (there === undefined && isExternal(desired.spec, 'network', network)) return [];
    const another = attachment.network_id !== '' && attachment.network_id !== there?.id;
    if (there === undefined || another)
      return [{ class: 'new_network', wanted, connected: true, cause: 'its network was made anew' }];
    const lacking = aliases.filter((alias) => !attachment.aliases.includes(alias));
    return lacking.length === 0
      ? []
      : [{ class: 'alias', wanted, connected: true, cause: `alias ${lacking.join(', ')} missing` }];
  });
}

/** The engine finds nothing to run, or may not run it. It did once: so another container of the image will do. */
const NOTHING_TO_RUN: ReadonlySet<number> = new Set([126, 127]);

/** Why no start will do, as engines have it; undefined when one may. */
function whyNoStart({ state, exit_code = 0, error, started_at }: ObservedContainer): string | undefined {
  if (state !== 'exited') return undefined;
  if (exit_code < 0) return `ended with ${exit_code}`;
  if (error === undefined || started_at === undefined || !NOTHING_TO_RUN.has(exit_code)) return undefined;
  return `cannot be started again: ${error.split(': ').slice(-3).join(': ')}`;
}

/** The engine keeps the address of the one that was there when this one was made. */
function formerLink(
  { spec }: Desired,
  { created_at }: ObservedContainer,
  { peers }: Observed,
): string | undefined {
  return linkedByAddress(spec).find((name) => {
    const peer = peers?.get(name)?.seen;
    return peer !== undefined && compareTimes(peer.created_at, created_at) > 0;
  });
}

/** Where a container mounts a volume, this one has another. */
function formerLender(
  { spec }: Desired,
  { mounts }: ObservedContainer,
  { peers }: Observed,
): string | undefined {
  const own = new Set(mountedPaths(spec));
  return lenders(spec).find((name) =>
    (peers?.get(name)?.seen.mounts ?? []).some(
      ({ type, container, source }) =>
        type === 'volume' &&
        !own.has(container) &&
        mounts.some((one) => one.container === container && one.source !== source),
    ),
  );
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
