import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { canonical } from '../canonical.ts';
import type { Comparable, ObservedContainer, ObservedImage, ObservedSettings } from '../observed.ts';
import { ANY, type Asked, type FieldRow, type Wanted } from './field-row.ts';
import { FIELDS, type SettingField } from './fields.ts';

/** One thing in which a container is not as its spec says. */
export interface Difference {
  /** `env.PORT`, `command`: with its key, where the field is a map. */
  readonly field: string;
  /** What the engine shows, and what is wanted instead; null: nothing. */
  readonly from: Comparable;
  readonly to: Comparable;
}

export const SETTING_FIELDS = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).filter(
  (field): field is SettingField => 'wanted' in FIELDS[field],
);

/** What the engine should show of a spec’s field. `image`: the one that the container was made from, if it is known. */
export function wantedOf<K extends SettingField>(field: K, asked: Asked): Wanted {
  const row = FIELDS[field] as FieldRow<K>;
  return 'wanted' in row ? row.wanted(asked.spec[field] ?? undefined, asked) : ANY;
}

/** What a spec and an image ask to be shown. */
export function askedOf(spec: ContainerSpec, image: ObservedImage | undefined): Asked {
  return { spec, image: image?.config, image_labels: image?.config && image.labels };
}

/** What an engine shows of a container that is just as its spec asks. */
export function settingsOf(spec: ContainerSpec, image: ObservedImage | undefined): ObservedSettings {
  const asked = askedOf(spec, image);
  return Object.fromEntries(
    SETTING_FIELDS.flatMap((field) => {
      const wanted = wantedOf(field, asked);
      return wanted === ANY ? [] : [[field, wanted]];
    }),
  );
}

/** Where what the engine shows of a container is not what its spec asks, by field and key. Nothing is told of what it does not show. */
export function differencesOf(
  spec: ContainerSpec,
  seen: ObservedContainer,
  image: ObservedImage | undefined,
): readonly Difference[] {
  const { settings } = seen;
  if (settings === undefined) return [];
  const asked = askedOf(spec, image?.id === seen.image_id ? image : undefined);
  return SETTING_FIELDS.flatMap((field) => {
    const there = settings[field];
    const wanted = wantedOf(field, asked);
    return there === undefined || wanted === ANY ? [] : differing(field, there, wanted);
  });
}

function differing(field: string, from: Comparable, to: Comparable): readonly Difference[] {
  if (canonical(from) === canonical(to)) return [];
  if (!isMap(from) || !isMap(to)) return [{ field, from, to }];
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .sort()
    .flatMap((key) => differing(`${field}.${key}`, from[key] ?? null, to[key] ?? null));
}

function isMap(value: Comparable): value is { readonly [key: string]: Comparable } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
