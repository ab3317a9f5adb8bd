import { resolve } from 'node:path';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Draft } from './flag.ts';

type Volume = NonNullable<Draft['volumes']>[number];
type Mount = NonNullable<Draft['mounts']>[number];

/** `PATH:/inside[:ro]`, `NAME:/inside[:ro]`, or `/inside` for a volume of its own. Paths are of the folder where the command runs. Throws invalid_input. */
export function readVolume(text: string): { readonly volume: Volume } | { readonly mount: Mount } {
  const [source = '', target, mode, ...rest] = text.split(':');
  if (target === undefined) return { mount: { type: 'volume', target: source } };
  if (rest.length > 0 || (mode !== undefined && mode !== 'ro' && mode !== 'rw'))
    throw new ContractError('invalid_input', `\`${text}\` is no volume`, {
      next: 'Write SOURCE:TARGET or SOURCE:TARGET:ro; for other settings there is --mount.',
    });
  const common: Pick<Volume, 'container' | 'mode'> = {
    container: target,
    ...(mode !== undefined && { mode: mode === 'ro' ? 'ro' : 'rw' }),
  };
  return { volume: isPath(source) ? { host: here(source), ...common } : { name: source, ...common } };
}

/** `type=bind,source=…,target=…,readonly`, with the keys that the docker command knows. Throws invalid_input. */
export function readMount(text: string): Mount {
  const given = new Map<string, string[]>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const [key, value] = at < 0 ? [part, 'true'] : [part.slice(0, at), part.slice(at + 1)];
    const name = KEYS[key.trim()];
    if (name === undefined)
      throw new ContractError('invalid_input', `--mount does not know \`${key}\``, {
        next: `It knows: ${Object.keys(KEYS).join(', ')}.`,
      });
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  const one = (key: string): string | undefined => given.get(key)?.at(-1);
  const isSo = (key: string): boolean => one(key) === 'true' || one(key) === '1';
  const pairs = (key: string): Record<string, string> | undefined => {
    const all = given.get(key)?.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    });
    return all && Object.fromEntries(all);
  };
  const type = one('type') ?? 'volume';
  const source = one('source');
  const common = { target: one('target') ?? '', ...(isSo('readonly') && { read_only: true }) };
  if (type === 'bind')
    return {
      ...common,
      type,
      source: source === undefined ? '' : here(source),
      ...group('bind', {
        propagation: one('propagation'),
        non_recursive: isSo('nonrecursive') || undefined,
        create_host_path: isSo('create') || undefined,
      }),
    } as Mount;
  if (type === 'tmpfs')
    return { ...common, type, ...group('tmpfs', { size: one('size'), mode: one('mode') }) } as Mount;
  if (type !== 'volume')
    throw new ContractError('invalid_input', `--mount: there is no type ${type}`, {
      next: 'It is bind, volume or tmpfs.',
    });
  return {
    ...common,
    type,
    ...(source !== undefined && { source }),
    ...group('volume', {
      nocopy: isSo('nocopy') || undefined,
      subpath: one('subpath'),
      driver: one('driver'),
      driver_opts: pairs('opt'),
      labels: pairs('label'),
    }),
  } as Mount;
}

const KEYS: Readonly<Record<string, string>> = {
  type: 'type',
  source: 'source',
  src: 'source',
  target: 'target',
  dst: 'target',
  destination: 'target',
  readonly: 'readonly',
  ro: 'readonly',
  'bind-propagation': 'propagation',
  'bind-nonrecursive': 'nonrecursive',
  'bind-create-src': 'create',
  'volume-nocopy': 'nocopy',
  'volume-subpath': 'subpath',
  'volume-driver': 'driver',
  'volume-opt': 'opt',
  'volume-label': 'label',
  'tmpfs-size': 'size',
  'tmpfs-mode': 'mode',
};

/** Nothing when all of it is left out. */
function group(name: string, fields: Readonly<Record<string, unknown>>): object {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { [name]: Object.fromEntries(given) };
}

function isPath(text: string): boolean {
  return /^(\/|\.\.?(\/|$)|~(\/|$))/.test(text);
}

/** The daemon runs elsewhere. `~/` is left to it. */
export function here(path: string): string {
  return path.startsWith('~') ? path : resolve(path);
}
