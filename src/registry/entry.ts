import type { UpdateConfig } from '../../contracts/container-fields/convergence.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { StreamTarget } from '../../contracts/events.ts';
import type { ResourceKind, ResourceSettings } from '../plan/resource.ts';
import type { MapWords, Unresolved } from './maps/unresolved.ts';
import type { RegistryProblem } from './problem.ts';
import type { Places } from './reading/places-of-entry.ts';

/** A declared container as it was read: checked, interpolated, its paths absolute. */
export interface DeclaredEntry {
  /** `namespace:name` */
  readonly id: string;
  /** The entry’s short name. */
  readonly name: string;
  /** The container’s name: `container_name`, else the short name. */
  readonly container_name: string;
  readonly spec: ContainerSpec;
  readonly stream?: StreamTarget;
  /** Its group, when it names one. */
  readonly group?: string;
  /** Left out: one, without a number. */
  readonly replicas?: number;
  readonly update_config?: UpdateConfig;
  /** Absolute paths of files whose variables come below `spec.env`; none once they are read. */
  readonly env_files?: readonly string[];
  /** Id of the entry, when that stands for several containers. */
  readonly instance_of?: string;
  /** What needs other entries; never there once the registry is scanned. */
  readonly unresolved?: Unresolved;
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
}

/** A declared network or volume as it was read. */
export interface DeclaredResource {
  readonly id: string;
  readonly resource: ResourceKind;
  /** The entry’s short name. */
  readonly name: string;
  /** Its name on the engine. */
  readonly resource_name: string;
  /** The entry’s fields beside its names. */
  readonly settings: ResourceSettings;
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
}

/** A declared group as it was read. */
export interface DeclaredGroup {
  readonly id: string;
  readonly name: string;
  /** Ids of entries. */
  readonly members: readonly string[];
  /** Undefined: one of its own; `none`: none. */
  readonly network?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly update_config?: UpdateConfig;
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
}

/** The words of a namespace as they were read. */
export interface DeclaredMap {
  readonly id: string;
  readonly name: string;
  readonly words: MapWords;
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
}

/** What comes to be: containers, what they need, and groups of them. */
export type DeclaredThing = DeclaredEntry | DeclaredResource | DeclaredGroup;

/** What a file can declare. */
export type Declared = DeclaredThing | DeclaredMap;

export function isMapOfWords(declared: Declared): declared is DeclaredMap {
  return 'words' in declared;
}

export function isGroup(declared: Declared): declared is DeclaredGroup {
  return 'members' in declared;
}

export function isEntry(declared: Declared): declared is DeclaredEntry {
  return 'spec' in declared;
}

export function isResource(declared: Declared): declared is DeclaredResource {
  return 'resource' in declared;
}

/** An entry that belongs to somebody else. */
export interface IgnoredEntry {
  readonly name: string;
  readonly kind: string;
  readonly meta_type?: string;
  readonly file: string;
  readonly line: number;
}

/** What one file says. */
export interface Reading {
  /** Containers. */
  readonly entries: readonly DeclaredEntry[];
  /** Networks and volumes. */
  readonly resources: readonly DeclaredResource[];
  readonly groups: readonly DeclaredGroup[];
  readonly maps?: readonly DeclaredMap[];
  /** By id, where what an entry says of others stands. */
  readonly places?: ReadonlyMap<string, Places>;
  readonly problems: readonly RegistryProblem[];
  readonly ignored: readonly IgnoredEntry[];
  /** Ids that stand in the file but are wrong; `all` when it cannot be told which. Their last good entries stay. */
  readonly unsure: 'all' | ReadonlySet<string>;
  /** Ids that are not wanted now, and why; what runs of them stays as it is. */
  readonly left?: ReadonlyMap<string, string>;
}
