import { isAbsolute, resolve } from 'node:path';
import type { Variables } from '../reading/interpolate.ts';
import { type Data, type DataMap, isDataMap, type Path, type Place, type Places } from '../reading/places.ts';
import type { ComposeProblem, Level } from '../reading/problem.ts';

/** What the short forms of one file are brought to their long ones with. */
export interface Shaping {
  /** Absolute; what relative paths begin at. */
  readonly folder: string;
  readonly variables: Variables;
  readonly places: Places;
  complain(path: Path, place: Place | undefined, message: string, more?: Complaint): void;
}

export interface Complaint {
  readonly level?: Level;
  readonly instead?: string;
}

/** Where a value stands: its path from the top of the file, and the place of its key. */
export interface At {
  readonly path: Path;
  readonly place: Place | undefined;
}

export type Shape = (value: Data, shaping: Shaping, at: At) => Data;

/** Collects what is complained of. */
export function complainer(problems: ComposeProblem[], file: string): Shaping['complain'] {
  return (path, place, message, { level = 'error', instead } = {}) => {
    problems.push({
      level,
      part: path.slice(0, 2).join('.'),
      key: path.slice(2).join('.'),
      message,
      ...(instead !== undefined && { instead }),
      place: place ?? { file, line: 1, column: 1 },
    });
  };
}

/** A map in which some keys have a shape of their own. */
export function shaped(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, shaping, at) => {
    if (!isDataMap(value)) return value;
    const { places } = shaping;
    const result: DataMap = {};
    for (const [key, held] of Object.entries(value)) {
      const place = places.of(value, key) ?? at.place;
      const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
      const made =
        held === null || shape === undefined
          ? held
          : shape(held, shaping, { path: [...at.path, key], place });
      result[key] = made;
      places.put(result, key, place);
    }
    return result;
  };
}

/** The same shape for every value of a map. */
export function each(shape: Shape): Shape {
  return (value, shaping, at) =>
    isDataMap(value)
      ? shaped(Object.fromEntries(Object.keys(value).map((key) => [key, shape])))(value, shaping, at)
      : value;
}

/** `[A=1, B]` as `{A: '1', B: null}`. */
export const pairs: Shape = (value, { places }, at) => {
  if (!Array.isArray(value)) return value;
  const result: DataMap = {};
  value.forEach((item, index) => {
    const text = String(item);
    const sign = text.indexOf('=');
    const key = sign === -1 ? text : text.slice(0, sign);
    result[key] = sign === -1 ? null : text.slice(sign + 1);
    places.put(result, key, places.of(value, index) ?? at.place);
  });
  return result;
};

/** Labels: what has no value is an empty text. */
export const labels: Shape = (value, shaping, at) => {
  const map = pairs(value, shaping, at);
  if (isDataMap(map)) for (const [key, held] of Object.entries(map)) map[key] = held ?? '';
  return map;
};

/** `[a:1.2.3.4, b=::1]` as `{a: [1.2.3.4], b: ['::1']}`. */
export const hosts: Shape = (value, { places }, at) => {
  const result: DataMap = {};
  const add = (name: string, address: Data, place: Place | undefined): void => {
    const before = result[name];
    const all = Array.isArray(address) ? address : [address];
    result[name] = [...(Array.isArray(before) ? before : []), ...all];
    places.put(result, name, place ?? at.place);
  };
  if (isDataMap(value)) {
    for (const [name, address] of Object.entries(value)) add(name, address, places.of(value, name));
    return result;
  }
  if (!Array.isArray(value)) return value;
  value.forEach((item, index) => {
    const [, name = String(item), address = ''] = /^([^:=]+)[:=](.*)$/.exec(String(item)) ?? [];
    add(name.trim(), address.trim(), places.of(value, index));
  });
  return result;
};

/** One text, or a list of them. */
export const list: Shape = (value, { places }, at) => {
  if (Array.isArray(value)) return value;
  const result: Data[] = [value];
  places.put(result, 0, at.place);
  return result;
};

/** A list of names as a map with the same thing for each. */
export function named(make: () => DataMap): Shape {
  return (value, { places }, at) => {
    if (!Array.isArray(value)) return value;
    const result: DataMap = {};
    value.forEach((item, index) => {
      result[String(item)] = make();
      places.put(result, String(item), places.of(value, index) ?? at.place);
    });
    return result;
  };
}

/** Each item of a list as one item or several. */
export function items(make: (item: Data, shaping: Shaping, at: At) => readonly Data[]): Shape {
  return (value, shaping, at) => {
    const { places } = shaping;
    if (isDataMap(value)) return value;
    const given = Array.isArray(value) ? value : [value];
    const result: Data[] = [];
    given.forEach((item, index) => {
      const place = places.of(value, index) ?? at.place;
      for (const one of make(item, shaping, { path: [...at.path, index], place })) {
        places.put(result, result.length, place);
        result.push(one);
      }
    });
    return result;
  };
}

/** A path of this machine, absolute. */
export function absolute(path: string, { folder, variables }: Pick<Shaping, 'folder' | 'variables'>): string {
  if (path === '~' || path.startsWith('~/')) return resolve(`${variables['HOME'] ?? ''}/`, path.slice(2));
  return isAbsolute(path) ? path : resolve(folder, path);
}

export const filePath: Shape = (value, shaping) =>
  typeof value === 'string' ? absolute(value, shaping) : value;
