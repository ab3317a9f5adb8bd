import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type RunningEntry, withoutClashes } from './clashes.ts';
import {
  type Declared,
  type DeclaredEntry,
  type DeclaredGroup,
  type DeclaredResource,
  type IgnoredEntry,
  isEntry,
  isGroup,
  isResource,
} from './entry.ts';
import { decodeEntries, encodeEntries, type KeptFile } from './entry-files.ts';
import { type FoundFiles, findFiles, isBelow, isGone } from './find-files.ts';
import { folderCause, type Hold, NOT_NAMED } from './hold.ts';
import { checkRegistry } from './integrity/check-registry.ts';
import { hashBuilds } from './maps/hash-builds.ts';
import { resolveEntries } from './maps/resolve-entries.ts';
import type { RegistryProblem } from './problem.ts';
import { type FileReading, type ReadFilesRequest, readFiles } from './read-files.ts';
import type { Places } from './reading/places-of-entry.ts';

export interface ScanRequest extends ReadFilesRequest {
  readonly roots: readonly string[];
  /** The last good readings: `EntryFileStore.all()`. */
  readonly kept: readonly KeptFile[];
  /** The declared rows: `ContainerStore.declared()` and `ResourceStore.declared()`. */
  readonly running: readonly RunningEntry[];
}

/** What the registry says now. */
export interface Scan {
  /** The containers that are wanted: the good entries, and the last good ones of what is wrong or cannot be seen now. */
  readonly entries: readonly DeclaredEntry[];
  /** The same of networks and volumes. */
  readonly resources: readonly DeclaredResource[];
  /** Groups that have an entry of their own. */
  readonly groups: readonly DeclaredGroup[];
  readonly problems: readonly RegistryProblem[];
  readonly ignored: readonly IgnoredEntry[];
  /** Absolute paths of the files of variables that entries name. */
  readonly named: readonly string[];
  /** How many files were found. */
  readonly files: number;
  /** Named roots that are not there, absolute. */
  readonly vanished: readonly string[];
  readonly hold: Hold;
  /** Readings to keep, once the rows are written. */
  readonly put: readonly KeptFile[];
  /** Paths of kept readings to forget, once the rows are written. */
  readonly forget: readonly string[];
}

/**
 * Reads the registry. Never throws: a file that cannot be read or does not parse, and an entry that is wrong, is a problem
 * and keeps its last good entries; a vanished root changes nothing. Writes nothing: `put` and `forget` are for the caller.
 */
export async function scan(request: ScanRequest): Promise<Scan> {
  const roots = rootsOf(request);
  const found = await findFiles(roots);
  const readings = await readFiles(found.files, request);
  const merged = mergeLastGood(readings, request.kept, request.now);
  const folders = heldFolders(found);
  const seen = roots.map((root) => resolve(root)).filter((root) => !folders.has(root));
  const absent = await judgeAbsent(request, readings, { folders, seen });
  const places = placesIn(readings);
  const resolved = resolveEntries([...merged.entries, ...absent.entries], places, new Set(merged.ids.keys()));
  const built = await hashBuilds(resolved, request.hashes);
  const { entries, problems, contested } = withoutClashes(built.declared, request.running);
  const things = {
    entries: entries.filter(isEntry),
    groups: entries.filter(isGroup),
    resources: entries.filter(isResource),
  };
  const known = [...merged.ids.keys(), ...built.unsure, ...contested];
  const { problems: loose, stuck } = checkRegistry({ ...things, known }, request.running, places);
  const waiting = [...stuck].map((id) => [id, 'it waits for itself'] as const);
  const unresolved = [...built.unsure].map((id) => [id, 'what it is made of has an error'] as const);
  const clashing = [...contested].map((id) => [id, 'its id or name clashes with another entry'] as const);
  return {
    ...things,
    entries: things.entries.filter(({ id }) => !stuck.has(id)),
    problems: [
      ...rootProblems(found, request.kept),
      ...merged.problems,
      ...[...absent.elsewhere].flatMap(notNamed),
      ...built.problems,
      ...problems,
      ...loose,
    ],
    ignored: readings.flatMap(({ reading }) => reading.ignored),
    named: readings.flatMap(({ named = [] }) => named),
    files: readings.length,
    vanished: found.vanished,
    hold: {
      ids: new Map([...merged.ids, ...unresolved, ...waiting, ...clashing]),
      files: new Map([...merged.files, ...absent.files]),
      folders,
      seen,
    },
    put: merged.put,
    forget: absent.forget,
  };
}

/** The first of several Compose files stands for all of them. */
function rootsOf({ roots, compose }: ScanRequest): readonly string[] {
  return compose === undefined ? roots : [...roots, ...compose.files.slice(0, 1)];
}

/** Where the fields of entries stand, of the files that were read now. */
function placesIn(readings: readonly FileReading[]): (id: string, file: string) => Places | undefined {
  const byFile = new Map(readings.map(({ file, reading }) => [file.path, reading.places]));
  return (id, file) => byFile.get(file)?.get(id);
}

interface Absent {
  readonly entries: Declared[];
  readonly files: Map<string, string>;
  readonly forget: string[];
  /** Roots not named now, and how many entries they declared. */
  readonly elsewhere: Map<string, number>;
}

interface Merged {
  readonly entries: Declared[];
  readonly problems: RegistryProblem[];
  readonly put: KeptFile[];
  readonly ids: Map<string, string>;
  readonly files: Map<string, string>;
}

function mergeLastGood(readings: readonly FileReading[], kept: readonly KeptFile[], now: number): Merged {
  const before = new Map(kept.map((file) => [file.path, file]));
  const merged: Merged = { entries: [], problems: [], put: [], ids: new Map(), files: new Map() };
  for (const { file, reading, hash } of readings) {
    const { unsure } = reading;
    const read = [...reading.entries, ...reading.resources, ...reading.groups, ...(reading.maps ?? [])];
    const last = before.get(file.path);
    const fresh = new Set(read.map(({ id }) => id));
    const certain = unsure !== 'all' && unsure.size === 0;
    const known = certain || last === undefined ? [] : decodeEntries(last);
    const stale = known?.filter(({ id }) => !fresh.has(id) && (unsure === 'all' || unsure.has(id))) ?? [];
    const good = [...read, ...stale];
    merged.entries.push(...good);
    merged.problems.push(...reading.problems);
    if (unsure === 'all') merged.files.set(file.path, 'its file has an error');
    else for (const id of unsure) merged.ids.set(id, 'its entry has an error');
    for (const [id, cause] of reading.left ?? []) merged.ids.set(id, cause);
    const entries = encodeEntries(good);
    if (known !== undefined && (last?.entries !== entries || last.root !== file.root))
      merged.put.push({ ...file, content_hash: hash, entries, read_at: now });
  }
  return merged;
}

/** What becomes of kept readings whose file was not read now. */
async function judgeAbsent(
  { kept, unsettled }: ScanRequest,
  readings: readonly FileReading[],
  { folders, seen }: Pick<Hold, 'folders' | 'seen'>,
): Promise<Absent> {
  const read = new Set(readings.map(({ file }) => file.path));
  const absent: Absent = { entries: [], files: new Map(), forget: [], elsewhere: new Map() };
  for (const file of kept) {
    if (read.has(file.path)) continue;
    const held = unsettled?.has(file.path) ? 'its file is being written' : folderCause(folders, file.path);
    if (held !== undefined) {
      absent.files.set(file.path, held);
      absent.entries.push(...(decodeEntries(file) ?? []));
    } else if (seen.includes(file.root) || (isSeen(file.path, seen) && !(await exists(file.path)))) {
      absent.forget.push(file.path);
    } else {
      absent.files.set(file.path, NOT_NAMED);
      const count = decodeEntries(file)?.length ?? 0;
      absent.elsewhere.set(file.root, (absent.elsewhere.get(file.root) ?? 0) + count);
    }
  }
  return absent;
}

function isSeen(path: string, seen: readonly string[]): boolean {
  return seen.some((root) => isBelow(path, root));
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !isGone(error);
  }
}

function heldFolders({ vanished, unreadable }: FoundFiles): Hold['folders'] {
  return new Map([
    ...vanished.map((root) => [root, 'its registry folder is not there'] as const),
    ...unreadable.map(({ path }) => [path, 'its registry folder cannot be read'] as const),
  ]);
}

function rootProblems(
  { vanished, unreadable }: FoundFiles,
  kept: readonly KeptFile[],
): readonly RegistryProblem[] {
  const declared = (root: string): string =>
    kept.some((file) => file.root === root) ? '; what it declared before stays as it is' : '';
  return [
    ...vanished.map((root) =>
      fileProblem(root, 'error', `there is no such registry folder or file${declared(root)}`),
    ),
    ...unreadable.map(({ path, message }) =>
      fileProblem(path, 'error', `cannot be read (${message}); what it declared before stays as it is`),
    ),
  ];
}

function notNamed([root, count]: readonly [string, number]): readonly RegistryProblem[] {
  const many = `${count} ${count === 1 ? 'entry' : 'entries'}`;
  const message = `${many} declared below it before, but it is not named now; they stay. Name it again, or remove all with \`berth down\``;
  return count === 0 ? [] : [fileProblem(root, 'warning', message)];
}

function fileProblem(file: string, level: RegistryProblem['level'], message: string): RegistryProblem {
  return { level, code: 'invalid_registry', file, message };
}
