import type {
  ContainerEntry,
  GroupEntry,
  ImageEntry,
  MapEntry,
  NetworkEntry,
  VolumeEntry,
} from '../../../contracts/registry-entry.ts';
import type { DeclaredGroup, DeclaredResource } from '../entry.ts';

/** Any entry that Berth acts on, as it was parsed. */
export type ReadEntry = ContainerEntry | NetworkEntry | VolumeEntry | ImageEntry | GroupEntry | MapEntry;

export function isContainer(read: ReadEntry): read is ContainerEntry {
  return read.meta.type === 'docker.container';
}

export function isGroupEntry(read: ReadEntry): read is GroupEntry {
  return read.meta.type === 'docker.group';
}

export function isMapEntry(read: ReadEntry): read is MapEntry {
  return read.meta.type === 'docker.map';
}

/** A group, with its members by id. */
export function groupOfEntry(
  { name, members = [], network, labels = {}, update_config }: GroupEntry,
  namespace: string,
  place: Place,
): DeclaredGroup {
  return {
    ...place,
    name,
    members: members.map((member) => (member.includes(':') ? member : `${namespace}:${member}`)),
    ...(network !== undefined && { network }),
    labels,
    ...(update_config && { update_config }),
  };
}

type Place = Pick<DeclaredResource, 'id' | 'file' | 'line'>;

/** What an entry that is no container declares: its name is the entry’s own unless it says another one. */
export function resourceOfEntry(
  read: Exclude<ReadEntry, ContainerEntry | GroupEntry | MapEntry>,
  place: Place,
): DeclaredResource {
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
