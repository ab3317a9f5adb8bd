import { type Data, type DataMap, inside, isDataMap, type Path, type Places } from '../reading/places.ts';

/** Of one service: what replaces what was there, whatever it is. */
const REPLACED = /^(command|entrypoint|healthcheck\.test|ulimits\.[^.]+)$/;
/** Of one service: where a null says something (the value from around), instead of nothing. */
const NULL_MEANS = /^(environment|build\.args)\.[^.]+$/;

/** Of lists, in long forms: which two items are the same one, so that the later replaces the former. */
const KEYS: Readonly<Record<string, (item: Data) => string>> = {
  ports: (item) => text(item, 'host_ip', 'published', 'target', 'protocol'),
  volumes: (item) => text(item, 'target'),
  secrets: mounted,
  configs: mounted,
  'build.secrets': mounted,
  env_file: (item) => text(item, 'path'),
  devices: (item) => String(item).split(':')[1] ?? String(item),
  tmpfs: (item) => String(item).split(':')[0] ?? '',
  subnets: (item) => text(item, 'subnet'),
};

/** Put one service over another: maps unite, lists follow each other and keep what is the same once, the rest is replaced. */
export function mergeService(base: Data, over: Data, places: Places): Data {
  return merge(base, over, [], places);
}

/** Put one file over another. */
export function mergeFile(base: DataMap, over: DataMap, places: Places): DataMap {
  const result = united(base, over, places, (key, one, other) => {
    if (!isDataMap(one) || !isDataMap(other)) return other;
    return united(one, other, places, (_name, before, after) => {
      if (key === 'services') return mergeService(before, after, places);
      return merge(before, after, ['', key], places);
    });
  });
  return result;
}

/** One file alone: of its lists, what is the same once. */
export function once(data: DataMap, places: Places): DataMap {
  return mapped(data, places, (key, kind) =>
    key !== 'services' || !isDataMap(kind)
      ? kind
      : mapped(kind, places, (_name, service) =>
          isDataMap(service)
            ? mapped(service, places, (field, value) =>
                Array.isArray(value) && KEYS[field] !== undefined
                  ? followed([], value, KEYS[field], places)
                  : value,
              )
            : service,
        ),
  );
}

function mapped(data: DataMap, places: Places, make: (key: string, value: Data) => Data): DataMap {
  const result: DataMap = {};
  for (const [key, value] of Object.entries(data)) {
    result[key] = make(key, value);
    places.put(result, key, places.of(data, key));
  }
  return result;
}

/** Take out what a later file’s `!reset` and `!override` stand for. */
export function cleared(data: DataMap, paths: readonly Path[], places: Places): DataMap {
  return paths.reduce<DataMap>((all, path) => without(all, path, places), data);
}

function without(data: DataMap, path: Path, places: Places): DataMap {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(data, key)) return data;
  const result: DataMap = {};
  for (const [name, value] of Object.entries(data)) {
    if (name === String(key) && rest.length === 0) continue;
    result[name] = name === String(key) && isDataMap(value) ? without(value, rest, places) : value;
    places.put(result, name, places.of(data, name));
  }
  return result;
}

function merge(base: Data, over: Data, path: readonly string[], places: Places): Data {
  const at = path.join('.');
  if (base === null) return over;
  if (over === null) return NULL_MEANS.test(at) ? over : base;
  if (REPLACED.test(at)) return over;
  if (isDataMap(base) && isDataMap(over)) {
    // Options of another driver mean nothing to this one.
    if (at === 'logging' && over['driver'] !== undefined && inside(base, 'driver') !== over['driver'])
      return over;
    return united(base, over, places, (key, one, other) => merge(one, other, [...path, key], places));
  }
  if (Array.isArray(base) && Array.isArray(over))
    return followed(base, over, KEYS[at] ?? (at.endsWith('.config') ? KEYS['subnets'] : undefined), places);
  return over;
}

function united(
  base: DataMap,
  over: DataMap,
  places: Places,
  both: (key: string, one: Data, other: Data) => Data,
): DataMap {
  const result: DataMap = {};
  for (const [key, value] of Object.entries(base)) {
    const other = Object.hasOwn(over, key) ? over[key] : undefined;
    result[key] = other === undefined ? value : both(key, value, other);
    places.put(result, key, (other === undefined ? undefined : places.of(over, key)) ?? places.of(base, key));
  }
  for (const [key, value] of Object.entries(over)) {
    if (Object.hasOwn(result, key)) continue;
    result[key] = value;
    places.put(result, key, places.of(over, key));
  }
  return result;
}

function followed(
  base: Data[],
  over: Data[],
  keyOf: (item: Data) => string = JSON.stringify,
  places: Places,
): Data {
  const found = new Map<string, readonly [Data, Data[], number]>();
  for (const all of [base, over])
    for (const [index, item] of all.entries()) found.set(keyOf(item), [item, all, index]);
  const result: Data[] = [];
  for (const [item, all, index] of found.values()) {
    places.put(result, result.length, places.of(all, index));
    result.push(item);
  }
  return result;
}

function mounted(item: Data): string {
  return isDataMap(item) ? String(item['target'] ?? item['source']) : String(item);
}

function text(item: Data, ...keys: readonly string[]): string {
  return isDataMap(item) ? keys.map((key) => String(item[key] ?? '')).join('|') : String(item);
}
