import type { Limits } from './actions.ts';
import type { Desired } from './desired.ts';
import { joinedNetwork } from './mentioned.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { restartPolicyOf } from './restart-policy.ts';

/** How far a container is from what is wanted: the four classes of decision 8, worst first. */
export interface Drift {
  /** Why it must be made anew; undefined when it need not be. */
  readonly recreate?: string;
  /** Limits to change in place, and why. */
  readonly limits?: { readonly to: Limits; readonly cause: string };
  /** Networks to join again. */
  readonly reconnect: readonly {
    readonly network: string;
    readonly connected: boolean;
    readonly cause: string;
  }[];
}

/** The label that holds the recreate hash; `engine/labels.ts` writes it. */
export const HASH_LABEL = 'berth.hash';

/** Compare a container of ours with what is wanted. */
export function driftOf(desired: Desired, seen: ObservedContainer, observed: Observed): Drift {
  const recreate = recreateCause(desired, seen, observed);
  if (recreate !== undefined) return { recreate, reconnect: [] };
  const changed = changedLimits(desired, seen);
  return {
    reconnect: missingNetworks(desired, seen),
    ...(changed.length > 0 && { limits: { to: limitsOf(desired), cause: `${changed.join(', ')} changed` } }),
  };
}

/** The limits that a container should have. */
export function limitsOf({ spec, declared }: Desired): Limits {
  return {
    restart_policy: restartPolicyOf(spec, declared),
    ...(spec.memory_limit !== undefined && { memory_limit: spec.memory_limit }),
    ...(spec.cpu_limit !== undefined && { cpu_limit: spec.cpu_limit }),
  };
}

function recreateCause(desired: Desired, seen: ObservedContainer, { image }: Observed): string | undefined {
  if (seen.state === 'dead') return 'dead';
  if (seen.labels[HASH_LABEL] !== desired.recreate_hash) return 'spec changed';
  if (image !== undefined && image.id !== seen.image_id) return 'image changed';
  // The engine takes no zero for these in place.
  if (desired.spec.memory_limit === undefined && seen.memory_limit !== undefined)
    return 'memory_limit removed';
  if (desired.spec.cpu_limit === undefined && seen.cpu_limit !== undefined) return 'cpu_limit removed';
  return undefined;
}

function changedLimits(desired: Desired, seen: ObservedContainer): readonly string[] {
  const to = limitsOf(desired);
  return (['memory_limit', 'cpu_limit', 'restart_policy'] as const).filter(
    (field) => to[field] !== seen[field],
  );
}

function missingNetworks(desired: Desired, seen: ObservedContainer): Drift['reconnect'] {
  const network = joinedNetwork(desired.spec);
  if (network === undefined) return [];
  const attachment = seen.networks.find((one) => one.network === network);
  if (attachment === undefined) return [{ network, connected: false, cause: 'not on its network' }];
  const lacking = desired.aliases.filter((alias) => !attachment.aliases.includes(alias));
  return lacking.length === 0
    ? []
    : [{ network, connected: true, cause: `alias ${lacking.join(', ')} missing` }];
}
