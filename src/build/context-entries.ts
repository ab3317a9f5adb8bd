import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildFile } from '../../contracts/container-fields/build-source.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import { type Ignored, ignoredIn } from './ignored.ts';

/** What a context is made of. */
export interface ContextSource {
  readonly context?: string | undefined;
  /** A Dockerfile’s text. */
  readonly dockerfile?: string | undefined;
  /** Or where it is in the context. */
  readonly file?: string | undefined;
  readonly files?: readonly BuildFile[] | undefined;
}

/** One entry of the tar, with all that it is made of. */
export type ContextEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'file'; readonly from: string; readonly size: number; readonly changed_at: number }
  | { readonly kind: 'text'; readonly content: string }
);

export interface Context {
  /** Where the Dockerfile is in it. */
  readonly dockerfile: string;
  /** By path; folders before what is in them. */
  readonly entries: readonly ContextEntry[];
  /** Its Dockerfile is a text; what a step can copy is `entries` without it, and as it was before the text was left out of it. */
  readonly apart?: { readonly dockerfile: ContextEntry; readonly entries: readonly ContextEntry[] };
}

/** Find what goes into a context; links stay links, sockets and devices stay out. Throws invalid_input for what is not there or cannot be read. */
export async function contextEntries(source: ContextSource): Promise<Context> {
  const { context, dockerfile, file = 'Dockerfile', files = [] } = source;
  const found = new Map<string, ContextEntry>();
  if (context !== undefined) {
    const at = await stateOf(context);
    if (!at.isDirectory()) throw new ContractError('invalid_input', `the context ${context} is no folder`);
    const ignored = await ignoredIn(context, dockerfile === undefined ? file : undefined);
    for await (const entry of walk(context, '', ignored)) found.set(entry.path, entry);
  }
  for (const one of files) for await (const entry of added(one)) found.set(entry.path, entry);
  if (dockerfile !== undefined) return await beside(found, dockerfile);
  const path = await withDockerfile(found, { context, file });
  return { dockerfile: path, entries: whole(found) };
}

/** A text lies beside what is there under a name that is free, and its rules leave it out, for a builder that is given all of it as one. */
async function beside(found: Map<string, ContextEntry>, text: string): Promise<Context> {
  const path = ['Dockerfile', '.berth.Dockerfile'].find((name) => !found.has(name)) ?? '.berth.Dockerfile.1';
  const dockerfile = { path, mode: 0o644, kind: 'text', content: text } as const;
  const entries = whole(found);
  const all = new Map(found).set(path, dockerfile);
  const rules = await rulesWithout(path, found.get(RULES));
  if (rules !== undefined) all.set(RULES, { path: RULES, mode: 0o644, kind: 'text', content: rules });
  return { dockerfile: path, entries: whole(all), apart: { dockerfile, entries } };
}

const RULES = '.dockerignore';

/** The rules with one more; rules that come with it are no part of the context either. */
async function rulesWithout(path: string, rules: ContextEntry | undefined): Promise<string | undefined> {
  switch (rules?.kind) {
    case undefined:
      return `${RULES}\n${path}\n`;
    case 'text':
      return `${rules.content}\n${path}\n`;
    case 'file':
      return `${await reading(rules.from, (from) => readFile(from, 'utf8'))}\n${path}\n`;
    case 'folder':
    case 'link':
      return undefined;
  }
}

function whole(found: Map<string, ContextEntry>): readonly ContextEntry[] {
  for (const entry of [...found.values()]) addParents(found, entry.path);
  return [...found.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** A file is sent even when it is left out otherwise. */
async function withDockerfile(
  found: Map<string, ContextEntry>,
  { context, file }: { readonly context: string | undefined; readonly file: string },
): Promise<string> {
  if (found.has(file)) return file;
  const from = context === undefined ? file : join(context, file);
  const at = await stateOf(from);
  if (!at.isFile()) throw new ContractError('invalid_input', `${from} is no file, and so no Dockerfile`);
  found.set(file, {
    path: file,
    mode: at.mode & 0o7777,
    kind: 'file',
    from,
    size: at.size,
    changed_at: at.ctimeMs,
  });
  return file;
}

async function* walk(root: string, below: string, ignored: Ignored): AsyncGenerator<ContextEntry> {
  const names = (await reading(join(root, below), (folder) => readdir(folder))).toSorted();
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const out = ignored.ignores(path);
    const at = await lookedAt(join(root, path));
    if (at === undefined) continue;
    if (!out) {
      const entry = await entryOf(path, join(root, path), at);
      if (entry !== undefined) yield entry;
    }
    if (at.isDirectory() && (!out || ignored.negates)) yield* walk(root, path, ignored);
  }
}

async function* added({ path: given, from, content, mode }: BuildFile): AsyncGenerator<ContextEntry> {
  const path = given.replace(/^(\.\/+)+|\/+$/g, '');
  if (content !== undefined) yield { path, mode: mode ?? 0o644, kind: 'text', content };
  if (from === undefined) return;
  const at = await stateOf(from);
  const entry = await entryOf(path, from, at);
  if (entry === undefined)
    throw new ContractError(
      'invalid_input',
      `${from} is neither a file nor a folder, and cannot be built in`,
    );
  const changed = <E extends ContextEntry>(one: E): E =>
    mode === undefined || one.kind !== 'file' ? one : { ...one, mode };
  yield changed(entry);
  if (!at.isDirectory()) return;
  const everything: Ignored = { ignores: () => false, negates: false };
  for await (const one of walk(from, '', everything)) yield changed({ ...one, path: `${path}/${one.path}` });
}

async function entryOf(path: string, from: string, at: Stats): Promise<ContextEntry | undefined> {
  const mode = at.mode & 0o7777;
  if (at.isDirectory()) return { path, mode, kind: 'folder' };
  if (at.isSymbolicLink())
    return { path, mode: 0o777, kind: 'link', to: await reading(from, (link) => readlink(link)) };
  return at.isFile() ? { path, mode, kind: 'file', from, size: at.size, changed_at: at.ctimeMs } : undefined;
}

function addParents(found: Map<string, ContextEntry>, path: string): void {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const parent = path.slice(0, at);
    if (found.has(parent)) return;
    found.set(parent, { path: parent, mode: 0o755, kind: 'folder' });
  }
}

/** Undefined: it went while we looked. */
async function lookedAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function stateOf(path: string): Promise<Stats> {
  return reading(path, (at) => stat(at));
}

async function reading<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What of the file system went wrong, in words. */
export function unreadable(path: string, error: unknown): ContractError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why = code === 'ENOENT' ? 'it is not there' : code === 'EACCES' ? 'permission denied' : code;
  return new ContractError('invalid_input', `${path} cannot be built in: ${why}`, { cause: error });
}
