import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';

/** Who owns a folder, and what may be done with it. */
export interface FolderHead {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A folder without what is in it, as a tar to unpack where it lies. */
export function folderAsTar(name: string, head: FolderHead): AsyncIterable<Uint8Array> {
  const tar = pack();
  tar.entry({ name, type: 'directory', ...head });
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

/** The first thing in a tar, with its text when it is a short file; undefined when it is empty. What follows is not read. */
export async function firstOfTar(
  tar: AsyncIterable<Uint8Array>,
): Promise<(FolderHead & { readonly text: string }) | undefined> {
  const entries = extract();
  const source = Readable.from(tar);
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  try {
    for await (const entry of entries) {
      const { mode = 0, uid = 0, gid = 0, type } = entry.header;
      const parts: Buffer[] = [];
      let size = 0;
      if (type === 'file')
        for await (const part of entry) {
          parts.push(part as Buffer);
          size += (part as Buffer).length;
          if (size > LONGEST) break;
        }
      return { mode: mode & 0o7777, uid, gid, text: Buffer.concat(parts).toString('utf8') };
    }
    return undefined;
  } finally {
    source.destroy();
  }
}

/** A list of accounts is shorter, in bytes. */
const LONGEST = 4 * 1024 * 1024;
