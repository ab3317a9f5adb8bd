import { basename, dirname } from 'node:path';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { namespace as namespaceSchema } from '../../contracts/registry-entry.ts';
import { didYouMean } from '../runtime/did-you-mean.ts';
import {
  type DeclaredEntry,
  type DeclaredGroup,
  type DeclaredMap,
  type DeclaredResource,
  type IgnoredEntry,
  isEntry,
  isGroup,
  isMapOfWords,
  type Reading,
} from './entry.ts';
import type { RegistryProblem } from './problem.ts';
import type { Environment } from './reading/interpolate.ts';
import { pairOf, textOf } from './reading/node-at.ts';
import { type ParsedFile, parseYaml } from './reading/parse-yaml.ts';
import type { Places } from './reading/places-of-entry.ts';
import { type FileContext, readEntry } from './reading/read-entry.ts';
import { keyText, resolveAliases } from './reading/to-value.ts';

/** A registry file may be this long, in characters. */
export const MAX_FILE_LENGTH = 1024 * 1024;
/** So many nodes of a file are converted, aliases followed: no file without aliases that multiply comes near. */
const MAX_NODES = 600_000;
const KEYS = ['version', 'namespace', 'entries', 'meta'];

interface Source {
  /** Absolute path. */
  readonly file: string;
  readonly environment: Environment;
}

/**
 * What the text of a registry file says: its good entries, and located problems for the rest. Never throws. When it does
 * not parse there is one or more problems, no entry, and `unsure` is `all`.
 */
export function readEntries(text: string, source: Source): Reading {
  if (text.length > MAX_FILE_LENGTH) return unreadable(source.file, 'larger than 1 MiB; split it');
  const parsed = parseYaml(text);
  if (parsed.document === undefined) {
    const problems = parsed.problems.map(({ place, message }) => fileProblem(source.file, message, place));
    if (problems.length === 0) return unreadable(source.file, 'is empty; write `entries: []` for none');
    return { entries: [], resources: [], groups: [], ignored: [], problems, unsure: 'all' };
  }
  const root = parsed.document.contents;
  if (!isMap(root))
    return unreadable(
      source.file,
      root === null || (isScalar(root) && root.value === null)
        ? 'is empty; write `entries: []` for none'
        : 'is no registry file: it must be a map with `entries`',
    );
  return readRoot(root as YAMLMap, resolveAliases(parsed.document), parsed, source);
}

/** A reading of nothing: what the file said before stays. */
export function unreadable(file: string, message: string): Reading {
  return {
    entries: [],
    resources: [],
    groups: [],
    ignored: [],
    problems: [fileProblem(file, message)],
    unsure: 'all',
  };
}

function readRoot(
  root: YAMLMap,
  aliases: ReadonlyMap<Alias, Node>,
  parsed: ParsedFile,
  source: Source,
): Reading {
  const placeOf: FileContext['placeOf'] = ({ range }) => parsed.placeOf([range?.[0] ?? 0, range?.[1] ?? 0]);
  const problems = headerProblems(root, source.file, placeOf);
  const namespace = namespaceOf(root, source.file);
  if (typeof namespace !== 'string') {
    problems.push(fileProblem(source.file, namespace.problem, namespace.at && placeOf(namespace.at)));
    return { entries: [], resources: [], groups: [], ignored: [], problems, unsure: 'all' };
  }
  const found = pairOf(root, 'entries');
  const list = isAlias(found?.value) ? aliases.get(found.value) : found?.value;
  if (!isSeq(list)) {
    const message =
      found === undefined ? '`entries` is missing' : '`entries` must be a list; write `entries: []` for none';
    const at = list ?? found?.key;
    problems.push(fileProblem(source.file, message, at && placeOf(at)));
    return { entries: [], resources: [], groups: [], ignored: [], problems, unsure: 'all' };
  }
  const context: FileContext = {
    file: source.file,
    namespace,
    environment: source.environment,
    aliases,
    budget: { left: MAX_NODES },
    placeOf,
  };
  return readItems(list.items as readonly Node[], context, problems);
}

function readItems(items: readonly Node[], context: FileContext, problems: RegistryProblem[]): Reading {
  const entries: DeclaredEntry[] = [];
  const resources: DeclaredResource[] = [];
  const groups: DeclaredGroup[] = [];
  const maps: DeclaredMap[] = [];
  const places = new Map<string, Places>();
  const ignored: IgnoredEntry[] = [];
  const wrong = new Set<string>();
  let all = false;
  for (const item of items) {
    const reading = readEntry(item, context);
    if (reading.outcome === 'good') {
      places.set(reading.entry.id, reading.places);
      if (isEntry(reading.entry)) entries.push(reading.entry);
      else if (isGroup(reading.entry)) groups.push(reading.entry);
      else if (isMapOfWords(reading.entry)) maps.push(reading.entry);
      else resources.push(reading.entry);
    } else if (reading.outcome === 'ignored') ignored.push(reading.ignored);
    else {
      problems.push(...reading.problems);
      if (reading.id === undefined) all = true;
      else wrong.add(reading.id);
    }
  }
  return { entries, resources, groups, maps, places, ignored, problems, unsure: all ? 'all' : wrong };
}

function headerProblems(root: YAMLMap, file: string, placeOf: FileContext['placeOf']): RegistryProblem[] {
  const problems: RegistryProblem[] = [];
  const seen = new Set<string>();
  for (const { key } of root.items) {
    const name = keyText(key);
    const place = placeOf(key as Node);
    if (name === undefined || !KEYS.includes(name)) {
      const shown = name ?? 'this key';
      problems.push(fileProblem(file, `unknown key \`${shown}\`${didYouMean(shown, KEYS)}`, place));
    } else if (seen.has(name))
      problems.push(fileProblem(file, `the key \`${name}\` stands here twice`, place));
    else seen.add(name);
  }
  return problems;
}

function namespaceOf(root: YAMLMap, file: string): string | { readonly problem: string; readonly at?: Node } {
  const found = pairOf(root, 'namespace');
  const name = found === undefined ? basename(dirname(file)) : textOf(root, 'namespace');
  if (name !== undefined && namespaceSchema.safeParse(name).success) return name;
  const at = found?.value ?? found?.key;
  return found === undefined
    ? { problem: `the folder’s name \`${name}\` is no namespace; write \`namespace:\` at the top` }
    : {
        problem: '`namespace` must be words of letters, digits, _ and -, joined by dots',
        ...(at && { at }),
      };
}

function fileProblem(file: string, message: string, place: object = {}): RegistryProblem {
  return { level: 'error', code: 'invalid_registry', file, ...place, message };
}
