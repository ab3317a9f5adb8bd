import type { RunningEntry } from './clashes.ts';
import { isBelow } from './find-files.ts';

/** Why rows without an entry stay. Paths are absolute; the values are causes. */
export interface Hold {
  readonly ids: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, string>;
  /** Roots that were looked through; rows from elsewhere stay. */
  readonly seen: readonly string[];
}

export const NOT_NAMED = 'its folder is not among those named now';

/** Why a row without an entry stays; undefined when it is to go. */
export function holdCause(hold: Hold, { id, entry_source }: RunningEntry): string | undefined {
  if (entry_source === null) return NOT_NAMED;
  // A replica’s id is its entry’s with a number.
  const known =
    hold.ids.get(id) ??
    hold.ids.get(id.replace(/-\d+$/, '')) ??
    hold.files.get(entry_source) ??
    folderCause(hold.folders, entry_source);
  if (known !== undefined) return known;
  return hold.seen.some((root) => isBelow(entry_source, root)) ? undefined : NOT_NAMED;
}

/** The cause of the held folder that a path lies in. */
export function folderCause(folders: Hold['folders'], path: string): string | undefined {
  for (const [folder, cause] of folders) if (isBelow(path, folder)) return cause;
  return undefined;
}
