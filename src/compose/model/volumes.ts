import { type Data, type DataMap, isDataMap } from '../reading/places.ts';
import { absolute, items, type Shaping } from './shaping.ts';

const PROPAGATION = /^r?(private|shared|slave)$/;

/** Mounts in the long form. `short` says that it was written in the short one: a missing path is then made. */
export const volumes = items((item, shaping, at): readonly Data[] => {
  if (isDataMap(item)) return [longForm(item, shaping)];
  if (typeof item !== 'string') return [item];
  const parts = item.split(':');
  const [first = '', second, third] = parts;
  if (parts.length > 3 || /^[a-zA-Z]:\\/.test(item)) {
    shaping.complain(at.path, at.place, `\`${item}\` is no mount`, { instead: 'write SOURCE:TARGET[:MODE]' });
    return [];
  }
  if (second === undefined) return [{ type: 'volume', target: first }];
  const isPath = /^[./~]/.test(first);
  const mount: DataMap = {
    type: isPath ? 'bind' : 'volume',
    source: isPath ? absolute(first, shaping) : first,
    target: second,
    ...(isPath && { bind: { create_host_path: true } }),
  };
  for (const word of third?.split(',') ?? []) {
    if (word === 'ro' || word === 'rw') mount['read_only'] = word === 'ro';
    else if (word === 'z' || word === 'Z') put(mount, 'bind', { selinux: word });
    else if (word === 'nocopy') put(mount, 'volume', { nocopy: true });
    else if (PROPAGATION.test(word)) put(mount, 'bind', { propagation: word });
    else if (!/^(cached|delegated|consistent)$/.test(word))
      shaping.complain(at.path, at.place, `\`${word}\` is no mode of a mount`, {
        instead: 'ro, rw, z, Z, nocopy, or a propagation like rshared',
      });
  }
  return [mount];
});

function put(mount: DataMap, key: string, value: DataMap): void {
  const before = mount[key];
  mount[key] = { ...(isDataMap(before) ? before : {}), ...value };
}

function longForm(item: DataMap, shaping: Shaping): DataMap {
  const { source } = item;
  return item['type'] === 'bind' && typeof source === 'string'
    ? { ...item, source: absolute(source, shaping) }
    : item;
}
