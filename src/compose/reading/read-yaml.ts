import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { interpolate, type Variables } from './interpolate.ts';
import { type Data, type DataMap, isDataMap, type Path, type Place, type Places } from './places.ts';
import type { ComposeProblem, Level } from './problem.ts';

/** What one file says, with variables put in. */
export interface ReadFile {
  readonly data: DataMap;
  /** What `!reset` and `!override` take out of the files before. */
  readonly cleared: readonly Path[];
  readonly problems: readonly ComposeProblem[];
}

const MAX_NODES = 200_000;
const MAX_DEPTH = 64;
const PLAIN_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq|merge|timestamp)$/;

/** Read one Compose file. Never throws: what is wrong is listed, and left out of the data. */
export function readYaml(text: string, file: string, variables: Variables, places: Places): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    version: '1.2',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: ComposeProblem[] = document.errors.slice(0, 20).map(({ message, pos }) => ({
    level: 'error',
    part: '',
    key: '',
    message: message.split('\n')[0] ?? message,
    place: placeAt(pos[0]),
  }));
  if (problems.length > 0) return { data: {}, cleared: [], problems };
  const reader = new Reader(document, { file, variables, places, placeAt, problems });
  const data = document.contents === null ? {} : reader.convert(document.contents, []);
  if (isDataMap(data)) return { data, cleared: reader.cleared, problems };
  reader.complain([], placeAt(0), 'a Compose file is a map with `services`');
  return { data: {}, cleared: [], problems };
}

interface Reading {
  readonly file: string;
  readonly variables: Variables;
  readonly places: Places;
  readonly placeAt: (offset: number) => Place;
  readonly problems: ComposeProblem[];
}

class Reader {
  readonly cleared: Path[] = [];
  readonly #document: Document;
  readonly #reading: Reading;
  readonly #told = new Set<string>();
  #budget = MAX_NODES;

  constructor(document: Document, reading: Reading) {
    this.#document = document;
    this.#reading = reading;
  }

  /** Undefined for what `!reset` takes away. */
  convert(node: Node, path: Path): Data | undefined {
    if (--this.#budget < 0 || path.length > MAX_DEPTH) {
      this.#complainAt(node, path, 'too much, or too deep, for a Compose file (are aliases multiplying?)');
      return null;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined)
        this.#complainAt(node, path, `nothing before it has the anchor &${node.source}`);
      return target === undefined ? null : this.convert(target, path);
    }
    const { tag } = node;
    if (tag === '!reset' || tag === '!override') {
      this.cleared.push(path);
      if (tag === '!reset') return undefined;
    } else if (tag !== undefined && !PLAIN_TAG.test(tag))
      this.#complainAt(node, path, `the tag ${tag} is not known to Compose`);
    if (isMap(node)) return this.#map(node.items as readonly Pair[], path, node.commentBefore);
    if (isSeq(node)) return this.#list(node.items as readonly Node[], path);
    return isScalar(node) ? this.#scalar(node, path) : null;
  }

  complain(path: Path, place: Place, message: string, level: Level = 'error'): void {
    const part = path.slice(0, 2).join('.');
    this.#reading.problems.push({ level, part, key: path.slice(2).join('.'), message, place });
  }

  #complainAt(node: Node, path: Path, message: string, level: Level = 'error'): void {
    this.complain(path, this.#reading.placeAt(node.range?.[0] ?? 0), message, level);
  }

  #list(items: readonly Node[], path: Path): Data {
    const { places, placeAt } = this.#reading;
    const result: Data[] = [];
    for (const item of items) {
      const value = this.convert(item, [...path, result.length]);
      if (value === undefined) continue;
      places.put(result, result.length, placeAt(item.range?.[0] ?? 0));
      result.push(value);
    }
    return result;
  }

  #map(items: readonly Pair[], path: Path, first: string | null | undefined): Data {
    const { places, placeAt } = this.#reading;
    const result: DataMap = {};
    for (const [index, { key, value }] of items.entries()) {
      const name = isScalar(key) && key.value !== null ? (key.source ?? String(key.value)) : undefined;
      if (name === undefined || name === '__proto__') {
        this.#complainAt(key, path, 'a key is a plain word or text');
        continue;
      }
      if (name === '<<') continue;
      if (Object.hasOwn(result, name))
        this.#complainAt(key, [...path, name], `\`${name}\` stands here twice`);
      const read = value === null ? null : this.convert(value, [...path, name]);
      const comment = (index === 0 ? first : undefined) ?? key.commentBefore;
      places.put(result, name, {
        ...placeAt(key.range?.[0] ?? 0),
        ...(comment !== undefined && comment !== null && { comment }),
      });
      if (read !== undefined) result[name] = read;
    }
    for (const { key, value } of items)
      if (isScalar(key) && key.value === '<<' && value !== null) this.#mergeIn(result, value, path);
    return result;
  }

  /** `<<`: what is not said here is as there; of several, the first wins. */
  #mergeIn(into: DataMap, node: Node, path: Path): void {
    const { places } = this.#reading;
    const read = this.convert(node, path);
    for (const map of Array.isArray(read) ? read : [read]) {
      if (!isDataMap(map)) {
        this.#complainAt(node, path, '`<<` takes a map, or a list of maps');
        return;
      }
      for (const [name, value] of Object.entries(map)) {
        if (Object.hasOwn(into, name)) continue;
        into[name] = value;
        places.put(into, name, places.of(map, name));
      }
    }
  }

  #scalar(node: Node & { value: unknown; source?: string; type?: string }, path: Path): Data {
    const { value, source } = node;
    if (typeof value === 'string') return this.#interpolated(node, value, path);
    if (typeof value === 'bigint') return String(value);
    // As Compose’s parser reads it: a zero before it makes it octal.
    if (typeof value === 'number' && source !== undefined && /^0[0-7]+$/.test(source))
      return Number.parseInt(source, 8);
    return typeof value === 'number' || typeof value === 'boolean' ? value : null;
  }

  #interpolated(node: Node, text: string, path: Path): string {
    const { text: result, unset, problem } = interpolate(text, this.#reading.variables);
    if (problem !== undefined) this.#complainAt(node, path, problem);
    for (const name of unset) {
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      this.#complainAt(
        node,
        path,
        `the variable ${name} is not set; an empty text is taken for it`,
        'warning',
      );
    }
    return result;
  }
}

interface Pair {
  readonly key: Node;
  readonly value: Node | null;
}
