import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { StreamTarget } from '../../contracts/events.ts';
import type { ResourceKind, ResourceSettings } from '../plan/resource.ts';
import type { RegistryProblem } from './problem.ts';

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
  /** Absolute paths of files whose variables come below `spec.env`; none once they are read. */
  readonly env_files?: readonly string[];
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

/** What a file can declare. */
export type Declared = DeclaredEntry | DeclaredResource;

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
  readonly problems: readonly RegistryProblem[];
  readonly ignored: readonly IgnoredEntry[];
  /** Ids that stand in the file but are wrong; `all` when it cannot be told which. Their last good entries stay. */
  readonly unsure: 'all' | ReadonlySet<string>;
}
