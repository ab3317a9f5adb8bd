import type { BuildHashes } from '../build/build-hash.ts';
import type { ComposeSource } from '../compose/load-project.ts';
import type { Reading } from './entry.ts';
import type { FoundFile } from './find-files.ts';
import { mergeEnvFiles } from './merge-env-files.ts';
import { readCompose } from './read-compose.ts';
import { readEntries, unreadable } from './read-entries.ts';
import { readText } from './read-text.ts';
import type { Environment } from './reading/interpolate.ts';

export interface FileReading {
  readonly file: FoundFile;
  readonly reading: Reading;
  /** SHA-256 of the bytes; '' when they could not be read. */
  readonly hash: string;
  /** Absolute paths of the files of variables that its entries name. */
  readonly named?: readonly string[];
}

/** Kept by the caller from scan to scan, so that only changed files are read again. */
export type ReadingCache = Map<string, { readonly stamp: string; readonly made: FileReading }>;

export interface ReadFilesRequest {
  readonly environment: Environment;
  readonly now: number;
  readonly unsettled?: ReadonlySet<string>;
  readonly cache?: ReadingCache;
  /** Compose files that are read as one, beside what is found. */
  readonly compose?: ComposeSource;
  /** Kept in the same way: what contexts hold. */
  readonly hashes?: BuildHashes;
}

const AT_ONCE = 16;
const UNSETTLED: Reading = {
  entries: [],
  resources: [],
  groups: [],
  problems: [],
  ignored: [],
  unsure: 'all',
};

/** The readings of files, in their order, without those that are gone by now. Never throws. */
export async function readFiles(
  files: readonly FoundFile[],
  request: ReadFilesRequest,
): Promise<readonly FileReading[]> {
  const readings: FileReading[] = [];
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const some = await Promise.all(files.slice(from, from + AT_ONCE).map((file) => readOne(file, request)));
    readings.push(...some.filter((one) => one !== undefined));
  }
  const present = new Set(files.map(({ path }) => path));
  for (const path of request.cache?.keys() ?? []) if (!present.has(path)) request.cache?.delete(path);
  return readings;
}

async function readOne(file: FoundFile, request: ReadFilesRequest): Promise<FileReading | undefined> {
  const { environment, now, unsettled, cache } = request;
  if (unsettled?.has(file.path)) return { file, reading: UNSETTLED, hash: '' };
  if (request.compose?.files[0] === file.path) return readProject(file, request.compose, request);
  const known = cache?.get(file.path);
  const text = await readText(file.path, known?.stamp, now);
  switch (text.outcome) {
    case 'gone':
      return undefined;
    case 'unchanged':
      return known && { ...(await merged(known.made, request)), file };
    case 'unreadable':
      return { file, reading: unreadable(file.path, text.message), hash: '' };
    case 'read': {
      const same = known?.made.hash === text.hash ? known.made : undefined;
      const reading = same?.reading ?? readEntries(text.text, { file: file.path, environment });
      const made = { file, reading, hash: text.hash };
      cache?.set(file.path, { stamp: text.stamp, made });
      return merged(made, request);
    }
  }
}

/** Files that are one project, whose first one stands for all. */
async function readProject(
  file: FoundFile,
  compose: ComposeSource,
  { environment, unsettled, hashes }: ReadFilesRequest,
): Promise<FileReading> {
  const { reading, hash, sources } = await readCompose(compose, environment);
  const isWritten = !sources.some((source) => unsettled?.has(source));
  const merged = isWritten ? await mergeEnvFiles(reading, hashes) : UNSETTLED;
  return { file, reading: merged, hash, named: sources };
}

/** With what its entries’ files say now. */
async function merged(made: FileReading, { hashes, unsettled }: ReadFilesRequest): Promise<FileReading> {
  const named = made.reading.entries.flatMap(({ env_files = [] }) => env_files);
  return {
    ...made,
    reading: await mergeEnvFiles(made.reading, hashes, unsettled),
    ...(named.length > 0 && { named }),
  };
}
