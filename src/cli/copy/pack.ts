import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack as startPack } from 'tar-stream';

import type { ByteStream } from '../../../contracts/byte-stream.ts';
import { ContractError } from '../../../contracts/contract-error.ts';

export interface Packing {
  /** Name that the path gets in the archive; empty: a folder’s content alone. */
  readonly name: string;
  /** Take what a link leads to, when the path itself is one. */
  readonly follow: boolean;
  /** Keep owners; else all of it is root’s. */
  readonly owners: boolean;
}

/** A path of this machine as a tar, packed as it is read. Sockets and devices are left out. */
export async function* packPath(path: string, { name, follow, owners }: Packing): ByteStream {
  const tar = startPack();
  let failure: unknown;
  const packing = add(tar, path, name, { follow, owners }).then(
    () => tar.finalize(),
    (error: unknown) => {
      failure = error;
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  );
  try {
    yield* tar as AsyncIterable<Buffer>;
  } catch (error) {
    const said = failure ?? error;
    throw new ContractError(
      'invalid_input',
      `${path} cannot be read: ${said instanceof Error ? said.message : String(said)}`,
      { cause: said },
    );
  } finally {
    tar.destroy(null);
    await packing;
  }
}

type Entry = Partial<Header> & Pick<Header, 'name'>;

async function add(
  tar: Pack,
  path: string,
  name: string,
  how: { readonly follow: boolean; readonly owners: boolean },
): Promise<void> {
  const seen = how.follow ? await stat(path) : await lstat(path);
  const headers = { name, ...dressOf(seen, how.owners) };
  if (seen.isDirectory()) {
    if (name !== '') await entry(tar, { ...headers, name: `${name}/`, type: 'directory' });
    for (const inner of (await readdir(path)).toSorted())
      await add(tar, join(path, inner), name === '' ? inner : `${name}/${inner}`, { ...how, follow: false });
  } else if (seen.isSymbolicLink()) {
    await entry(tar, { ...headers, type: 'symlink', linkname: await readlink(path) });
  } else if (seen.isFile()) {
    if (seen.size === 0) await entry(tar, headers, '');
    // A file that grows meanwhile is packed as long as it was.
    else
      await pipeline(
        createReadStream(path, { end: seen.size - 1 }),
        tar.entry({ ...headers, size: seen.size }),
      );
  }
}

function entry(tar: Pack, headers: Entry, content?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (content === undefined) tar.entry(headers, done);
    else tar.entry(headers, content, done);
  });
}

function dressOf(
  { mode, mtime, uid, gid }: Stats,
  owners: boolean,
): Pick<Header, 'mode' | 'mtime' | 'uid' | 'gid'> {
  return { mode: mode & 0o7777, mtime, uid: owners ? uid : 0, gid: owners ? gid : 0 };
}
