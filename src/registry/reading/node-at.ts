import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { keyText, type Path } from './to-value.ts';

export interface Found {
  /** The key that leads to it, when its parent is a map. */
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

/** The node at a path, through aliases; where the path ends early, the deepest node on it. */
export function nodeAt(root: Node, path: Path, aliases: ReadonlyMap<Alias, Node>): Found {
  let found: Found = { key: undefined, value: root };
  for (const part of path) {
    const parent = isAlias(found.value) ? aliases.get(found.value) : found.value;
    const next = isMap(parent)
      ? pairOf(parent, String(part))
      : isSeq(parent) && typeof part === 'number' && parent.items[part] !== undefined
        ? { key: undefined, value: parent.items[part] as Node }
        : undefined;
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

/** The pair of a map with that key; the last one if there are more. */
export function pairOf(map: YAMLMap, name: string): Found | undefined {
  const pair = map.items.findLast(({ key }) => keyText(key) === name);
  return pair === undefined
    ? undefined
    : { key: pair.key as Node, value: (pair.value as Node | null) ?? undefined };
}

/** The text of a scalar field of a map, as it is written; undefined when it is not there or no scalar. */
export function textOf(map: Node | undefined, name: string): string | undefined {
  const value = isMap(map) ? pairOf(map, name)?.value : undefined;
  if (!isScalar(value) || value.value === null) return undefined;
  return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
}
