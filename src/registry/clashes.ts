import type { DeclaredEntry } from './entry.ts';
import type { RegistryProblem } from './problem.ts';

/** A declared row, as far as clashes and differences ask. */
export interface RunningEntry {
  readonly id: string;
  readonly name: string;
  /** File that declared it. */
  readonly entry_source: string | null;
}

export interface Unclashed {
  readonly entries: readonly DeclaredEntry[];
  readonly problems: readonly RegistryProblem[];
  /** Ids that are in a clash: their rows stay as they are. */
  readonly contested: ReadonlySet<string>;
}

/**
 * Sorts out entries with one id, and entries whose containers would have one name. The one that runs already stays; of those that
 * clash and do not run, none is acted on. Each is a problem that names both entries and files.
 */
export function withoutClashes(
  entries: readonly DeclaredEntry[],
  running: readonly RunningEntry[],
): Unclashed {
  const rows = new Map(running.map((row) => [row.id, row]));
  const byId = judge(
    entries,
    ({ id }) => id,
    ({ id, file }) => rows.get(id)?.entry_source === file,
    sameId,
  );
  const byName = judge(
    byId.kept,
    ({ container_name }) => container_name,
    ({ id, container_name }) => rows.get(id)?.name === container_name,
    sameName,
  );
  const lost = [...byId.lost, ...byName.lost];
  return {
    entries: byName.kept,
    problems: lost.map(({ problem }) => problem),
    contested: new Set(lost.map(({ entry }) => entry.id)),
  };
}

interface Lost {
  readonly entry: DeclaredEntry;
  readonly problem: RegistryProblem;
}

function judge(
  entries: readonly DeclaredEntry[],
  key: (entry: DeclaredEntry) => string,
  runs: (entry: DeclaredEntry) => boolean,
  say: (entry: DeclaredEntry, other: DeclaredEntry) => string,
): { readonly kept: readonly DeclaredEntry[]; readonly lost: readonly Lost[] } {
  const kept: DeclaredEntry[] = [];
  const lost: Lost[] = [];
  for (const group of Map.groupBy(entries, key).values()) {
    const [first, second] = group;
    if (first === undefined) continue;
    if (second === undefined) {
      kept.push(first);
      continue;
    }
    const standing = group.filter(runs);
    const winner = standing.length === 1 ? standing[0] : undefined;
    if (winner !== undefined) kept.push(winner);
    for (const entry of group.filter((one) => one !== winner)) {
      const other = winner ?? (entry === first ? second : first);
      lost.push({ entry, problem: problemOf(entry, `${say(entry, other)}${outcome(winner)}`) });
    }
  }
  return { kept, lost };
}

function sameId(_entry: DeclaredEntry, other: DeclaredEntry): string {
  return `another entry has this id, at ${other.file}:${other.line}`;
}

function sameName({ container_name }: DeclaredEntry, other: DeclaredEntry): string {
  return `the container’s name \`${container_name}\` is also that of ${other.id}, at ${other.file}:${other.line}; give one of them a \`container_name\``;
}

function outcome(winner: DeclaredEntry | undefined): string {
  return winner === undefined ? '; neither is acted on' : '; that one runs and stays';
}

function problemOf({ file, line, id }: DeclaredEntry, message: string): RegistryProblem {
  return { level: 'error', code: 'name_conflict', file, line, column: 1, entry: id, message };
}
