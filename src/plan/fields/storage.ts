import type { storageFields } from '../../../contracts/container-fields/storage.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Json } from '../canonical.ts';
import { ANY, asSaid, asSet, type FieldRows, whenSaid } from './field-row.ts';

/** File systems. */
export const STORAGE_FIELDS = {
  volumes: {
    class: 'recreate',
    wanted: (_, { spec }) => (spec.volumes_from === undefined ? mountsShown(mountsWanted(spec)) : ANY),
  },
  mounts: { class: 'recreate', compared: 'volumes' },
  tmpfs: {
    class: 'recreate',
    wanted: (value, { spec }) =>
      asSet([
        ...[value ?? []].flat().map((text) => text.split(':')[0] ?? ''),
        ...(spec.mounts ?? []).flatMap((mount) => (mount.type === 'tmpfs' ? [mount.target] : [])),
      ]),
  },
  // They are put into it; nobody reads them back.
  files: { class: 'recreate', compared: 'by hash' },
  volumes_from: {
    class: 'recreate',
    wanted: (value) => asSet(value?.map((text) => text.split(':')[0] ?? '')),
  },
  volume_driver: whenSaid,
  storage_opt: asSaid,
} as const satisfies FieldRows<typeof storageFields> & FieldRows<{ volumes: 0 }>;

/** Something of a spec’s own choice at a path inside: a named volume or a path of the machine. */
export interface MountShown {
  readonly container: string;
  readonly source: string;
  readonly mode: 'rw' | 'ro';
}

/** `data:ro` by path inside. Anonymous volumes and memory are not among them. */
export function mountsShown(mounts: readonly MountShown[]): Json {
  return Object.fromEntries(
    mounts.map(({ container, source, mode }) => [
      trimmed(container),
      `${trimmed(source)}${mode === 'ro' ? ':ro' : ''}`,
    ]),
  );
}

function mountsWanted({ volumes = [], mounts = [] }: ContainerSpec): readonly MountShown[] {
  return [
    ...volumes.map(({ container, name, host, mode = 'rw' }) => ({
      container,
      source: name ?? host ?? '',
      mode,
    })),
    ...mounts.flatMap((mount): readonly MountShown[] =>
      mount.type === 'tmpfs' || mount.source === undefined
        ? []
        : [{ container: mount.target, source: mount.source, mode: mount.read_only ? 'ro' : 'rw' }],
    ),
  ];
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
