import { dirname, resolve } from 'node:path';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { ContainerEntry } from '../../../contracts/registry-entry.ts';
import type { DeclaredEntry } from '../entry.ts';
import type { Unresolved } from '../maps/unresolved.ts';
import { declaredEntry, fieldsOf } from './declared-entry.ts';
import type { Environment } from './interpolate.ts';
import { type ResolvedPaths, resolveHostPaths } from './resolve-host-paths.ts';
import type { Path } from './to-value.ts';

interface Source {
  readonly id: string;
  readonly namespace: string;
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly environment: Environment;
}

type Made =
  | { readonly ok: true; readonly entry: DeclaredEntry }
  | { readonly ok: false; readonly path: Path; readonly message: string };

/** What an entry of a container declares, with its paths absolute. What needs other entries is left for later. */
export function containerOfEntry(read: ContainerEntry, source: Source): Made {
  const { id, namespace, file, line, environment } = source;
  const { abstract, extends: bases, instances = {}, binds, attaches, shares, uses, permissions } = read;
  const paths = (spec: ContainerSpec): ResolvedPaths => resolveHostPaths(spec, file, environment);
  const resolved = paths(fieldsOf(read));
  if (!resolved.ok) return resolved;
  const several: Record<string, ContainerSpec> = {};
  for (const [instance, says] of Object.entries(instances)) {
    const made = paths(says);
    if (!made.ok) return { ...made, path: ['instances', instance, ...made.path] };
    several[instance] = made.spec;
  }
  const unresolved: Unresolved = {
    ...(abstract && { abstract }),
    ...(bases && { extends: bases.map((base) => (base.includes(':') ? base : `${namespace}:${base}`)) }),
    ...(read.instances && { instances: several }),
    ...(binds && { binds }),
    ...(attaches && { attaches }),
    ...(shares && { shares }),
    ...(uses && { uses }),
    ...(permissions !== undefined && { permissions }),
  };
  const home = environment['HOME'] ?? '';
  const env_files = [read.env_file ?? []]
    .flat()
    .map((path) => resolve(dirname(file), path.replace(/^~(?=\/|$)/, home)));
  const says = { spec: resolved.spec, env_files, unresolved };
  return { ok: true, entry: declaredEntry(read, says, { id, file, line }) };
}
