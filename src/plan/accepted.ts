import type { ActionType, Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { differencesOf } from './fields/differences.ts';
import { limitDifferences } from './in-place.ts';
import type { ObservedContainer, ObservedImage } from './observed.ts';
import { type Accepted, digestOf } from './unaccepted.ts';

/** What is accepted once `steps` were done: all that differs of what was made or updated just now, else what was accepted before. */
export function acceptedAfter(
  steps: readonly Step[],
  desired: Desired,
  seen: ObservedContainer,
  image: ObservedImage | undefined,
): Accepted {
  const did = (type: ActionType): boolean => steps.some(({ action }) => action.type === type);
  const before = desired.accepted?.engine_id === seen.id ? desired.accepted.fields : undefined;
  const isMade = did('create_container') || before === 'all';
  const settings = isMade ? differencesOf(desired.spec, seen, image) : [];
  const limits = isMade || did('update_container') ? limitDifferences(desired.spec, seen) : [];
  return {
    engine_id: seen.id,
    fields: {
      ...(before === 'all' ? {} : before),
      ...Object.fromEntries([...settings, ...limits].map((one) => [one.field, digestOf(one)])),
    },
  };
}
