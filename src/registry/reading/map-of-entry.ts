import { dirname, resolve } from 'node:path';
import type { MapEntry } from '../../../contracts/registry-entry.ts';
import type { DeclaredMap } from '../entry.ts';
import type { Environment } from './interpolate.ts';

type Place = Pick<DeclaredMap, 'id' | 'file' | 'line'>;

/** The words of a namespace, with their paths absolute. */
export function mapOfEntry(read: MapEntry, place: Place, environment: Environment): DeclaredMap {
  const { name, volumes = {}, host = {}, host_root, repository, default_tag } = read;
  const home = (path: string): string => path.replace(/^~(?=\/|$)/, environment['HOME'] ?? '');
  const root = resolve(dirname(place.file), home(host_root ?? '.'));
  return {
    ...place,
    name,
    words: {
      volumes: volumes as DeclaredMap['words']['volumes'],
      host: Object.fromEntries(
        Object.entries(host).map(([alias, path]) => [alias, resolve(root, home(path))]),
      ),
      ...(repository !== undefined && { repository }),
      ...(default_tag !== undefined && { default_tag }),
    },
  };
}
