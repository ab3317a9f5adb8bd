import { homedir } from 'node:os';
import type { Mount, storageFields } from '../../../contracts/container-fields/storage.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { mountedPaths } from '../../plan/mentioned.ts';
import type { CreateContainer } from '../port/container-calls.ts';
import type { HostBody } from './create-body.ts';
import { host, type LinesOf, ours } from './fragment.ts';

/** File systems. */
export const STORAGE_LINES: LinesOf<typeof storageFields> & LinesOf<{ volumes: 0 }> = {
  volumes: (value, request) => ({ host: mounted(value ?? [], request) }),
  mounts: (value, { keep_volumes }) =>
    value === undefined ? {} : { host: { Mounts: value.map((mount) => mountBody(mount, keep_volumes)) } },
  tmpfs: host((value) => ({ Tmpfs: Object.fromEntries([value].flat().map(inMemory)) })),
  // Put there once it is made.
  files: ours,
  volumes_from: host((value) => ({ VolumesFrom: value })),
  volume_driver: host((value) => ({ VolumeDriver: value })),
  storage_opt: host((value) => ({ StorageOpt: value })),
};

/** As Docker spells the labels of a bind. */
const SELINUX = { shared: ',z', private: ',Z' } as const;

/** Named volumes and kept anonymous ones as mounts; paths as binds, which the engine makes when they are missing. */
function mounted(
  volumes: NonNullable<ContainerSpec['volumes']>,
  { spec, keep_volumes: kept }: CreateContainer,
): HostBody {
  const named = volumes.flatMap(({ name, container, mode }) =>
    name === undefined ? [] : [{ Type: 'volume', Source: name, Target: container, ReadOnly: mode === 'ro' }],
  );
  const again = Object.entries(kept)
    .filter(([container]) => !isTaken(container, spec))
    .map(([container, name]) => ({ Type: 'volume', Source: name, Target: container, ReadOnly: false }));
  const binds = volumes.flatMap(({ host: path, container, mode = 'rw', selinux }) =>
    path === undefined
      ? []
      : [`${absolute(path)}:${container}:${mode}${selinux === undefined ? '' : SELINUX[selinux]}`],
  );
  return {
    ...(named.length + again.length > 0 && { Mounts: [...named, ...again] }),
    ...(binds.length > 0 && { Binds: binds }),
  };
}

/** Whether the spec itself mounts something there; an anonymous volume of `mounts` takes the kept one. */
function isTaken(container: string, spec: ContainerSpec): boolean {
  const place = container.replace(/\/+$/, '');
  const targets = (spec.mounts ?? []).map(({ target }) => target);
  return [...mountedPaths(spec), ...targets].some((path) => path.replace(/\/+$/, '') === place);
}

function mountBody(mount: Mount, kept: Readonly<Record<string, string>>): object {
  const common = { Type: mount.type, Target: mount.target, ReadOnly: mount.read_only ?? false };
  switch (mount.type) {
    case 'bind':
      return { ...common, Source: absolute(mount.source), BindOptions: bindOptions(mount.bind) };
    case 'volume':
      return {
        ...common,
        Source: mount.source ?? kept[mount.target.replace(/\/+$/, '')] ?? kept[mount.target],
        VolumeOptions: volumeOptions(mount.volume),
      };
    case 'tmpfs':
      return { ...common, TmpfsOptions: { SizeBytes: mount.tmpfs?.size, Mode: mount.tmpfs?.mode } };
  }
}

function bindOptions(given: Extract<Mount, { type: 'bind' }>['bind'] = {}): object {
  return {
    Propagation: given.propagation,
    NonRecursive: given.non_recursive,
    CreateMountpoint: given.create_host_path,
  };
}

function volumeOptions(given: Extract<Mount, { type: 'volume' }>['volume'] = {}): object {
  const { nocopy, subpath, driver, driver_opts, labels } = given;
  const isMadeSo = driver !== undefined || driver_opts !== undefined;
  return {
    NoCopy: nocopy,
    Subpath: subpath,
    Labels: labels,
    ...(isMadeSo && { DriverConfig: { Name: driver, Options: driver_opts } }),
  };
}

function inMemory(text: string): [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Entries come with absolute paths; a call may still say `~/`. */
function absolute(path: string): string {
  return path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path;
}
