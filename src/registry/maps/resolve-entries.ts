import { replicable } from '../../../contracts/container-fields/convergence.ts';
import { type ContainerSpec, containerSpec } from '../../../contracts/container-spec.ts';
import {
  type Declared,
  type DeclaredEntry,
  type DeclaredGroup,
  type DeclaredMap,
  type DeclaredResource,
  type DeclaredThing,
  isEntry,
  isGroup,
  isMapOfWords,
  isResource,
} from '../entry.ts';
import type { RegistryProblem } from '../problem.ts';
import type { Places } from '../reading/places-of-entry.ts';
import { extendEntries } from './extend-entries.ts';
import { imageInMap } from './image-in-map.ts';
import { instanceName, instancesOf } from './instances-of.ts';
import { namedBuild } from './named-build.ts';
import { namespaceOf, problemOf, type Tell } from './resolving.ts';
import { shareVolumes } from './share-volumes.ts';

export interface Resolved {
  /** Without templates and maps: what they mean stands in the entries, and in volumes. */
  readonly declared: readonly DeclaredThing[];
  readonly problems: readonly RegistryProblem[];
  /** Ids of containers that cannot be told: their rows stay as they are. */
  readonly unsure: ReadonlySet<string>;
}

/**
 * Puts entries together with what they extend and with the words of their namespace, so that nobody else knows of templates,
 * instances and aliases. An entry with a problem is left out and told. `broken` are ids with an error of their own.
 */
export function resolveEntries(
  declared: readonly Declared[],
  placesOf: (id: string, file: string) => Places | undefined,
  broken: ReadonlySet<string>,
): Resolved {
  const maps = declared.filter(isMapOfWords);
  const plain = declared.filter((one): one is DeclaredThing => !isMapOfWords(one));
  const entries = plain.filter(isEntry);
  if (maps.length === 0 && entries.every(({ unresolved }) => unresolved === undefined))
    return { declared: plain, problems: [], unsure: new Set() };
  const problems: RegistryProblem[] = [];
  const wrong = new Set<string>();
  const tell: Tell = (entry, path, message) => {
    wrong.add(entry.id);
    problems.push(problemOf(entry, path, message, placesOf));
  };
  const words = wordsByNamespace(maps, tell);
  const whole = extendEntries(entries, broken, tell).filter(({ unresolved }) => !unresolved?.abstract);
  const several = whole.flatMap(instancesOf);
  const shared = [...Map.groupBy(several, ({ id }) => namespaceOf(id))].flatMap(([namespace, those]) =>
    shareVolumes(those, words.get(namespace), tell),
  );
  const finished = shared.map((entry) => finish(entry, words.get(namespaceOf(entry.id)), tell));
  const told = inOrder(withoutCopies(problems));
  const instances = instancesById(several);
  const good = finished.filter(({ id, instance_of }) => !wrong.has(id) && !wrong.has(instance_of ?? id));
  return {
    declared: [
      ...good.map((entry) => withInstances(entry, instances)),
      ...plain
        .filter((one) => isGroup(one) || isResource(one))
        .map((one) => (isGroup(one) ? ofInstances(one, instances) : inMap(one, words))),
      ...maps.flatMap(volumesOf),
    ],
    problems: told,
    unsure: new Set([...wrong, ...entries.filter(({ id }) => wrong.has(id)).flatMap(idsOf)]),
  };
}

/** The map of each namespace. */
function wordsByNamespace(maps: readonly DeclaredMap[], tell: Tell): ReadonlyMap<string, DeclaredMap> {
  const words = new Map<string, DeclaredMap>();
  for (const map of maps) {
    const namespace = namespaceOf(map.id);
    const other = words.get(namespace);
    if (other === undefined) words.set(namespace, map);
    else
      tell(
        map,
        [],
        `the namespace ${namespace} has a map already, at ${other.file}:${other.line}; put both into one`,
      );
  }
  return words;
}

/** Its image as its map means it, and all of it checked together. */
function finish(entry: DeclaredEntry, map: DeclaredMap | undefined, tell: Tell): DeclaredEntry {
  const { unresolved, ...rest } = entry;
  const spec = namedBuild(withImage(entry, map), entry.id);
  if (unresolved === undefined) return { ...rest, spec };
  for (const result of [
    containerSpec.safeParse(spec),
    replicable.safeParse({ ...spec, replicas: entry.replicas, update_config: entry.update_config }),
  ])
    for (const { path, message } of result.error?.issues ?? []) {
      const at = path.map((part) => (typeof part === 'number' ? part : String(part)));
      tell(entry, at, `put together, \`${at.join('.')}\`: ${message}`);
    }
  return { ...rest, spec };
}

function withImage({ spec, name, instance_of }: DeclaredEntry, map: DeclaredMap | undefined): ContainerSpec {
  if (map === undefined) return spec;
  const { words } = map;
  if (spec.image !== undefined) return { ...spec, image: imageInMap(spec.image, words) };
  if (spec.build !== undefined || words.repository === undefined) return spec;
  const own = instance_of === undefined ? name : instance_of.slice(instance_of.indexOf(':') + 1);
  return { ...spec, image: imageInMap(own, words) };
}

/** A declared image is called as entries call it. */
function inMap(one: DeclaredResource, words: ReadonlyMap<string, DeclaredMap>): DeclaredResource {
  const map = words.get(namespaceOf(one.id));
  if (map === undefined || one.resource !== 'image') return one;
  return { ...one, resource_name: imageInMap(one.resource_name, map.words) };
}

/** A volume that is made of something has an entry of its own. */
function volumesOf(map: DeclaredMap): readonly DeclaredResource[] {
  return Object.entries(map.words.volumes).flatMap(([alias, { name, driver, options }]) => {
    if (driver === undefined && options === undefined) return [];
    const { id, file, line } = map;
    return {
      id: `${id}.${alias}`,
      resource: 'volume' as const,
      name: `${map.name}.${alias}`,
      resource_name: name ?? `${map.name}.${alias}`,
      settings: { ...(driver !== undefined && { driver }), ...(options && { options }) },
      file,
      line,
    };
  });
}

type Instances = ReadonlyMap<string, readonly DeclaredEntry[]>;

function instancesById(entries: readonly DeclaredEntry[]): Instances {
  return Map.groupBy(
    entries.filter(({ instance_of }) => instance_of !== undefined),
    ({ instance_of }) => instance_of ?? '',
  );
}

/** Who depends on an entry of several containers depends on each of them. */
function withInstances(entry: DeclaredEntry, instances: Instances): DeclaredEntry {
  const { depends_on } = entry.spec;
  if (depends_on === undefined || instances.size === 0) return entry;
  const each = Object.entries(depends_on).flatMap(([name, how]) => {
    const id = name.includes(':') ? name : `${namespaceOf(entry.id)}:${name}`;
    const those = instances.get(id)?.filter((one) => one.id !== entry.id);
    return those === undefined
      ? [[name, how] as const]
      : those.map((one) => [name.includes(':') ? one.id : one.name, how] as const);
  });
  return { ...entry, spec: { ...entry.spec, depends_on: Object.fromEntries(each) } };
}

function ofInstances(group: DeclaredGroup, instances: Instances): DeclaredGroup {
  return {
    ...group,
    members: group.members.flatMap((id) => instances.get(id)?.map((one) => one.id) ?? [id]),
  };
}

function idsOf({ id, unresolved }: DeclaredEntry): readonly string[] {
  return Object.keys(unresolved?.instances ?? {}).map((name) => instanceName(id, name));
}

/** What is said of each of several containers is said once. */
function withoutCopies(problems: readonly RegistryProblem[]): readonly RegistryProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ file, line, column, message }) => {
    const key = JSON.stringify([file, line, column, message]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** By file and line. */
function inOrder(problems: readonly RegistryProblem[]): readonly RegistryProblem[] {
  const place = ({ line = 0, column = 0 }: RegistryProblem): number => line * 100_000 + column;
  return problems.toSorted((a, b) => a.file.localeCompare(b.file) || place(a) - place(b));
}
