import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { PutFile } from '../../contracts/container-fields/storage.ts';

/** Files as a tar to unpack at /. */
export function filesAsTar(files: readonly PutFile[]): AsyncIterable<Uint8Array> {
  const tar = pack();
  for (const { target, content, mode = 0o444, uid = 0, gid = 0 } of files)
    tar.entry({ name: target.replace(/^\/+/, ''), mode, uid, gid }, content);
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}
