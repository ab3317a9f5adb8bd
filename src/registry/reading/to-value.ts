import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { type Environment, interpolate } from './interpolate.ts';

export type Path = readonly (string | number)[];

/** What cannot be taken as a value, at its node. */
export type Complain = (node: Node, path: Path, message: string) => void;

export interface Value {
  readonly value: unknown;
  /** Plain scalars that were read as a number or boolean: their text, by `pathKey`. */
  readonly texts: ReadonlyMap<string, string>;
}

const MAX_DEPTH = 32;
const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/;

export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** The node that each alias of a document stands for: the last anchor of its name before it. */
export function resolveAliases(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return targets;
}

export interface Conversion {
  readonly aliases: ReadonlyMap<Alias, Node>;
  readonly environment: Environment;
  /** How many nodes may still be converted, aliases followed; shared by all entries of a file. */
  readonly budget: { left: number };
  /** Where scalars stay the text that was written (`1.10` in an environment). */
  verbatim(path: Path): boolean;
  readonly complain: Complain;
}

/**
 * A node as plain data, with variables put in. Bounded in depth and by the budget; keys are strings, none is `__proto__` and
 * none comes twice; tags are those of the core schema. What breaks this is complained of and left out.
 */
export function toValue(root: Node, { aliases, environment, budget, verbatim, complain }: Conversion): Value {
  let spent = false;
  const texts = new Map<string, string>();
  return { value: convert(root, []), texts };

  function convert(node: Node, path: Path): unknown {
    if (budget.left <= 0) {
      if (!spent) complain(node, path, 'too much in one file (are aliases multiplying?)');
      spent = true;
      return null;
    }
    budget.left -= 1;
    if (path.length > MAX_DEPTH) {
      complain(node, path, 'nested too deeply');
      return null;
    }
    if (isAlias(node)) {
      const target = aliases.get(node);
      if (target === undefined) complain(node, path, `nothing before it has the anchor &${node.source}`);
      return target === undefined ? null : convert(target, path);
    }
    if (node.tag !== undefined && !CORE_TAG.test(node.tag)) {
      complain(node, path, `the tag ${node.tag} is not supported`);
      return null;
    }
    if (isMap(node)) return convertMap(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => convert(item as Node, [...path, index]));
    return isScalar(node) ? convertScalar(node, path) : null;
  }

  function convertMap(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    path: Path,
  ): unknown {
    const result: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const name = keyText(key);
      const at = [...path, name ?? ''];
      if (name === undefined) complain(key as Node, path, 'a key is a plain word or text');
      else if (name === '__proto__') complain(key as Node, at, '`__proto__` is no usable key');
      else if (Object.hasOwn(result, name))
        complain(key as Node, at, `the key \`${name}\` stands here twice`);
      else result[name] = value === null ? null : convert(value as Node, at);
    }
    return result;
  }

  function convertScalar(node: Node & { value: unknown; source?: string }, path: Path): unknown {
    const written = typeof node.value === 'string' ? node.value : node.source;
    if (typeof node.value === 'string') {
      const { text, changed, problems } = interpolate(node.value, environment);
      for (const problem of problems) complain(node, path, problem);
      if (!changed || verbatim(path)) return text;
      const read = retyped(text);
      if (read !== text) texts.set(pathKey(path), text);
      return read;
    }
    if (node.value === null || written === undefined) return node.value;
    if (verbatim(path)) return written;
    texts.set(pathKey(path), written);
    return node.value;
  }
}

/** The text of a scalar key as it is written; undefined for any other key. */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === 'string') return key.value;
  return key.value === null ? undefined : (key.source ?? String(key.value));
}

function retyped(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return NUMBER.test(text) ? Number(text) : text;
}
