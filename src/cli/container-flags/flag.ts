import type { z } from 'zod';
import type { containers } from '../../../contracts/containers.ts';

/** The input of `create`, as it grows from flags. */
export type Draft = Omit<z.input<(typeof containers)['methods']['create']['input']>, 'stream'>;

/** One flag as the docker command has it, and what it makes of a container. */
export interface Flag {
  /** As commander reads it: `-w, --workdir <path>`. */
  readonly flags: string;
  /** The field whose meaning its help shows, or its own words. */
  readonly about: keyof Draft | { readonly text: string };
  /** May be given again. */
  readonly many: boolean;
  readonly put: (draft: Draft, values: readonly string[]) => Draft;
}

type Keys<T> = { [K in keyof Draft]-?: NonNullable<Draft[K]> extends T ? K : never }[keyof Draft];

/** A text, number or size as it is. */
export const plain = (flags: string, field: keyof Draft, read: (text: string) => unknown = same): Flag => ({
  flags,
  about: field,
  many: false,
  put: (draft, [value = '']) => ({ ...draft, [field]: read(value) }),
});

/** A number as such, `-1` too; else the text, which the contract reads or refuses. */
export const numeric = (flags: string, field: keyof Draft): Flag => plain(flags, field, numberOr);

/** A list, a value each time. */
export const listed = (flags: string, field: keyof Draft, read: (text: string) => unknown = same): Flag => ({
  flags,
  about: field,
  many: true,
  put: (draft, values) => {
    const before = draft[field];
    return { ...draft, [field]: [...(Array.isArray(before) ? before : []), ...values.map(read)] };
  },
});

/** A map, `name=value` each time. */
export const paired = (
  flags: string,
  field: Keys<object>,
  read: (text: string) => unknown = same,
  otherwise?: unknown,
): Flag => ({
  flags,
  about: field,
  many: true,
  put: (draft, values) => ({
    ...draft,
    [field]: {
      ...pairsOf(draft[field]),
      ...Object.fromEntries(values.map((text) => pair(text, read, otherwise))),
    },
  }),
});

/** There or not. */
export const on = (flags: string, field: keyof Draft, value: boolean = true): Flag => ({
  flags,
  about: field,
  many: false,
  put: (draft) => ({ ...draft, [field]: value }),
});

/** One that needs a reading of its own. */
export const own = (flags: string, about: Flag['about'], put: Flag['put'], many = false): Flag => ({
  flags,
  about,
  many,
  put,
});

export function numberOr(text: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function same(text: string): string {
  return text;
}

function pairsOf(before: unknown): object {
  return typeof before === 'object' && before !== null && !Array.isArray(before) ? before : {};
}

function pair(text: string, read: (text: string) => unknown, otherwise: unknown): [string, unknown] {
  const at = text.indexOf('=');
  return at < 0 ? [text, otherwise ?? ''] : [text.slice(0, at), read(text.slice(at + 1))];
}
