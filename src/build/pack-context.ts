import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Context, ContextEntry } from './context-entries.ts';
import { unreadable } from './context-entries.ts';

/** Whoever made a file, and when, must not matter: the same files are the same tar, and the engine’s cache holds. */
const STABLE = { uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) } as const;

/** A context as a tar, read as it is sent: the same bytes for the same files. Throws invalid_input when a file changes or goes meanwhile. */
export async function* packContext({ entries }: Pick<Context, 'entries'>): AsyncGenerator<Uint8Array> {
  const tar = pack();
  let failure: unknown;
  const filling = fill(tar, entries).then(
    () => tar.finalize(),
    (error: unknown) => {
      failure = error;
      tar.destroy();
    },
  );
  try {
    yield* tar as AsyncIterable<Uint8Array>;
    if (failure !== undefined) throw failure;
  } catch (error) {
    await filling;
    throw failure ?? error;
  } finally {
    tar.destroy();
    await filling;
  }
}

/** What a context is, in one word: changes with each change of what would be built, and with nothing else. */
export async function contextHash(context: Context): Promise<string> {
  const hash = createHash('sha256').update(`${context.dockerfile}\n`);
  for await (const part of packContext(context)) hash.update(part);
  return hash.digest('hex').slice(0, 32);
}

async function fill(tar: Pack, entries: readonly ContextEntry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.kind === 'file') await addFile(tar, entry);
    else await addSmall(tar, entry);
  }
}

async function addFile(
  tar: Pack,
  { path, mode, from, size }: Extract<ContextEntry, { kind: 'file' }>,
): Promise<void> {
  const into = tar.entry({ ...STABLE, name: path, mode, size, type: 'file' });
  try {
    if (size === 0) into.end(undefined);
    else await pipeline(createReadStream(from, { end: size - 1 }), into);
  } catch (error) {
    if (error instanceof Error && /size mismatch/i.test(error.message))
      throw new ContractError('invalid_input', `${from} changed while it was being built in`, {
        cause: error,
      });
    throw unreadable(from, error);
  }
}

function addSmall(tar: Pack, entry: Exclude<ContextEntry, { kind: 'file' }>): Promise<void> {
  const { path: name, mode, kind } = entry;
  const header: Partial<Header> & { readonly name: string } =
    kind === 'folder'
      ? { ...STABLE, name: `${name}/`, mode, type: 'directory' }
      : kind === 'link'
        ? { ...STABLE, name, mode, type: 'symlink', linkname: entry.to }
        : { ...STABLE, name, mode, type: 'file' };
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (kind === 'text') tar.entry(header, entry.content, done);
    else tar.entry(header, done);
  });
}
