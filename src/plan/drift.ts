import type { Limits } from './actions.ts';
import { changedFields } from './changed-fields.ts';
import type { Desired } from './desired.ts';
import { fullReference, imageOf, joinedNetwork } from './mentioned.ts';
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
    reconnect: missingNetworks(desired, seen, observed),
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
  const { spec } = desired;
  if (seen.state === 'dead') return 'dead';
  if (seen.state === 'removing') return 'being removed';
  if (seen.labels[HASH_LABEL] !== desired.recreate_hash) {
    const fields = changedFields(spec, seen);
    return fields.length === 0 ? 'spec changed' : `spec changed: ${fields.join(', ')}`;
  }
  // Without the image on the engine its id is not known yet; then only another text can be another image.
  const moved =
    image === undefined
      ? fullReference(imageOf(spec)) !== fullReference(seen.image)
      : image.id !== seen.image_id;
  if (moved) return 'image changed';
  // The engine takes no zero for these in place.
  if (spec.memory_limit === undefined && seen.memory_limit !== undefined) return 'memory_limit removed';
  if (spec.cpu_limit === undefined && seen.cpu_limit !== undefined) return 'cpu_limit removed';
  return undefined;
}

function changedLimits(desired: Desired, seen: ObservedContainer): readonly string[] {
  const { memory_limit, cpu_limit, restart_policy } = limitsOf(desired);
  return [
    ...(memory_limit === seen.memory_limit ? [] : ['memory_limit']),
    ...(nanos(cpu_limit) === nanos(seen.cpu_limit) ? [] : ['cpu_limit']),
    ...(restart_policy === seen.restart_policy ? [] : ['restart_policy']),
  ];
}

/** The engine counts CPUs in billionths; what is finer than that is no change. */
function nanos(cpus: number | undefined): number | undefined {
  return cpus === undefined ? undefined : Math.round(cpus * 1e9);
}

/** A network made anew under its name is another one: what was on the former must join again. */
function missingNetworks(desired: Desired, seen: ObservedContainer, observed: Observed): Drift['reconnect'] {
  const network = joinedNetwork(desired.spec);
  if (network === undefined) return [];
  const attachment = seen.networks.find((one) => one.network === network);
  if (attachment === undefined) return [{ network, connected: false, cause: 'not on its network' }];
  const there = observed.networks.get(network)?.seen;
  const another = attachment.network_id !== '' && attachment.network_id !== there?.id;
  if (there === undefined || another)
    return [{ network, connected: true, cause: 'its network was made anew' }];
  const lacking = desired.aliases.filter((alias) => !attachment.aliases.includes(alias));
  return lacking.length === 0
    ? []
    : [{ network, connected: true, cause: `alias ${lacking.join(', ')} missing` }];
}
