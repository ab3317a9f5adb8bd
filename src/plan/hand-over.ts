import type { Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { driftOf } from './drift.ts';
import { attachmentsOf, mentionedNetworks } from './mentioned.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { Replacing } from './replacement.ts';
import { isUnproven, isWatched, startsFirst } from './replacing.ts';
import { isUp, removeKeepingVolumes, step, stopIfUp, stopQuietly } from './steps.ts';

/**
 * What becomes of the former container while the new one is what is wanted: before that is started, and after. It is kept until
 * the new one is proven; then it loses its aliases, answers for a while, stops and goes.
 */
export function handOver(
  desired: Desired,
  observed: Observed,
  current: ObservedContainer,
): { readonly before: readonly Step[]; readonly after: readonly Step[] } {
  const { set_aside: former, at } = observed;
  if (former === undefined) return { before: [], after: [] };
  if (!isWatched(desired) || desired.held_back)
    return {
      before: stopIfUp(desired, former, 'replaced'),
      after: leave(desired, observed, { former, current, cause: 'replaced' }),
    };
  const first = startsFirst(desired);
  if (isUnproven(desired, current))
    return { before: first ? [] : stopIfUp(desired, former, 'replaced'), after: [] };
  const { replacing } = desired;
  const serves = first && isUp(former) && (replacing?.drain_until ?? Number.POSITIVE_INFINITY) > at;
  const cause = 'replaced, and the new one is proven';
  if (serves) return { before: [], after: withdrawal(former, replacing) };
  // Looked at once more when it has stopped: of two that leave a network at once the later one sees that nobody is left on it.
  const after = isUp(former)
    ? stopQuietly(desired, former, cause)
    : leave(desired, observed, { former, current, cause });
  return { before: [], after };
}

/** It goes after the networks that only it was on: while it is there it shows which those are, to whoever takes over as well. */
function leave(
  desired: Desired,
  observed: Observed,
  {
    former,
    current,
    cause,
  }: { readonly former: ObservedContainer; readonly current: ObservedContainer; readonly cause: string },
): readonly Step[] {
  return [...releaseSteps(desired, observed, current), removeKeepingVolumes(former, cause)];
}

/**
 * An engine changes aliases only by leaving and joining anew. With the same address open connections live on: what was sent
 * meanwhile is sent again.
 */
function withdrawal(former: ObservedContainer, replacing: Replacing | undefined): readonly Step[] {
  const { name, id: engine_id } = former;
  const cause = 'its aliases are the new one’s';
  return (replacing?.cuts ?? []).flatMap(({ done, ...where }) => {
    if (done) return [];
    const { network } = where;
    const isOn = former.networks.some((one) => one.network === network);
    return [
      ...(isOn ? [step({ type: 'disconnect_network', name, engine_id, network }, cause)] : []),
      step({ type: 'connect_network', name, engine_id, ...where, aliases: [] }, cause),
    ];
  });
}

/** Aliases that were taken from one that runs, and that is wanted again: before the other one stops. */
export function restoreAliases(
  desired: Desired,
  former: ObservedContainer,
  observed: Observed,
): readonly Step[] {
  if (!isUp(former)) return [];
  const { name, id: engine_id } = former;
  return driftOf(desired, former, observed).reconnect.flatMap(({ wanted, connected, cause }) => {
    const there = former.networks.find(({ network }) => network === wanted.network);
    const cut = desired.replacing?.cuts?.find(({ network }) => network === wanted.network);
    if (cut === undefined || !observed.networks.has(wanted.network)) return [];
    const { done: _, ...where } = cut;
    return [
      ...(connected && there !== undefined
        ? [step({ type: 'disconnect_network', name, engine_id, network: wanted.network }, cause)]
        : []),
      step({ type: 'connect_network', name, engine_id, ...where, aliases: wanted.aliases }, cause),
    ];
  });
}

/** As it is once its aliases were restored. */
export function withAliases(
  desired: Desired,
  former: ObservedContainer,
  steps: readonly Step[],
): ObservedContainer {
  const restored = new Set(
    steps.flatMap(({ action }) => (action.type === 'connect_network' ? [action.network] : [])),
  );
  if (restored.size === 0) return former;
  const joined = attachmentsOf(desired.spec, desired.aliases).filter(({ network }) => restored.has(network));
  return {
    ...former,
    networks: [
      ...former.networks.filter(({ network }) => !restored.has(network)),
      ...joined.map(({ network, aliases }) => ({ network, network_id: '', aliases })),
    ],
  };
}

/** Networks that nobody needs any more once all but `staying` of the row’s containers have stopped. */
export function releaseSteps(
  desired: Desired,
  { releasable }: Observed,
  staying: ObservedContainer | undefined,
): readonly Step[] {
  const wanted = new Set([
    ...mentionedNetworks(desired.spec),
    ...(desired.connections ?? []).map(({ network }) => network),
    ...(staying?.networks ?? []).map(({ network }) => network),
  ]);
  return [...releasable]
    .filter((network) => !wanted.has(network))
    .map((network) => step({ type: 'remove_network', network }, 'last user gone'));
}
