import { constants } from 'node:fs';
import { chmod, chown, link, lstat, lutimes, mkdir, open, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import type { ByteStream } from '../../../contracts/byte-stream.ts';
import { ContractError } from '../../../contracts/contract-error.ts';

export interface Unpacking {
  /** Where what the archive names first goes, under that name: a folder of this machine that is there. */
  readonly folder: string;
  /** Another name for it. Left out: its own. */
  readonly name?: string;
  /** The archive has the content of a folder, without that itself: it goes below `name`, or without one into the folder. */
  readonly content?: boolean;
  /** Keep owners, as far as this process may. */
  readonly owners?: boolean;
  /** Told what was left out: devices and the like. */
  readonly onSkipped?: (path: string) => void;
}

/**
 * Unpack an archive that somebody else made. Nothing is written, linked or removed outside of the folder, whatever names and
 * links are in it: names with `..` are refused, and nothing is written through a link. Throws invalid_input.
 */
export async function unpack(
  tar: ByteStream,
  { folder, name, content = false, owners, onSkipped }: Unpacking,
): Promise<number> {
  const place: Place = { root: await realpath(folder), name, content };
  const folders: { readonly path: string; readonly headers: Header }[] = [];
  const entries = extract();
  const source = Readable.from(tar, { objectMode: false });
  // A broken source breaks the archive, which is where it is dealt with.
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  let count = 0;
  try {
    for await (const entry of entries) {
      const { header } = entry;
      const path = await placeOf(header.name, place);
      if (path === place.root) {
        entry.resume();
        continue;
      }
      const made = await write(entry, path, place);
      if (made === 'skipped') onSkipped?.(header.name);
      else {
        count += 1;
        if (header.type === 'directory') folders.push({ path, headers: header });
        else await dress(path, header, owners === true);
      }
    }
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw refused(error instanceof Error ? error.message : String(error), error);
  } finally {
    source.destroy();
  }
  // Last, and from the inside out: a folder may be one that nobody can write to.
  for (const { path, headers } of folders.toReversed()) await dress(path, headers, owners === true);
  return count;
}

interface Place {
  /** Resolved: no link is in it. */
  readonly root: string;
  readonly name: string | undefined;
  readonly content: boolean;
}

/** Where an entry goes, with every folder above it really there. Throws for what would lead outside. */
async function placeOf(given: string, { root, name, content }: Place): Promise<string> {
  const parts = given.split('/').filter((part) => part !== '' && part !== '.');
  if (given.startsWith('/') || parts.includes('..') || given.includes('\0'))
    throw refused(`the archive names ${JSON.stringify(given)}, which leads outside`);
  const [first, ...below] = parts;
  const renamed = first === undefined ? [] : [name ?? first, ...below];
  const all = content ? [...(name === undefined ? [] : [name]), ...parts] : renamed;
  let here = root;
  for (const part of all.slice(0, -1)) {
    here = join(here, part);
    const seen = await kindOf(here);
    if (seen === undefined) await mkdir(here);
    else if (seen !== 'folder') throw refused(`the archive writes through ${here}, which is no folder`);
  }
  const last = all.at(-1);
  return last === undefined ? root : join(here, last);
}

/** As tar-stream hands it out. */
interface Entry extends AsyncIterable<unknown> {
  readonly header: Header;
  resume(): unknown;
}

async function write(entry: Entry, path: string, place: Place): Promise<'made' | 'skipped'> {
  const { header } = entry;
  const there = await kindOf(path);
  switch (header.type) {
    case 'directory':
      entry.resume();
      if (there !== undefined && there !== 'folder') throw refused(`${path} is there and no folder`);
      if (there === undefined) await mkdir(path, { mode: 0o700 });
      return 'made';
    case 'file':
    case 'contiguous-file':
      await makeRoom(path, there);
      await writeFile(entry, path);
      return 'made';
    case 'symlink':
      entry.resume();
      await makeRoom(path, there);
      await symlink(header.linkname, path);
      return 'made';
    case 'link':
      entry.resume();
      await makeRoom(path, there);
      await link(await linked(header.linkname, place), path);
      return 'made';
    default:
      entry.resume();
      return 'skipped';
  }
}

/** What a hard link names has come before, in the same archive, and is a file. */
async function linked(given: string, place: Place): Promise<string> {
  const path = await placeOf(given.replace(/^\/+/, ''), place);
  if ((await kindOf(path)) !== 'file')
    throw refused(`the archive links to ${JSON.stringify(given)}, which is no file of it`);
  return path;
}

async function makeRoom(path: string, there: Kind): Promise<void> {
  if (there === 'folder') throw refused(`${path} is a folder, and no folder comes in its place`);
  if (there !== undefined) await rm(path);
}

async function writeFile(entry: Entry, path: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const handle = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    for await (const chunk of entry) await handle.writeFile(chunk as Buffer);
  } finally {
    await handle.close();
  }
}

/** Permissions (never setuid or setgid), time and, if asked for, owners. */
async function dress(path: string, { type, mode, mtime, uid, gid }: Header, owners: boolean): Promise<void> {
  if (owners && type !== 'symlink' && type !== 'link') await chown(path, uid, gid);
  if (type !== 'symlink' && type !== 'link') await chmod(path, mode & 0o1777);
  if (type !== 'link') await lutimes(path, mtime, mtime);
}

type Kind = 'folder' | 'file' | 'link' | 'other' | undefined;

/** Of the path itself, not of what it leads to. */
async function kindOf(path: string): Promise<Kind> {
  try {
    const seen = await lstat(path);
    if (seen.isDirectory()) return 'folder';
    if (seen.isSymbolicLink()) return 'link';
    return seen.isFile() ? 'file' : 'other';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function refused(why: string, cause?: unknown): ContractError {
  return new ContractError('invalid_input', `the archive cannot be unpacked: ${why}`, { cause });
}
