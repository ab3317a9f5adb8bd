import { type Data, type DataMap, isDataMap } from '../reading/places.ts';
import { ports } from './ports.ts';
import {
  type At,
  absolute,
  each,
  filePath,
  hosts,
  items,
  labels,
  list,
  named,
  pairs,
  type Shape,
  type Shaping,
  shaped,
} from './shaping.ts';
import { volumes } from './volumes.ts';

const build: Shape = (value, shaping, at) =>
  shaped({
    context: context,
    args: pairs,
    labels,
    additional_contexts: pairs,
    extra_hosts: hosts,
    cache_from: list,
    cache_to: list,
    secrets: files,
    ssh: pairs,
  })(isDataMap(value) ? withContext(value, shaping, at) : { context: value }, shaping, at);

function withContext(value: DataMap, { places }: Shaping, at: At): DataMap {
  if (value['context'] !== undefined && value['context'] !== null) return value;
  const result: DataMap = { ...value, context: '.' };
  for (const key of Object.keys(result)) places.put(result, key, places.of(value, key) ?? at.place);
  return result;
}

/** A folder, unless it is an address. */
const context: Shape = (value, shaping) =>
  typeof value !== 'string' || isAddress(value) ? value : absolute(value, shaping);

/** Whether a build’s context is fetched from elsewhere. */
export function isAddress(context: string): boolean {
  return /^([a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i.test(context);
}

const envFiles: Shape = items((item, shaping): readonly Data[] =>
  typeof item === 'string'
    ? [{ path: absolute(item, shaping), required: true }]
    : isDataMap(item) && typeof item['path'] === 'string'
      ? [{ required: true, ...item, path: absolute(item['path'], shaping) }]
      : [item],
);

const files: Shape = items((item): readonly Data[] =>
  typeof item === 'string' ? [{ source: item }] : [item],
);

const dependsOn: Shape = (value, shaping, at) =>
  each((one) => (isDataMap(one) ? { required: true, ...one } : one))(
    named(() => ({ condition: 'service_started' }))(value, shaping, at),
    shaping,
    at,
  );

const extended: Shape = (value, shaping) => {
  if (typeof value === 'string') return { service: value };
  if (!isDataMap(value) || typeof value['file'] !== 'string') return value;
  return { ...value, file: absolute(value['file'], shaping) };
};

/** One service in its long forms, with its paths absolute. */
export const service: Shape = shaped({
  annotations: labels,
  build,
  cap_add: list,
  configs: files,
  depends_on: dependsOn,
  deploy: shaped({ labels }),
  dns: list,
  dns_opt: list,
  dns_search: list,
  env_file: envFiles,
  environment: pairs,
  expose: list,
  extends: extended,
  extra_hosts: hosts,
  label_file: list,
  labels,
  networks: named(() => ({})),
  ports,
  secrets: files,
  sysctls: pairs,
  tmpfs: list,
  volumes,
});

const external: Shape = (value) => value;

/** A whole file in its long forms. */
const top = shaped({
  services: each(service),
  networks: each(shaped({ labels, external, driver_opts: pairs })),
  volumes: each(shaped({ labels, external })),
  secrets: each(shaped({ file: filePath, labels })),
  configs: each(shaped({ file: filePath, labels })),
});

export function shapedFile(data: Data, shaping: Shaping): Data {
  return top(data, shaping, { path: [], place: undefined });
}
