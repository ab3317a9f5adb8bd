import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { FileStat } from '../../../contracts/container-methods/files.ts';
import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import type { Session } from '../session.ts';
import { packPath } from './pack.ts';
import { unpack } from './unpack.ts';

export interface CopyOptions {
  /** Keep owners. */
  readonly archive: boolean;
  /** Copy what a link leads to, when the source is one. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly onSkipped: (path: string) => void;
}

/** A path inside a container. */
export interface InContainer {
  readonly id: string;
  readonly path: string;
}

/** `CONTAINER:PATH`; undefined for a path of this machine, which has no colon before its first slash. */
export function inContainer(text: string): InContainer | undefined {
  const at = text.indexOf(':');
  if (at < 1 || text.startsWith('.') || text.slice(0, at).includes('/')) return undefined;
  return { id: text.slice(0, at), path: text.slice(at + 1) || '/' };
}

/** From a container to this machine, by the rules of `docker cp` about what is there and about slashes at the end. Answers how many entries were written. */
export async function copyOut(
  session: Session,
  from: InContainer,
  to: string,
  { archive, follow, signal, onSkipped }: CopyOptions,
): Promise<number> {
  const source = await sourceOf(session, from, follow, signal);
  const target = resolve(to);
  const there = await kindHere(target);
  const isFolder = source.stat.type === 'directory';
  const place = placed(
    { name: nameOf(source), isFolder, content: isContent(from.path) },
    { path: to, there },
  );
  const folder = place.inside ? target : dirname(target);
  if ((await kindHere(folder)) !== 'folder') throw wrong(`there is no folder ${folder}`);
  // Of `folder/.` the engine’s names begin below it, whatever it is called.
  const path = isFolder ? `${source.path.replace(/\/\.?$/, '')}/.` : source.path;
  const { tar } = await session.containers.get_archive({ id: from.id, path }, { signal });
  const name = place.inside ? place.name : basename(target);
  return await unpack(tar, {
    folder,
    content: isFolder,
    ...(name !== '' && { name }),
    owners: archive,
    onSkipped,
  });
}

/** From this machine into a container, by the same rules. */
export async function copyIn(
  session: Session,
  from: string,
  to: InContainer,
  { archive, follow, signal }: CopyOptions,
): Promise<void> {
  const path = resolve(from);
  const here = await kindHere(path);
  if (here === undefined) throw wrong(`there is nothing at ${from}`);
  const target = await targetOf(session, to, signal);
  const place = placed(
    { name: basename(path), isFolder: here === 'folder', content: isContent(from) },
    { path: to.path, there: target.there },
  );
  const bare = target.path.replace(/\/+$/, '') || '/';
  const tar = packPath(path, {
    name: place.inside ? place.name : basename(bare),
    follow: follow || from.endsWith('/') || isContent(from),
    owners: archive,
  });
  const folder = place.inside ? target.path : dirname(bare);
  await session.containers.put_archive(
    { id: to.id, path: folder, no_overwrite_dir_non_dir: true, copy_uid_gid: archive, tar },
    { signal },
  );
}

/** The root has no name of its own: its content is meant. */
function nameOf({ path, stat: { name } }: { readonly path: string; readonly stat: FileStat }): string {
  const last = basename(path.replace(/\/\.$/, ''));
  return last !== '' && last !== '.' ? last : /^[/.]*$/.test(name) ? '' : name;
}

interface Source {
  readonly name: string;
  readonly isFolder: boolean;
  /** `folder/.`: what is in it, without itself. */
  readonly content: boolean;
}

interface Target {
  readonly path: string;
  readonly there: 'folder' | 'other' | undefined;
}

/** Into the target under a name (none: the content alone), or as the target itself. Throws where docker cp does. */
function placed(
  { name, isFolder, content }: Source,
  { path, there }: Target,
): { readonly inside: true; readonly name: string } | { readonly inside: false } {
  if (there === 'folder') return { inside: true, name: content && isFolder ? '' : name };
  if (there === 'other' && isFolder) throw wrong(`a folder cannot be copied onto ${path}, which is none`);
  if (there === 'other' && path.endsWith('/')) throw wrong(`${path} is no folder`);
  if (there === undefined && !isFolder && path.endsWith('/')) throw wrong(`there is no folder ${path}`);
  return { inside: false };
}

function isContent(path: string): boolean {
  return path === '.' || path.endsWith('/.');
}

/** A link is followed when that is asked for, or when the path ends with a slash. */
async function sourceOf(
  session: Session,
  { id, path }: InContainer,
  follow: boolean,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly stat: FileStat }> {
  const seen = await session.containers.stat_archive({ id, path }, { signal });
  if (seen.type !== 'symlink' || !follow || seen.link_target === undefined) return { path, stat: seen };
  return {
    path: seen.link_target,
    stat: await session.containers.stat_archive({ id, path: seen.link_target }, { signal }),
  };
}

/** A link there is followed, as docker cp does. */
async function targetOf(session: Session, { id, path }: InContainer, signal: AbortSignal): Promise<Target> {
  try {
    const seen = await session.containers.stat_archive({ id, path }, { signal });
    if (seen.type === 'symlink' && seen.link_target !== undefined) {
      const beyond = await targetOf(session, { id, path: seen.link_target }, signal);
      return { path: seen.link_target, there: beyond.there };
    }
    return { path, there: seen.type === 'directory' ? 'folder' : 'other' };
  } catch (error) {
    if (isContractError(error, 'not_found') && (await isThere(session, id, signal)))
      return { path, there: undefined };
    throw error;
  }
}

async function isThere(session: Session, id: string, signal: AbortSignal): Promise<boolean> {
  await session.containers.get({ id }, { signal });
  return true;
}

async function kindHere(path: string): Promise<'folder' | 'other' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw wrong(error instanceof Error ? error.message : String(error), error);
  }
}

function wrong(why: string, cause?: unknown): ContractError {
  return new ContractError('invalid_input', why, { cause, next: 'Check both paths: SOURCE, then TARGET.' });
}
