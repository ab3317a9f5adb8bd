import { isContractError } from '../../../contracts/contract-error.ts';
import type { WantedGroup } from '../../registry/groups-of.ts';
import { holdCause } from '../../registry/hold.ts';
import type { RegistryProblem } from '../../registry/problem.ts';
import type { Scan } from '../../registry/scan.ts';
import { newId } from '../../runtime/ids.ts';
import type { GroupRow } from '../../store/group-rows.ts';
import type { Store } from '../../store/store.ts';

/** What a sync of groups did: ids and names, for the log. */
export interface GroupSummary {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Groups that something else is changing now, or that are on their way out: sync again soon. */
  readonly waiting: readonly string[];
  readonly problems: readonly RegistryProblem[];
}

type Outcome = 'created' | 'changed' | 'removed' | 'waiting' | 'kept';

/**
 * Make the declared groups what a scan says: a service whose entry is another one now gets a release of its own, and what a
 * call has deployed in the others stays. One that was taken down by hand comes back when its entries change, or with `revive`.
 */
export function syncGroups(
  store: Store,
  wanted: readonly WantedGroup[],
  { hold }: Pick<Scan, 'hold'>,
  { now, revive }: { readonly now: number; readonly revive: boolean },
): GroupSummary {
  store.groups.forgetEnded(null);
  const summary = { created: [], changed: [], removed: [], waiting: [] } as Record<
    Exclude<Outcome, 'kept'>,
    string[]
  >;
  const problems: RegistryProblem[] = [];
  const byName = new Map(wanted.map((group) => [group.name, group]));
  const note = (name: string, outcome: Outcome): void => {
    if (outcome !== 'kept') summary[outcome].push(name);
  };
  for (const group of store.groups.all())
    if (group.declared && !byName.has(group.name)) note(group.name, withoutEntries(store, group, hold, now));
  for (const group of wanted) {
    try {
      note(group.name, withEntries(store, group, hold, { now, revive }));
    } catch (error) {
      const problem = problemOf(group, error);
      if (isOnItsWayOut(store, error)) note(group.name, 'waiting');
      else problems.push(problem);
    }
  }
  return { ...summary, problems };
}

function withoutEntries(store: Store, group: GroupRow, hold: Scan['hold'], now: number): Outcome {
  const rows = store.groups.members(group.name);
  if (group.desired_state === 'removed') {
    store.groups.forgetEnded(group.name);
    return 'kept';
  }
  if (rows.some((row) => holdCause(hold, row) !== undefined)) return 'kept';
  store.groups.takeDown(group.name, {}, now);
  return 'removed';
}

function withEntries(
  store: Store,
  wanted: WantedGroup,
  hold: Scan['hold'],
  { now, revive }: { readonly now: number; readonly revive: boolean },
): Outcome {
  const { name, network, auto_network, labels, update_config, services, hashes } = wanted;
  const before = store.groups.get(name);
  const isDown = before?.desired_state === 'removed';
  const comesBack = isDown && (revive || differing(before.entry_hashes, hashes).length > 0);
  if (comesBack) store.groups.forgetEnded(name);
  const group = comesBack ? store.groups.get(name) : before;
  if (group === undefined) {
    const row = { name, network, auto_network, labels, update_config, created_at: now };
    store.groups.insert({ ...row, declared: true, entry_hashes: hashes }, { services, cause: 'declared' });
    return 'created';
  }
  if (!group.declared) throw notDeclared(name);
  const differs = differing(group.entry_hashes, hashes);
  if (isDown) return comesBack ? 'waiting' : 'kept';
  store.groups.set(name, { labels, update_config });
  const gone = Object.keys(group.entry_hashes).filter((service) => hashes[service] === undefined);
  const rows = store.groups.members(name);
  const held = new Set(
    gone.filter((service) =>
      rows.some((row) => row.service === service && holdCause(hold, row) !== undefined),
    ),
  );
  const changed = differs.filter((service) => !held.has(service));
  if (changed.length === 0) return 'kept';
  const present = store.groups.release(name, group.release)?.services ?? {};
  const next = Object.fromEntries([
    ...Object.entries(present).filter(
      ([service]) => services[service] === undefined && !changed.includes(service),
    ),
    ...Object.entries(services).map(([service, declared]) => [
      service,
      changed.includes(service) ? declared : (present[service] ?? declared),
    ]),
  ]);
  const kept = Object.fromEntries([...held].map((service) => [service, group.entry_hashes[service] ?? '']));
  try {
    store.groups.deploy({
      ...{ id: newId('dep', now), group_name: name, kind: 'registry', started_at: now, by: 'registry' },
      to: { services: next, cause: `entries changed: ${changed.join(', ')}` },
      ...{ targets: changed, config: null, supersede: false, entry_hashes: { ...hashes, ...kept } },
    });
  } catch (error) {
    if (isContractError(error, 'busy')) return 'waiting';
    throw error;
  }
  return 'changed';
}

/** Services that are new, gone, or said otherwise. */
function differing(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...all].filter((service) => before[service] !== now[service]);
}

function notDeclared(name: string): Error {
  return new Error(`a call has made a group ${name}; take that down, or rename this one`);
}

/** A container that has the name is being removed. */
function isOnItsWayOut({ containers }: Store, error: unknown): boolean {
  if (!isContractError(error, 'name_conflict')) return false;
  const holder = error.details?.['id'];
  return typeof holder === 'string' && containers.get(holder)?.desired_state === 'removed';
}

function problemOf({ file, line, name }: WantedGroup, error: unknown): RegistryProblem {
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...{ level: 'error', file, line, column: 1, entry: name },
    code: isContractError(error) ? error.code : 'name_conflict',
    message: `the group ${name}: ${message}`,
  };
}
