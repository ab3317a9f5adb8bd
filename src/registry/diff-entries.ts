import type { DesiredState } from '../plan/desired.ts';
import type { RunningEntry } from './clashes.ts';
import type { DesiredOfEntry } from './desired-of-entry.ts';

/** A declared row that is not removed yet. */
export interface DeclaredRow extends RunningEntry {
  readonly spec_hash: string;
  readonly desired_state: DesiredState;
  /** Left out, or null: on its own. */
  readonly group_name?: string | null;
}

export type EntryChange =
  | { readonly type: 'create'; readonly id: string; readonly desired: DesiredOfEntry; readonly cause: string }
  | {
      readonly type: 'change';
      readonly id: string;
      readonly desired: DesiredOfEntry;
      /** True when its container was on its way out. */
      readonly again: boolean;
      readonly cause: string;
    }
  | { readonly type: 'remove'; readonly id: string; readonly name: string; readonly cause: string }
  /** `desired` is undefined when no entry that can be acted on stands for it. */
  | {
      readonly type: 'keep';
      readonly id: string;
      readonly name: string;
      readonly desired: DesiredOfEntry | undefined;
      readonly cause: string;
    };

/**
 * What makes the declared rows what the entries say: removals first, since they free names. `holdCause` says why a row
 * without an entry stays, or undefined when it goes. A row whose hash is the same is kept as it is.
 */
export function diffEntries(
  entries: readonly DesiredOfEntry[],
  rows: readonly DeclaredRow[],
  holdCause: (row: RunningEntry) => string | undefined,
): readonly EntryChange[] {
  const wanted = new Map(entries.map((entry) => [entry.id, entry]));
  const present = new Map(rows.map((row) => [row.id, row]));
  const gone = rows
    .filter(({ id, desired_state }) => !wanted.has(id) && desired_state !== 'removed')
    .map((row) => withoutEntry(row, holdCause(row)));
  const stay = entries.map((entry) => withEntry(entry, present.get(entry.id)));
  return [...gone, ...stay];
}

function withoutEntry({ id, name }: DeclaredRow, hold: string | undefined): EntryChange {
  return hold === undefined
    ? { type: 'remove', id, name, cause: 'no longer declared' }
    : { type: 'keep', id, name, desired: undefined, cause: hold };
}

function withEntry(desired: DesiredOfEntry, row: DeclaredRow | undefined): EntryChange {
  const { id, name } = desired;
  if (row === undefined) return { type: 'create', id, desired, cause: 'newly declared' };
  if (row.desired_state === 'removed')
    return { type: 'change', id, desired, again: true, cause: 'declared again' };
  if ((row.group_name ?? null) !== desired.group_name)
    return { type: 'change', id, desired, again: false, cause: 'another group' };
  if (row.spec_hash !== desired.spec_hash)
    return { type: 'change', id, desired, again: false, cause: 'entry changed' };
  return { type: 'keep', id, name, desired, cause: 'unchanged' };
}
