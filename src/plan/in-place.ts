import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Limits } from './actions.ts';
import type { Desired } from './desired.ts';
import type { Difference } from './fields/differences.ts';
import type { ObservedContainer } from './observed.ts';
import { restartPolicyOf } from './restart-policy.ts';
import { unaccepted } from './unaccepted.ts';

/** The limits that the engine changes in a container as it is. The map is the list: each needs its line in `toComparable`. */
export type LimitField = Exclude<keyof Limits, 'restart_policy'>;

type Comparable = number | string | undefined;
/** Limits as a spec or an inspect has them. */
type Given = { readonly [F in LimitField]?: Limits[F] | undefined };

/** As it is compared: what means «none», or what the engine sets by itself, is undefined. */
const COMPARABLE: {
  readonly [F in LimitField]: (value: Given[F], of: Given) => Comparable;
} = {
  memory_limit: (value) => value,
  memory_swap: (value, { memory_limit = 0 }) => (value === 2 * memory_limit ? undefined : value),
  memory_reservation: (value) => value,
  // The engine counts processors in billionths; what is finer than that is no change.
  cpu_limit: (value) => (value === undefined ? undefined : Math.round(value * 1e9)),
  cpu_shares: (value) => value,
  cpu_period: (value) => (value === USUAL_PERIOD ? undefined : value),
  cpu_quota: (value) => value,
  cpuset_cpus: (value) => value,
  cpuset_mems: (value) => value,
  blkio_weight: (value) => value,
  pids_limit: (value) => (value === -1 ? undefined : value),
};

/** Microseconds: what the kernel counts by when nothing is said. */
export const USUAL_PERIOD = 100_000;

export const LIMIT_FIELDS = Object.keys(COMPARABLE) as readonly LimitField[];

/** These the engine always keeps as asked; of the others it may drop what its kernel cannot do, and that is no drift. */
const ALWAYS_KEPT: ReadonlySet<LimitField> = new Set(['memory_limit', 'cpu_limit']);

/** What is taken off without a recreate: the engine has a value that means «none». */
export const CAN_BE_TAKEN_OFF: ReadonlySet<LimitField> = new Set([
  'memory_limit',
  'memory_swap',
  'cpu_period',
  'cpu_quota',
  'pids_limit',
]);

/** The limits that a container should have. */
export function limitsOf({ spec, declared }: Pick<Desired, 'spec' | 'declared'>): Limits {
  return { ...limitFields(spec), restart_policy: restartPolicyOf(spec, declared) };
}

/** The limits of a spec that it says. */
export function limitFields(spec: Given): Omit<Limits, 'restart_policy'> {
  return Object.fromEntries(
    LIMIT_FIELDS.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]]])),
  );
}

/** A spec without what can be changed in place. */
export function withoutLimits(spec: ContainerSpec): Omit<ContainerSpec, LimitField | 'restart_policy'> {
  const inPlace: ReadonlySet<string> = new Set([...LIMIT_FIELDS, 'restart_policy']);
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !inPlace.has(field)));
}

/** Limits that differ and can be brought in place. */
export function changedLimits(desired: Desired, seen: ObservedContainer): readonly Difference[] {
  const to = restartPolicyOf(desired.spec, desired.declared);
  const from = seen.restart_policy;
  return [...differing(desired, seen), ...(to === from ? [] : [{ field: 'restart_policy', from, to }])];
}

/** A limit that is gone from the spec, and that the engine cannot take off. */
export function removedLimit(desired: Desired, seen: ObservedContainer): LimitField | undefined {
  return differing(desired, seen).find(({ field, to }) => !CAN_BE_TAKEN_OFF.has(field) && to === null)?.field;
}

type LimitDifference = Difference & { readonly field: LimitField };

/** Every limit that the engine shows otherwise than the spec says, kept by its kernel or not. */
export function limitDifferences(spec: ContainerSpec, seen: ObservedContainer): readonly LimitDifference[] {
  return LIMIT_FIELDS.flatMap((field) => {
    const [wanted, there] = [comparable(field, spec), comparable(field, seen)];
    // Without accounting for swap the engine says -1 to whatever was asked.
    if (wanted === there || (field === 'memory_swap' && wanted === undefined && there === -1)) return [];
    return [{ field, from: seen[field] ?? null, to: spec[field] ?? null }];
  });
}

/** Once it was brought to its spec, what its engine keeps otherwise is no drift. */
function differing(desired: Desired, seen: ObservedContainer): readonly LimitDifference[] {
  const { spec, applied, accepted } = desired;
  const isKnown = accepted?.engine_id === seen.id && accepted.fields !== 'all';
  return limitDifferences(spec, seen).filter((one) =>
    isKnown ? unaccepted([one], seen, accepted).length > 0 : !applied || ALWAYS_KEPT.has(one.field),
  );
}

function comparable<F extends LimitField>(field: F, of: Given): Comparable {
  return COMPARABLE[field](of[field], of);
}
