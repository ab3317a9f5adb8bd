import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Place } from './line-index.ts';
import { pairOf } from './node-at.ts';
import { keyText, type Path, pathKey } from './to-value.ts';

/** Where what an entry says of others stands in its file, by `pathKey`. */
export type Places = ReadonlyMap<string, Place>;

/** Fields that name something else, or that may clash with something else. */
const REFERRING = [
  ...['abstract', 'extends', 'instances', 'binds', 'attaches', 'shares', 'uses', 'permissions'],
  ...['container_name', 'network_name', 'volume_name', 'image', 'members', 'group', 'volumes', 'host'],
  ...['depends_on', 'network', 'networks', 'network_mode', 'ipc', 'pid', 'links', 'volumes_from'],
  ...['ports', 'env_file'],
];
const DEPTH = 3;

/** The places of those fields and of what is in them; what stands in a list is found by its number and by its name. */
export function placesOfEntry(
  node: Node,
  aliases: ReadonlyMap<Alias, Node>,
  placeOf: (node: Node) => Place,
): Places {
  const places = new Map<string, Place>();
  if (isMap(node))
    for (const field of REFERRING) {
      const found = pairOf(node, field);
      if (found === undefined) continue;
      note([field], isScalar(found.value) ? found.value : found.key);
      inside([field], found.value);
    }
  return places;

  function note(path: Path, at: Node | undefined): void {
    if (at !== undefined) places.set(pathKey(path), placeOf(at));
  }

  function inside(path: Path, value: Node | undefined): void {
    const target = isAlias(value) ? aliases.get(value) : value;
    if (path.length >= DEPTH) return;
    if (isMap(target))
      for (const { key, value: below } of target.items) {
        const next = [...path, keyText(key) ?? ''];
        const child = (below as Node | null) ?? undefined;
        note(next, key as Node);
        inside(next, child);
      }
    else if (isSeq(target))
      for (const [index, item] of target.items.entries()) {
        note([...path, index], item as Node);
        inside([...path, index], item as Node);
        inside(path, item as Node);
      }
    else if (isScalar(target)) note([...path, keyText(target) ?? ''], target);
  }
}
