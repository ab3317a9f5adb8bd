import { isDeepStrictEqual } from 'node:util';
import { fullReference } from '../plan/mentioned.ts';
import { type DeclaredThing, isGroup, isResource } from './entry.ts';
import type { RegistryProblem } from './problem.ts';

/** A declared row, as far as clashes and differences ask. */
export interface RunningEntry {
  readonly id: string;
  readonly name: string;
  /** File that declared it. */
  readonly entry_source: string | null;
}

export interface Unclashed {
  readonly entries: readonly DeclaredThing[];
  readonly problems: readonly RegistryProblem[];
  /** Ids that are in a clash: their rows stay as they are. */
  readonly contested: ReadonlySet<string>;
}

/**
 * Sorts out entries with one id, and entries of one kind that would have one name on the engine. The one that runs already stays; of those that
 * clash and do not run, none is acted on. Each is a problem that names both entries and files.
 */
export function withoutClashes(
  entries: readonly DeclaredThing[],
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
    (entry) => `${kindOf(entry)} ${nameOf(entry)}`,
    (entry) => rows.get(entry.id)?.name === (isResource(entry) ? entry.resource_name : nameOf(entry)),
    sameName,
    isSameImage,
  );
  const lost = [...byId.lost, ...byName.lost];
  return {
    entries: byName.kept,
    problems: lost.map(({ problem }) => problem),
    contested: new Set(lost.map(({ entry }) => entry.id)),
  };
}

interface Lost {
  readonly entry: DeclaredThing;
  readonly problem: RegistryProblem;
}

function judge(
  entries: readonly DeclaredThing[],
  key: (entry: DeclaredThing) => string,
  runs: (entry: DeclaredThing) => boolean,
  say: (entry: DeclaredThing, other: DeclaredThing) => string,
  isOne: (entry: DeclaredThing, other: DeclaredThing) => boolean = () => false,
): { readonly kept: readonly DeclaredThing[]; readonly lost: readonly Lost[] } {
  const kept: DeclaredThing[] = [];
  const lost: Lost[] = [];
  for (const group of Map.groupBy(entries, key).values()) {
    const [first, second] = group;
    if (first === undefined) continue;
    if (second === undefined || group.every((entry) => isOne(entry, first))) {
      kept.push(...group);
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

function sameId(_entry: DeclaredThing, other: DeclaredThing): string {
  return `another entry has this id, at ${other.file}:${other.line}`;
}

function sameName(entry: DeclaredThing, other: DeclaredThing): string {
  const kind = kindOf(entry);
  if (kind === 'image')
    return `the image \`${nameOf(entry)}\` is also declared by ${other.id}, at ${other.file}:${other.line}, in another way; declare it once, or both in one way`;
  return `the ${kind}’s name \`${nameOf(entry)}\` is also that of ${other.id}, at ${other.file}:${other.line}; give one of them a \`${kind}_name\``;
}

/** An image is everybody’s: several may want it, as long as they want it so. */
function isSameImage(entry: DeclaredThing, other: DeclaredThing): boolean {
  if (!isResource(entry) || !isResource(other) || entry.resource !== 'image') return false;
  return isDeepStrictEqual(entry.settings, other.settings);
}

function kindOf(entry: DeclaredThing): string {
  if (isGroup(entry)) return 'group';
  return isResource(entry) ? entry.resource : 'container';
}

/** Its name on the engine. */
function nameOf(entry: DeclaredThing): string {
  if (isGroup(entry)) return entry.name;
  if (!isResource(entry)) return entry.container_name;
  return entry.resource === 'image' ? fullReference(entry.resource_name) : entry.resource_name;
}

function outcome(winner: DeclaredThing | undefined): string {
  return winner === undefined ? '; neither is acted on' : '; that one runs and stays';
}

function problemOf({ file, line, id }: DeclaredThing, message: string): RegistryProblem {
  return { level: 'error', code: 'name_conflict', file, line, column: 1, entry: id, message };
}
