import { isDeepStrictEqual } from 'node:util';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Lists whose order is what they say: one replaces the other. */
const WHOLE: ReadonlySet<string> = new Set(['command', 'args', 'entrypoint', 'test', 'probes', 'logging']);

/** How the items of a list are told apart: a later one with the same key overrides the earlier. */
const KEYS: Readonly<Record<string, (item: Fields) => string>> = {
  ports: ({ host_ip = '', container, protocol = 'tcp' }) => `${host_ip} ${container}/${protocol}`,
  volumes: ({ container }) => String(container),
  mounts: ({ target }) => String(target),
  files: ({ target }) => String(target),
};

/**
 * What an entry says on top of what it begins from: plain values are overridden, lists united, maps merged by key; ports by
 * what is published, mounts and files by where they appear. A command is one value, and so is each of the probes.
 */
export function mergeSpecs(base: ContainerSpec, over: ContainerSpec): ContainerSpec {
  const { command, args, ...rest } = base;
  const saysWhatRuns = over.command !== undefined || over.args !== undefined;
  const below = saysWhatRuns ? rest : base;
  const merged = mergeFields(below as Fields, over as Fields) as ContainerSpec;
  const probes = { ...base.probes, ...over.probes };
  return Object.keys(probes).length === 0 ? merged : { ...merged, probes };
}

/** The same of any fields. */
export function mergeFields<T extends object>(base: T, over: T): T {
  const merged: Record<string, unknown> = { ...(base as Fields) };
  for (const [key, value] of Object.entries(over))
    if (value !== undefined) merged[key] = mergeValue(key, merged[key], value);
  return merged as T;
}

function mergeValue(key: string, base: unknown, over: unknown): unknown {
  if (WHOLE.has(key)) return over;
  if (Array.isArray(base) && Array.isArray(over)) return united(KEYS[key], base, over);
  return isMap(base) && isMap(over) ? mergeFields(base, over) : over;
}

function united(
  keyOf: ((item: Fields) => string) | undefined,
  base: readonly unknown[],
  over: readonly unknown[],
): readonly unknown[] {
  const isReplaced = (item: unknown, other: unknown): boolean =>
    keyOf !== undefined && isMap(item) && isMap(other)
      ? keyOf(item) === keyOf(other)
      : isDeepStrictEqual(item, other);
  return [...base.filter((item) => !over.some((other) => isReplaced(item, other))), ...over];
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
