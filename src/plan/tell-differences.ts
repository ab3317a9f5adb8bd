import type { Desired } from './desired.ts';
import { type Difference, differencesOf } from './fields/differences.ts';
import { changedLimits } from './in-place.ts';
import { attachmentsOf, fullReference, imageOf } from './mentioned.ts';
import type { Comparable, ObservedContainer, ObservedImage } from './observed.ts';
import { isSecret } from './secret-names.ts';

/**
 * Every field in which a container is not as it is wanted, for people to read: what looks like a secret is masked. `from`: the
 * image that it was made from, `to`: the one that its reference names now, as far as the engine has them.
 */
export function tellDifferences(
  desired: Desired,
  seen: ObservedContainer,
  { from, to }: { readonly from: ObservedImage | undefined; readonly to: ObservedImage | undefined },
): readonly Difference[] {
  const networks = seen.networks.map(({ network }) => network).sort();
  const lacking = attachmentsOf(desired.spec, desired.aliases)
    .map(({ network }) => network)
    .filter((network) => !networks.includes(network));
  return [
    ...imageDifference(desired, seen, to),
    ...differencesOf(desired.spec, seen, from),
    ...changedLimits({ ...desired, applied: false }, seen),
    ...(lacking.length === 0
      ? []
      : [{ field: 'networks', from: networks, to: [...networks, ...lacking].sort() }]),
  ].map(masked);
}

function imageDifference(
  { spec }: Desired,
  seen: ObservedContainer,
  to: ObservedImage | undefined,
): readonly Difference[] {
  const wanted = imageOf(spec);
  if (fullReference(wanted) !== fullReference(seen.image))
    return [{ field: 'image', from: seen.image, to: wanted }];
  if (to === undefined || to.id === seen.image_id) return [];
  return [{ field: 'image', from: `${wanted} (${short(seen.image_id)})`, to: `${wanted} (${short(to.id)})` }];
}

function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

function masked({ field, from, to }: Difference): Difference {
  const key = field.slice(field.indexOf('.') + 1);
  const isHidden = field.includes('.') && isSecret(key);
  const shown = (value: Comparable): Comparable => (isHidden && value !== null ? '***' : value);
  return { field, from: shown(from), to: shown(to) };
}
