import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findFiles, isGone } from './find-files.ts';

/** How the registry’s files stand, without reading them. */
export interface Fingerprint {
  /** By path, a stamp that changes when the file is written. */
  readonly files: ReadonlyMap<string, string>;
  /** Which folders or files the roots are now, and the folders of named files: changes when one goes, comes or is made anew. */
  readonly roots: string;
}

const AT_ONCE = 32;

/** Takes the fingerprint of what lies below roots, and of files that are named there. Never throws. */
export async function fingerprint(
  roots: readonly string[],
  named: readonly string[] = [],
): Promise<Fingerprint> {
  const { files: found } = await findFiles(roots);
  const files = [...found, ...named.map((path) => ({ path }))];
  const stamps = new Map<string, string>();
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const some = files.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map(async ({ path }) => [path, await stampOf(path, true)] as const));
    for (const [path, stamp] of read) stamps.set(path, stamp);
  }
  const places = [...roots, ...new Set(named.map((path) => dirname(path)))];
  const identities = await Promise.all(places.map((place) => stampOf(place, false)));
  return { files: stamps, roots: identities.join() };
}

/** Files that were written, made or removed between two fingerprints. */
export function differing(before: Fingerprint, after: Fingerprint): ReadonlySet<string> {
  const paths = [...before.files.keys(), ...after.files.keys()];
  return new Set(paths.filter((path) => before.files.get(path) !== after.files.get(path)));
}

async function stampOf(path: string, withContent: boolean): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
    return withContent ? `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}` : `${dev}:${ino}`;
  } catch (error) {
    return isGone(error) ? 'gone' : 'unreadable';
  }
}
