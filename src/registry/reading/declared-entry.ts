import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { ContainerEntry } from '../../../contracts/registry-entry.ts';
import type { DeclaredEntry } from '../entry.ts';

/** A container’s entry as it is declared: `spec` is what it says of the container, `env_files` are absolute. */
export function declaredEntry(
  read: ContainerEntry,
  { spec, env_files }: { readonly spec: ContainerSpec; readonly env_files: readonly string[] },
  place: Pick<DeclaredEntry, 'id' | 'file' | 'line'>,
): DeclaredEntry {
  const { name, container_name = name, stream, group, replicas, update_config } = read;
  return {
    ...place,
    name,
    container_name,
    spec: namedBuild(spec, place.id),
    ...(stream && { stream }),
    ...(group !== undefined && { group }),
    ...(replicas !== undefined && { replicas }),
    ...(update_config && { update_config }),
    ...(env_files.length > 0 && { env_files }),
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
    ...fields
  } = read;
  return fields;
}

/** What is built needs a name: the entry’s, when it says none. */
function namedBuild(spec: ContainerSpec, id: string): ContainerSpec {
  if (spec.build === undefined || spec.image !== undefined) return spec;
  const name = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return { ...spec, image: `berth-build/${name}:latest` };
}
