import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { ContainerEntry } from '../../../contracts/registry-entry.ts';
import type { DeclaredEntry } from '../entry.ts';
import { namedBuild } from '../maps/named-build.ts';
import type { Unresolved } from '../maps/unresolved.ts';

interface Says {
  readonly spec: ContainerSpec;
  /** Absolute paths. */
  readonly env_files: readonly string[];
  /** What needs other entries. */
  readonly unresolved?: Unresolved;
}

/** A container’s entry as it is declared: `spec` is what it says of the container, with absolute paths. */
export function declaredEntry(
  read: ContainerEntry,
  { spec, env_files, unresolved = {} }: Says,
  place: Pick<DeclaredEntry, 'id' | 'file' | 'line'>,
): DeclaredEntry {
  const { name, container_name = name, stream, group, replicas, update_config } = read;
  const isPlain = Object.keys(unresolved).length === 0;
  return {
    ...place,
    name,
    container_name,
    spec: isPlain ? namedBuild(spec, place.id) : spec,
    ...(stream && { stream }),
    ...(group !== undefined && { group }),
    ...(replicas !== undefined && { replicas }),
    ...(update_config && { update_config }),
    ...(env_files.length > 0 && { env_files }),
    ...(!isPlain && { unresolved }),
  };
}

/** What an entry says of the container itself, as it is written. */
export function fieldsOf(read: ContainerEntry): ContainerSpec {
  const {
    name: _name,
    kind: _kind,
    meta: _meta,
    container_name: _container,
    stream: _stream,
    env_file: _files,
    group: _group,
    replicas: _replicas,
    update_config: _update,
    ...more
  } = read;
  const { abstract: _abstract, extends: _bases, instances: _instances, ...own } = more;
  const { binds: _binds, attaches: _attaches, shares: _shares, uses: _uses, ...rest } = own;
  const { permissions: _permissions, ...fields } = rest;
  return fields;
}
