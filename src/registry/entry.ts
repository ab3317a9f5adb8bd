import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { StreamTarget } from '../../contracts/events.ts';
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
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
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
  readonly entries: readonly DeclaredEntry[];
  readonly problems: readonly RegistryProblem[];
  readonly ignored: readonly IgnoredEntry[];
  /** Ids that stand in the file but are wrong; `all` when it cannot be told which. Their last good entries stay. */
  readonly unsure: 'all' | ReadonlySet<string>;
}
