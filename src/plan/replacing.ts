import type { Action, ActionOf } from './actions.ts';
import { whyNotStartFirst } from './can-start-first.ts';
import type { Desired } from './desired.ts';
import { driftOf, isFixed } from './drift.ts';
import { isReady, wellnessOf } from './is-ready.ts';
import { type Observed, type ObservedContainer, oursOf } from './observed.ts';
import type { Cut, Replacement, Replacing } from './replacement.ts';
import { asideName, isUp } from './steps.ts';

/** Its replacements are watched: it is to run, and somebody said how. */
export function isWatched(desired: Desired): desired is Desired & { readonly replacement: Replacement } {
  return desired.state === 'running' && desired.replacement !== undefined;
}

/** Whether the former container goes on running beside the new one until that is proven. */
export function startsFirst(desired: Desired): boolean {
  return (
    isWatched(desired) &&
    desired.replacement.order === 'start_first' &&
    whyNotStartFirst(desired.spec, desired.connections) === undefined
  );
}

/** What is known of a replacement before it begins. */
export function begunReplacing(desired: Desired, former: ObservedContainer): Replacing {
  return { ...notYet(desired, ''), former: { engine_id: former.id, ran: isUp(former) } };
}

/** The same, once it is known to fail: whoever goes on takes it back. */
export function failedReplacing(desired: Desired, failed: NonNullable<Replacing['failed']>): Replacing {
  return { ...(desired.replacing ?? notYet(desired, '')), failed };
}

function notYet({ generation }: Pick<Desired, 'generation'>, engine_id: string): Replacing {
  return {
    ...{ engine_id, former: null, failed: null, generation, run: null, since: null, ready_since: null },
    ...{ proven: false, cuts: null, drain_until: null },
  };
}

/** How far the replacement is that goes on now, given how far it was; undefined when none does. */
export function replacingNow(desired: Desired, observed: Observed): Replacing | undefined {
  const { set_aside: former, at } = observed;
  const seen = oursOf(observed);
  const known = ofThisOne(desired, observed);
  if (known?.failed || former === undefined || seen === undefined) return known;
  // What it is replaced by in turn is not there yet.
  if (!isWatched(desired) || driftOf(desired, seen, observed).recreate !== undefined) return known;
  const watched = watch(desired, seen, at, known);
  if (!watched.proven || !startsFirst(desired) || !isUp(former)) return watched;
  const cuts = (watched.cuts ?? cutsOf(former, observed)).map((cut) => ({
    ...cut,
    done: cut.done || isCut(former, cut),
  }));
  const drain = cuts.length === 0 ? 0 : desired.replacement.drain * 1000;
  const drained = cuts.every(({ done }) => done) ? (watched.drain_until ?? at + drain) : null;
  return { ...watched, cuts, drain_until: drained };
}

/** What was known, as far as it is of the containers that are there. */
function ofThisOne({ generation, replacing }: Desired, observed: Observed): Replacing | undefined {
  if (replacing === undefined) return undefined;
  const { set_aside: former } = observed;
  const seen = oursOf(observed);
  const known = replacing.generation === generation ? replacing : { ...replacing, failed: null };
  // It was taken back, and only the row does not say so yet.
  if (former === undefined)
    return known.failed !== null && seen !== undefined && seen.id === known.former?.engine_id
      ? known
      : undefined;
  if (known.former !== null && known.former.engine_id !== former.id) return undefined;
  if (known.engine_id === '' || known.engine_id === seen?.id) return known;
  // The new one is gone, or another one is there by now.
  return known.former === null
    ? undefined
    : { ...notYet({ generation }, ''), former: known.former, failed: known.failed };
}

function watch(
  desired: Desired & { readonly replacement: Replacement },
  seen: ObservedContainer,
  at: number,
  known: Replacing | undefined,
): Replacing {
  const { generation, replacement } = desired;
  if (known?.proven) return { ...known, generation };
  // After a change of mind it may have been started again as somebody wanted.
  const before = known?.generation === generation ? known : undefined;
  const run = before?.run ?? seen.started_at ?? null;
  const since = before?.since ?? (seen.started_at === undefined ? null : at);
  const ready_since = isReady(desired, seen) && run === seen.started_at ? (before?.ready_since ?? at) : null;
  const proven =
    hasFinished(desired, seen) || (ready_since !== null && at - ready_since >= replacement.monitor * 1000);
  const now = { ...notYet(desired, seen.id), former: known?.former ?? null };
  return { ...now, run, since, ready_since, proven };
}

/** What is meant to end has ended well. */
function hasFinished({ spec }: Desired, seen: ObservedContainer): boolean {
  return (spec.role === 'init' || spec.role === 'job') && seen.state === 'exited' && seen.exit_code === 0;
}

/** On networks of ours whose addresses are ours to give: elsewhere the engine would give another one, and open connections would end. */
function cutsOf(former: ObservedContainer, { networks }: Observed): readonly Cut[] {
  return former.networks.flatMap(({ network, aliases, ip, ipv6, mac }) => {
    const there = networks.get(network);
    const may = there?.ownership === 'ours' && isFixed(there.seen) && ip !== undefined;
    if (!may || aliases.every((alias) => alias === former.name)) return [];
    return [
      {
        network,
        ipv4_address: ip,
        ...(ipv6 !== undefined && { ipv6_address: ipv6 }),
        ...(mac !== undefined && { mac_address: mac }),
        done: false,
      },
    ];
  });
}

function isCut(former: ObservedContainer, { network }: Cut): boolean {
  const there = former.networks.find((one) => one.network === network);
  return there?.aliases.every((alias) => alias === former.name) ?? false;
}

/** Whether the new container has been watched, and not for long enough yet. */
export function isUnproven(desired: Desired, seen: ObservedContainer): boolean {
  return isWatched(desired) && !(desired.replacing?.engine_id === seen.id && desired.replacing.proven);
}

/** When somebody should look at the replacement again, whatever happens; null: nothing is due. */
export function replacementDue({ replacement, replacing }: Desired): number | null {
  if (replacement === undefined || replacing === undefined) return null;
  const { proven, drain_until, since, ready_since } = replacing;
  if (proven) return drain_until;
  if (ready_since !== null) return ready_since + replacement.monitor * 1000;
  return since === null ? null : since + replacement.timeout * 1000;
}

/** Why the new container is no good, while the former one can still be had back; undefined as long as it may be. */
export function whyNoGood(desired: Desired, seen: ObservedContainer, at: number): string | undefined {
  const { replacement, replacing } = desired;
  if (replacement === undefined || replacing?.engine_id !== seen.id || replacing.proven) return undefined;
  if (seen.started_at === undefined || hasFinished(desired, seen)) return undefined;
  if (seen.state === 'exited' || seen.state === 'dead')
    return `it ended with exit code ${seen.exit_code ?? 'unknown'}`;
  if (seen.state === 'restarting' || seen.restart_count > 0 || seen.started_at !== replacing.run)
    return 'it ended and was started again';
  if (wellnessOf(desired, seen).health === 'unhealthy')
    return seen.health === 'unhealthy' ? 'its health check has failed' : 'its probe has failed';
  const { monitor, timeout } = replacement;
  const age = replacing.since === null ? 0 : at - replacing.since;
  if (replacing.ready_since === null && age >= timeout * 1000) return `it was not ready within ${timeout} s`;
  // Ready and not, in turn.
  if (age >= (timeout + monitor) * 1000) return `it was not ready for ${monitor} s in a row`;
  return undefined;
}

/** Whether it takes aliases from the former container. */
export function isCutStep(
  desired: Desired,
  action: Action,
): action is ActionOf<'connect_network'> | ActionOf<'disconnect_network'> {
  return (
    (action.type === 'connect_network' || action.type === 'disconnect_network') &&
    action.name === asideName(desired.name)
  );
}

/** The former container is off that network, or on it without its aliases. */
export function withCutDone(replacing: Replacing, network: string): Replacing {
  const cuts = replacing.cuts?.map((cut) => (cut.network === network ? { ...cut, done: true } : cut));
  return cuts === undefined ? replacing : { ...replacing, cuts };
}
