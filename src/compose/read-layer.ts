import { dirname, resolve } from 'node:path';
import { cleared, mergeFile, mergeService } from './model/merge.ts';
import { shapedFile } from './model/shapes.ts';
import { absolute, complainer, type Shaping } from './model/shaping.ts';
import { type Data, type DataMap, inside, isDataMap, type Path } from './reading/places.ts';
import type { ComposeProblem } from './reading/problem.ts';
import type { ReadText } from './reading/read-text.ts';
import { readYaml } from './reading/read-yaml.ts';
import { withDotenv } from './reading/with-dotenv.ts';

export interface Layer {
  /** Absolute. */
  readonly file: string;
  readonly shaping: Shaping;
  readonly read: ReadText;
  readonly problems: ComposeProblem[];
  /** What the files before it say. */
  readonly base: DataMap;
  /** Files that led here by `include`. */
  readonly seen: readonly string[];
}

/** One file over those before it: its short forms made long, what it includes and extends put in. */
export async function readLayer(layer: Layer): Promise<DataMap> {
  const { file, shaping, base, seen } = layer;
  const { places, complain } = shaping;
  if (seen.includes(file)) {
    complain(['include'], undefined, `includes itself: ${[...seen, file].join(' → ')}`);
    return base;
  }
  const own = await readShaped(layer);
  if (own === undefined) {
    complain([], undefined, 'there is no such file');
    return base;
  }
  const included = await readIncluded(own.data, layer);
  const extended = await withExtended(own, layer);
  const over = mergeFile(included, extended, places);
  return mergeFile(cleared(base, own.cleared, places), over, places);
}

interface Shaped {
  readonly data: DataMap;
  readonly cleared: readonly Path[];
}

async function readShaped({ file, shaping, read, problems }: Layer): Promise<Shaped | undefined> {
  const text = await read(file);
  if (text === undefined) return undefined;
  const { data, cleared: paths, problems: wrong } = readYaml(text, file, shaping.variables, shaping.places);
  problems.push(...wrong);
  const made = shapedFile(data, shaping);
  return { data: isDataMap(made) ? made : {}, cleared: paths };
}

/** Projects of their own, each with its folder and its `.env`. */
async function readIncluded(data: DataMap, layer: Layer): Promise<DataMap> {
  const { shaping, seen, file } = layer;
  const given = data['include'];
  let all: DataMap = {};
  for (const [index, item] of (Array.isArray(given) ? given : []).entries()) {
    const place = shaping.places.of(given, index);
    const long = isDataMap(item) ? item : { path: item };
    const files = textsOf(long['path']).map((path) => absolute(path, shaping));
    const [first] = files;
    if (first === undefined) {
      shaping.complain(['include', index], place, 'an item of `include` has a `path`');
      continue;
    }
    const folder =
      typeof long['project_directory'] === 'string'
        ? absolute(long['project_directory'], shaping)
        : dirname(first);
    const env = textsOf(long['env_file']).map((path) => absolute(path, shaping));
    const variables = await withDotenv(env.length > 0 ? env : [resolve(folder, '.env')], shaping.variables, {
      ...layer,
      must: env.length > 0,
    });
    let one: DataMap = {};
    for (const path of files)
      one = await readLayer({
        ...layer,
        file: path,
        shaping: { ...shaping, folder, variables, complain: complainer(layer.problems, path) },
        base: one,
        seen: [...seen, file],
      });
    for (const clash of clashes(all, one).concat(clashes(data, one)))
      shaping.complain(clash, place, `${clash.join('.')} is said here and in what is included`, {
        instead: 'give one of them another name; to change what is included, name both files with -f',
      });
    all = mergeFile(all, one, shaping.places);
  }
  return all;
}

function clashes(one: DataMap, other: DataMap): Path[] {
  return ['services', 'networks', 'volumes', 'secrets', 'configs'].flatMap((kind) => {
    const [a, b] = [one[kind], other[kind]];
    if (!isDataMap(a) || !isDataMap(b)) return [];
    return Object.keys(a)
      .filter((name) => Object.hasOwn(b, name) && JSON.stringify(a[name]) !== JSON.stringify(b[name]))
      .map((name) => [kind, name]);
  });
}

/** Each service with what it extends below it. */
async function withExtended(own: Shaped, layer: Layer): Promise<DataMap> {
  const services = own.data['services'];
  if (!isDataMap(services)) return own.data;
  const { places } = layer.shaping;
  const made: DataMap = {};
  for (const name of Object.keys(services)) {
    made[name] = await resolved(name, own, layer, []);
    places.put(made, name, places.of(services, name));
  }
  const result: DataMap = {};
  for (const [key, value] of Object.entries(own.data)) {
    result[key] = key === 'services' ? made : value;
    places.put(result, key, places.of(own.data, key));
  }
  return result;
}

async function resolved(name: string, own: Shaped, layer: Layer, chain: readonly string[]): Promise<Data> {
  const { shaping, file } = layer;
  const { places, complain } = shaping;
  const service = inside(own.data['services'], name);
  const given = inside(service, 'extends');
  if (service === undefined || given === undefined || given === null) return service ?? null;
  const place = places.of(service, 'extends');
  const at: Path = ['services', name, 'extends'];
  const link = `${file} ${name}`;
  const rest = withoutKey(service, 'extends', layer);
  if (chain.includes(link)) {
    complain(
      at,
      place,
      `extends itself: ${[...chain, link].map((one) => one.split(' ').at(-1)).join(' → ')}`,
    );
    return rest;
  }
  const wanted = String(inside(given, 'service') ?? '');
  const other = inside(given, 'file');
  const path = typeof other === 'string' ? other : file;
  const there: Layer =
    path === file
      ? layer
      : {
          ...layer,
          file: path,
          shaping: { ...shaping, folder: dirname(path), complain: complainer(layer.problems, path) },
        };
  const from = path === file ? own : await readShaped(there);
  if (from === undefined || inside(from.data['services'], wanted) === undefined) {
    complain(
      at,
      place,
      from === undefined ? `there is no file ${path}` : `there is no service ${wanted} in ${path}`,
    );
    return rest;
  }
  const base = await resolved(wanted, from, there, [...chain, link]);
  const below = { base } satisfies DataMap;
  const paths = own.cleared
    .filter(([kind, one]) => kind === 'services' && one === name)
    .map((one) => ['base', ...one.slice(2)]);
  return mergeService(cleared(below, paths, places)['base'] ?? {}, rest, places);
}

function withoutKey(value: Data, key: string, { shaping }: Layer): Data {
  return isDataMap(value) ? (cleared(value, [[key]], shaping.places) as Data) : value;
}

function textsOf(value: Data | undefined): readonly string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === 'string' ? [one] : []));
}
