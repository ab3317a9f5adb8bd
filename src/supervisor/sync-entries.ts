import { setImmediate as letOthersRun } from 'node:timers/promises';
import { isContractError } from '../../contracts/contract-error.ts';
import { slotsOf } from '../plan/groups/release.ts';
import { desiredOfEntry } from '../registry/desired-of-entry.ts';
import { diffEntries, type EntryChange } from '../registry/diff-entries.ts';
import { groupsOf } from '../registry/groups-of.ts';
import { holdCause } from '../registry/hold.ts';
import type { RegistryProblem } from '../registry/problem.ts';
import type { Scan } from '../registry/scan.ts';
import { NO_GROUP } from '../store/container-row.ts';
import type { Store } from '../store/store.ts';
import { declaredStreams } from './declared-streams.ts';
import { syncGroups } from './groups/sync-groups.ts';

/** What a sync did, for the log: ids by what became of them. */
export interface SyncSummary {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Rows that stay although no entry that can be acted on stands for them, and why. */
  readonly held: readonly { readonly id: string; readonly cause: string }[];
  /** How many rows were as declared. */
  readonly unchanged: number;
  /** Entries whose name is still that of a container on its way out: sync again soon. */
  readonly waiting: readonly string[];
  readonly problems: readonly RegistryProblem[];
}

/** Thousands of rows are written without keeping calls and events waiting longer than this. */
const SLICE_MS = 20;

interface Failure {
  readonly change: EntryChange;
  readonly error: unknown;
}

/**
 * Make the declared rows what a scan says, entry by entry: what fails for one is a problem in the summary, and the others
 * go on. A row whose hash is the same is not written; a change of `stream` alone moves its subscription and nothing else. The
 * readings are kept last, and only when the database took everything, so that what a crash or a failure left undone is
 * made up for by the next sync. Throws only when the database cannot be read.
 */
export async function syncEntries(
  store: Store,
  scan: Scan,
  now: number,
  revive = false,
): Promise<SyncSummary> {
  const { lone, groups, problems: misgrouped } = groupsOf(scan.entries, scan.groups);
  const loners = new Set(lone.map(({ id }) => id));
  const rows = store.containers
    .declared()
    .filter(({ id, group_name }) => group_name === null || loners.has(id));
  // Those that a group takes over are its own to change.
  const joining = new Set(groups.flatMap(({ services }) => slotsOf(services).map(({ id }) => id)));
  const mine = rows.filter(({ id }) => !joining.has(id));
  const changes = diffEntries(lone.map(desiredOfEntry), mine, (row) => holdCause(scan.hold, row));
  const streams = declaredStreams(store, scan);
  const failures = await performAll(changes, (change) => {
    perform(store, change, now);
    if (change.type !== 'remove' && change.desired !== undefined) streams.bring(change.desired, now);
  });
  const grouped = syncGroups(store, groups, scan, { now, revive });
  for (const entry of scan.entries)
    if (!loners.has(entry.id) && store.containers.get(entry.id) !== undefined)
      streams.bring({ id: entry.id, stream: entry.stream }, now);
  const failed = new Set(failures.map(({ change }) => change.id));
  const waits = failures.filter(({ error }) => isOnItsWayOut(store, error)).map(({ change }) => change.id);
  const places = new Map(scan.entries.map((entry) => [entry.id, entry]));
  if (failures.every(({ error }) => isContractError(error, 'name_conflict'))) keepReadings(store, scan);
  const ids = (type: EntryChange['type']): string[] =>
    changes.filter((change) => change.type === type && !failed.has(change.id)).map(({ id }) => id);
  const kept = changes.filter((change) => change.type === 'keep');
  return {
    created: [...ids('create'), ...grouped.created],
    changed: [...ids('change'), ...grouped.changed],
    removed: [...ids('remove'), ...grouped.removed],
    held: kept.filter(({ desired }) => desired === undefined).map(({ id, cause }) => ({ id, cause })),
    unchanged: kept.filter(({ desired }) => desired !== undefined).length,
    waiting: [...waits, ...grouped.waiting],
    problems: [
      ...misgrouped,
      ...grouped.problems,
      ...failures
        .filter(({ change }) => !waits.includes(change.id))
        .map(({ change, error }) => problemOf(change.id, places.get(change.id), error)),
    ],
  };
}

/** All of them in order; those that meet a taken name again while others succeed, since one may free what the next needs. */
async function performAll(
  changes: readonly EntryChange[],
  act: (change: EntryChange) => void,
): Promise<readonly Failure[]> {
  let pending = changes;
  let since = performance.now();
  for (;;) {
    const failures: Failure[] = [];
    for (const change of pending) {
      if (performance.now() - since > SLICE_MS) {
        await letOthersRun();
        since = performance.now();
      }
      try {
        act(change);
      } catch (error) {
        failures.push({ change, error });
      }
    }
    const again = failures.filter(({ error }) => isContractError(error, 'name_conflict'));
    if (again.length < failures.length || again.length === 0 || again.length === pending.length)
      return failures;
    pending = again.map(({ change }) => change);
  }
}

function perform({ containers }: Store, change: EntryChange, now: number): void {
  if (change.type === 'keep') return;
  if (change.type === 'remove') {
    containers.change(change.id, { desired_state: 'removed' }, now);
    return;
  }
  const { id, stream, group_name: _, ...spec } = change.desired;
  if (change.type === 'create') {
    const state = { declared: true, desired_state: 'running', stop_timeout: null, created_at: now } as const;
    containers.insert({ id, ...spec, ...state }, stream);
  } else {
    const again = change.again ? ({ desired_state: 'running', stop_timeout: null } as const) : {};
    containers.change(id, { spec, member: NO_GROUP, ...again }, now);
  }
}

function keepReadings({ entries }: Store, { put, forget }: Scan): void {
  for (const reading of put) entries.put(reading);
  for (const path of forget) entries.remove(path);
}

function isOnItsWayOut({ containers }: Store, error: unknown): boolean {
  if (!isContractError(error, 'name_conflict')) return false;
  const holder = error.details?.['id'];
  return typeof holder === 'string' && containers.get(holder)?.desired_state === 'removed';
}

function problemOf(
  id: string,
  place: { readonly file: string; readonly line: number } | undefined,
  error: unknown,
): RegistryProblem {
  return {
    level: 'error',
    code: isContractError(error) ? error.code : 'internal',
    file: place?.file ?? '',
    ...(place && { line: place.line, column: 1 }),
    entry: id,
    message: isContractError(error) ? `${error.message}. ${error.next}` : String(error),
  };
}
