import { type Alias, isAlias, isMap, type Node } from 'yaml';
import {
  type ContainerEntry,
  ENTRY_TYPES,
  type EntryType,
  entryName,
} from '../../../contracts/registry-entry.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import type { Declared, IgnoredEntry } from '../entry.ts';
import type { RegistryProblem } from '../problem.ts';
import { containerOfEntry } from './container-of-entry.ts';
import { explainIssues } from './explain-issues.ts';
import type { Environment } from './interpolate.ts';
import type { Place } from './line-index.ts';
import { mapOfEntry } from './map-of-entry.ts';
import { nodeAt, pairOf, textOf } from './node-at.ts';
import { type Places, placesOfEntry } from './places-of-entry.ts';
import {
  groupOfEntry,
  isContainer,
  isGroupEntry,
  isMapEntry,
  type ReadEntry,
  resourceOfEntry,
} from './resource-of-entry.ts';
import { textsAsTexts } from './texts-as-texts.ts';
import { type Complain, type Path, pathKey, toValue } from './to-value.ts';

/** What is the same for all entries of a file. */
export interface FileContext {
  readonly file: string;
  readonly namespace: string;
  readonly environment: Environment;
  readonly aliases: ReadonlyMap<Alias, Node>;
  readonly budget: { left: number };
  placeOf(node: Node): Place;
}

export type EntryReading =
  | { readonly outcome: 'good'; readonly entry: Declared; readonly places: Places }
  | { readonly outcome: 'ignored'; readonly ignored: IgnoredEntry }
  /** `id` undefined: it cannot be told which entry this is. */
  | {
      readonly outcome: 'wrong';
      readonly id: string | undefined;
      readonly problems: readonly RegistryProblem[];
    };

/** So many problems of one entry are told. */
const MAX_PROBLEMS = 100;
const KIND = 'registry.entry';
const TYPES = Object.keys(ENTRY_TYPES);

/** One item of `entries`. Never throws: what is wrong with it is listed, all of it at once. */
export function readEntry(item: Node, context: FileContext): EntryReading {
  const node = isAlias(item) ? context.aliases.get(item) : item;
  if (!isMap(node))
    return wrong(context, item, undefined, 'an entry is a map with `name`, `kind` and `meta`');
  const name = textOf(node, 'name');
  if (name === undefined || !entryName.safeParse(name).success) return withoutName(context, node, name);
  const id = `${context.namespace}:${name}`;
  const kind = textOf(node, 'kind');
  if (kind === undefined)
    return wrong(context, node, id, '`kind` is missing; for a container it is registry.entry');
  const meta = pairOf(node, 'meta')?.value;
  const type = textOf(isAlias(meta) ? context.aliases.get(meta) : meta, 'type');
  if (kind === KIND && isOurs(type)) return readFields(node, { id, type }, context);
  return (
    misspelt(node, id, kind, type, context) ?? {
      outcome: 'ignored',
      ignored: {
        name,
        kind,
        ...(type !== undefined && { meta_type: type }),
        file: context.file,
        line: context.placeOf(node).line,
      },
    }
  );
}

function withoutName(context: FileContext, node: Node, name: string | undefined): EntryReading {
  const at = nodeAt(node, ['name'], context.aliases).value ?? node;
  const message =
    name === undefined
      ? '`name` is missing'
      : `the name \`${name}\` must be a letter or digit, then letters, digits and _.- (128 at most)`;
  return wrong(context, at, undefined, message);
}

/** An entry that is nobody’s, but looks like one of ours: not acted on, and its last good reading stays. */
function misspelt(
  node: Node,
  id: string,
  kind: string,
  type: string | undefined,
  context: FileContext,
): EntryReading | undefined {
  const at = (path: Path): Node => nodeAt(node, path, context.aliases).value ?? node;
  const warn = (place: Node, message: string): EntryReading => wrong(context, place, id, message, 'warning');
  if (isOurs(type)) {
    const guess = didYouMean(kind, [KIND]);
    return guess === ''
      ? undefined
      : warn(at(['kind']), `unknown kind \`${kind}\`${guess}; the entry is ignored`);
  }
  if (kind !== KIND) return undefined;
  if (type !== undefined) {
    const guess = didYouMean(type, TYPES);
    return guess === ''
      ? undefined
      : warn(at(['meta', 'type']), `unknown meta.type \`${type}\`${guess}; the entry is ignored`);
  }
  return isMap(node) && (pairOf(node, 'image') ?? pairOf(node, 'command')) !== undefined
    ? warn(
        at(['meta']),
        `the entry has no \`meta.type\` and is ignored; for a container write \`meta: { type: docker.container }\``,
      )
    : undefined;
}

function isOurs(type: string | undefined): type is EntryType {
  return type !== undefined && Object.hasOwn(ENTRY_TYPES, type);
}

function readFields(
  node: Node,
  { id, type }: { readonly id: string; readonly type: EntryType },
  context: FileContext,
): EntryReading {
  const problems: RegistryProblem[] = [];
  const complained = new Set<string>();
  const complain: Complain = (at, path, message) => {
    complained.add(pathKey(path));
    if (problems.length < MAX_PROBLEMS) problems.push(problemAt(context, at, id, message));
  };
  const { value, texts } = toValue(node, { ...context, verbatim: isVerbatim, complain });
  const parsed = textsAsTexts<ReadEntry>(ENTRY_TYPES[type], value, texts);
  if (!parsed.success) {
    for (const { path, at, message } of explainIssues(parsed.error.issues, value, type)) {
      if (problems.length >= MAX_PROBLEMS) break;
      if (path.some((_, index) => complained.has(pathKey(path.slice(0, index + 1))))) continue;
      const found = nodeAt(node, path, context.aliases);
      const place = (at === 'key' ? found.key : found.value) ?? found.key ?? node;
      problems.push(problemAt(context, place, id, message));
    }
  }
  if (!parsed.success || problems.length > 0) return { outcome: 'wrong', id, problems };
  if (isContainer(parsed.data)) return finish(node, id, parsed.data, context);
  const place = { id, file: context.file, line: context.placeOf(node).line };
  const places = placesIn(node, context);
  if (isGroupEntry(parsed.data))
    return { outcome: 'good', entry: groupOfEntry(parsed.data, context.namespace, place), places };
  if (isMapEntry(parsed.data))
    return { outcome: 'good', entry: mapOfEntry(parsed.data, place, context.environment), places };
  return { outcome: 'good', entry: resourceOfEntry(parsed.data, place), places };
}

function finish(node: Node, id: string, read: ContainerEntry, context: FileContext): EntryReading {
  const { line } = context.placeOf(node);
  const made = containerOfEntry(read, { ...context, id, line });
  if (made.ok) return { outcome: 'good', entry: made.entry, places: placesIn(node, context) };
  const { value = node } = nodeAt(node, made.path, context.aliases);
  return wrong(context, value, id, made.message);
}

function placesIn(node: Node, { aliases, placeOf }: FileContext): Places {
  return placesOfEntry(node, aliases, placeOf);
}

/** `VERSION: 1.10` in an environment is the text that stands there, not the number 1.1. */
function isVerbatim(path: Path): boolean {
  return path.length === 2 && (path[0] === 'env' || path[0] === 'labels' || path[0] === 'options');
}

function wrong(
  context: FileContext,
  at: Node,
  id: string | undefined,
  message: string,
  level: RegistryProblem['level'] = 'error',
): EntryReading {
  return { outcome: 'wrong', id, problems: [problemAt(context, at, id, message, level)] };
}

function problemAt(
  context: FileContext,
  at: Node,
  id: string | undefined,
  message: string,
  level: RegistryProblem['level'] = 'error',
): RegistryProblem {
  return {
    level,
    code: 'invalid_registry',
    file: context.file,
    ...context.placeOf(at),
    ...(id !== undefined && { entry: id }),
    message,
  };
}
