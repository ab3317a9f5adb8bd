import { createHash } from 'node:crypto';
import type { ContainerBuild } from '../../contracts/container-fields/build-source.ts';
import { contextEntries } from './context-entries.ts';
import { contextHash } from './pack-context.ts';

/** Hashes by what files looked like, kept by the caller so that only what changed is read again. */
export type BuildHashes = Map<string, string>;

/** Contexts that change all the time leave looks behind that nothing has any more. */
const MOST_KNOWN = 1000;

/** What a container’s image is built from and how, in one word. Paths are absolute. Throws invalid_input for what cannot be read. */
export async function buildHash(build: ContainerBuild, known: BuildHashes = new Map()): Promise<string> {
  const { hash: _hash, context: _context, files: _files, ...how } = build;
  const context = await contextEntries(build);
  const look = digest([how, context.dockerfile, context.entries]);
  const made = known.get(look) ?? digest([how, await contextHash(context)]);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(look, made);
  return made;
}

function digest(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value, sortedKeys)).digest('hex').slice(0, 32);
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
