/** Where something stands; line and column count from 1. */
export interface Place {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is written above it. */
  readonly comment?: string;
}

export type Path = readonly (string | number)[];
export type Data = null | boolean | number | string | Data[] | DataMap;
export interface DataMap {
  [key: string]: Data;
}

/** Where each key and item of what was read stands: beside the data, so that the data stay plain. */
export class Places {
  readonly #known = new WeakMap<object, Map<string, Place>>();

  put(holder: DataMap | Data[], key: string | number, place: Place | undefined): void {
    if (place === undefined) return;
    const known = this.#known.get(holder) ?? new Map<string, Place>();
    known.set(String(key), place);
    this.#known.set(holder, known);
  }

  of(holder: Data | undefined, key: string | number): Place | undefined {
    return typeof holder === 'object' && holder !== null
      ? this.#known.get(holder)?.get(String(key))
      : undefined;
  }

  /** Of the deepest part of a path that is known. */
  at(root: Data, path: Path): Place | undefined {
    let value: Data | undefined = root;
    let place: Place | undefined;
    for (const part of path) {
      place = this.of(value, part) ?? place;
      value = inside(value, part);
    }
    return place;
  }
}

/** What a map or list has there. */
export function inside(value: Data | undefined, part: string | number): Data | undefined {
  if (Array.isArray(value)) return value[Number(part)];
  return isDataMap(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

export function isDataMap(value: unknown): value is DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
