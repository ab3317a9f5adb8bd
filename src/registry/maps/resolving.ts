import type { RegistryProblem } from '../problem.ts';
import type { Places } from '../reading/places-of-entry.ts';
import { type Path, pathKey } from '../reading/to-value.ts';

/** Tells a problem of an entry at a path of its fields. */
export type Tell = (entry: Told, path: Path, message: string) => void;

export interface Told {
  readonly id: string;
  readonly instance_of?: string;
  readonly file: string;
  readonly line: number;
}

/** Problems with their places: that of the path, else of what it lies in, else of the entry. */
export function problemOf(
  { id, instance_of = id, file, line }: Told,
  path: Path,
  message: string,
  placesOf: (id: string, file: string) => Places | undefined,
): RegistryProblem {
  const places = placesOf(instance_of, file);
  for (let length = path.length; length > 0; length -= 1) {
    const place = places?.get(pathKey(path.slice(0, length)));
    if (place !== undefined)
      return { level: 'error', code: 'invalid_registry', file, ...place, entry: instance_of, message };
  }
  return { level: 'error', code: 'invalid_registry', file, line, column: 1, entry: instance_of, message };
}

/** The part of an id before its colon. */
export function namespaceOf(id: string): string {
  return id.slice(0, id.indexOf(':'));
}
