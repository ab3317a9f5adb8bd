import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface FoundFile {
  /** Absolute path. */
  readonly path: string;
  /** The named root it was found under, absolute; the nearest one when roots lie in each other. */
  readonly root: string;
}

export interface FoundFiles {
  /** By path, each once. */
  readonly files: readonly FoundFile[];
  /** Roots that are not there, absolute. */
  readonly vanished: readonly string[];
  /** Folders and roots that could not be looked into, absolute; what lies below is unknown. */
  readonly unreadable: readonly { readonly path: string; readonly message: string }[];
}

const MAX_DEPTH = 32;
const MAX_FOLDERS = 50_000;
const MAX_FILES = 20_000;

/** Whether a walk passes this folder by, unless it is named: examples, packages, hidden ones. */
export function isSkipped(name: string): boolean {
  return name === 'examples' || name === 'node_modules' || name.startsWith('.');
}

/** Whether a walk reads a file of this name. */
export function isIndex(name: string): boolean {
  return /^_index\.ya?ml$/.test(name);
}

/**
 * Every `_index.yaml` and `_index.yml` below the roots. Passed by unless named: `examples`, `node_modules`, hidden folders,
 * symbolic links, and nested components (a folder with a `package.json` of its own). A root may be a file. Never throws.
 */
export async function findFiles(roots: readonly string[]): Promise<FoundFiles> {
  const files = new Map<string, FoundFile>();
  const vanished: string[] = [];
  const unreadable: { path: string; message: string }[] = [];
  let folders = 0;
  for (const root of [...new Set(roots.map((one) => resolve(one)))].sort()) {
    try {
      const kind = await stat(root);
      if (kind.isDirectory()) await walk(root, root, 0);
      else if (kind.isFile()) files.set(root, { path: root, root });
      else unreadable.push({ path: root, message: 'neither a folder nor a file' });
    } catch (error) {
      if (isGone(error)) vanished.push(root);
      else unreadable.push({ path: root, message: messageOf(error) });
    }
  }
  return { files: [...files.values()].sort(byPath), vanished, unreadable };

  async function walk(folder: string, root: string, depth: number): Promise<void> {
    folders += 1;
    if (depth > MAX_DEPTH || folders > MAX_FOLDERS || files.size > MAX_FILES) {
      unreadable.push({
        path: folder,
        message: 'too many folders or files, or too deep; name the folders you mean',
      });
      return;
    }
    const items = await list(folder, depth);
    if (items === undefined || (depth > 0 && items.some(({ name }) => name === 'package.json'))) return;
    for (const item of items) {
      const path = join(folder, item.name);
      if (item.isFile() && isIndex(item.name)) files.set(path, { path, root });
      else if (item.isDirectory() && !isSkipped(item.name)) await walk(path, root, depth + 1);
    }
  }

  async function list(folder: string, depth: number): Promise<readonly Dirent[] | undefined> {
    try {
      return await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (depth === 0) throw error;
      if (!isGone(error)) unreadable.push({ path: folder, message: messageOf(error) });
      return undefined;
    }
  }
}

/** Whether `path` is `folder` or lies below it; both absolute. */
export function isBelow(path: string, folder: string): boolean {
  let at = path;
  while (at.length > folder.length) at = dirname(at);
  return at === folder;
}

/** True for an error of the file system that says that a path is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** One line of an error. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function byPath(a: FoundFile, b: FoundFile): number {
  return a.path < b.path ? -1 : 1;
}
