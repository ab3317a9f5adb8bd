import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Json } from '../canonical.ts';
import type { ObservedImage } from '../observed.ts';

/** What the engine chooses when a spec does not say: nothing of it can differ. */
export const ANY = Symbol('whatever the engine chooses');

/** A value in the words of specs, as it is compared; null: there is none. */
export type Wanted = Json | typeof ANY;

/** What a value may depend on beside itself. */
export interface Asked {
  readonly spec: ContainerSpec;
  /** The image that it is made from; undefined when the engine does not have it, or does not show it. */
  readonly image: ObservedImage['config'];
  readonly image_labels: Readonly<Record<string, string>> | undefined;
}

/**
 * What becomes of a container that differs in a field. `none`: ours alone, the engine hears nothing of it. `in_place`: it is
 * updated as it is. `network`: it joins again. `recreate`: it is made anew; `wanted` says what the engine should then show, and
 * where that is left out the engine does not show it (its hash tells), or it is compared with another field.
 */
export type FieldRow<K extends keyof ContainerSpec> =
  | { readonly class: 'none' | 'in_place' | 'network' }
  | { readonly class: 'recreate'; readonly compared: 'by hash' | 'by image id' | keyof ContainerSpec }
  | {
      readonly class: 'recreate';
      readonly wanted: (value: NonNullable<ContainerSpec[K]> | undefined, asked: Asked) => Wanted;
    };

/** A row for each of these fields: one without does not compile. */
export type FieldRows<F> = { readonly [K in keyof F & keyof ContainerSpec]: FieldRow<K> };

/** Compared as it is; what is left out is not there. */
export const asSaid = {
  class: 'recreate',
  wanted: (value: Json | undefined): Wanted => value ?? null,
} as const;

/** Compared as it is; what is left out is the engine’s to choose. */
export const whenSaid = {
  class: 'recreate',
  wanted: (value: Json | undefined): Wanted => value ?? ANY,
} as const;

/** False, when left out. */
export const flag = {
  class: 'recreate',
  wanted: (value: boolean | undefined): Wanted => value ?? false,
} as const;

/** A list whose order means something; an empty one is none. */
export const list = {
  class: 'recreate',
  wanted: (value: readonly string[] | undefined): Wanted => (value?.length ? value : null),
} as const;

/** Texts in no order, each once; an empty list is none. */
export function asSet(texts: readonly string[] | null | undefined): readonly string[] | null {
  return texts?.length ? [...new Set(texts)].sort() : null;
}
