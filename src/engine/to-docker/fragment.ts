import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { CreateContainer } from '../port/container-calls.ts';
import type { ConfigBody, HostBody } from './create-body.ts';

/** What one field adds to the body. */
export interface Fragment {
  readonly config?: ConfigBody;
  readonly host?: HostBody;
}

/** One line: what a field means to an engine that speaks `api`; undefined is a field left out. */
export type Line<K extends keyof ContainerSpec> = (
  value: NonNullable<ContainerSpec[K]> | undefined,
  request: CreateContainer,
  api: string,
) => Fragment;

/** A line for each of these fields. */
export type LinesOf<F> = { readonly [K in keyof F & keyof ContainerSpec]: Line<K> };

/** Nothing when the field is left out. */
export const config =
  <V>(make: (value: V) => ConfigBody) =>
  (value: V | undefined): Fragment =>
    value === undefined ? {} : { config: make(value) };
export const host =
  <V>(make: (value: V) => HostBody) =>
  (value: V | undefined): Fragment =>
    value === undefined ? {} : { host: make(value) };

/** Ours alone: the engine hears nothing of it. */
export const ours = (): Fragment => ({});

/** Two bodies as one: lists one after the other, objects key by key. */
export function merged<T extends object>(one: T, other: T): T {
  const result: Record<string, unknown> = Object.fromEntries(Object.entries(one));
  for (const [key, value] of Object.entries(other)) {
    const before = Object.hasOwn(result, key) ? result[key] : undefined;
    const both = isPlain(before) && isPlain(value) ? merged(before, value) : value;
    const all = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : both;
    Object.defineProperty(result, key, { value: all, enumerable: true, configurable: true, writable: true });
  }
  return result as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
