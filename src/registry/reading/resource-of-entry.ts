import type {
  ContainerEntry,
  ImageEntry,
  NetworkEntry,
  VolumeEntry,
} from '../../../contracts/registry-entry.ts';
import type { DeclaredResource } from '../entry.ts';

/** Any entry that Berth acts on, as it was parsed. */
export type ReadEntry = ContainerEntry | NetworkEntry | VolumeEntry | ImageEntry;

export function isContainer(read: ReadEntry): read is ContainerEntry {
  return read.meta.type === 'docker.container';
}

type Place = Pick<DeclaredResource, 'id' | 'file' | 'line'>;

/** What an entry that is no container declares: its name is the entry’s own unless it says another one. */
export function resourceOfEntry(read: Exclude<ReadEntry, ContainerEntry>, place: Place): DeclaredResource {
  if (isNetwork(read)) {
    const { name, kind: _kind, meta: _meta, network_name = name, ...settings } = read;
    return { ...place, name, resource: 'network', resource_name: network_name, settings };
  }
  if (isImage(read)) {
    const { name, kind: _kind, meta: _meta, image = name, ...settings } = read;
    return { ...place, name, resource: 'image', resource_name: image, settings };
  }
  const { name, kind: _kind, meta: _meta, volume_name = name, ...settings } = read;
  return { ...place, name, resource: 'volume', resource_name: volume_name, settings };
}

function isImage(read: ReadEntry): read is ImageEntry {
  return read.meta.type === 'docker.image';
}

function isNetwork(read: ReadEntry): read is NetworkEntry {
  return read.meta.type === 'docker.network';
}
