import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Folder {
  readonly path: string;
  /** Write a file below it, with the folders it needs; its absolute path. */
  write(name: string, text: string | Uint8Array): Promise<string>;
  remove(name: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An empty temp folder that goes when it is disposed of. */
export async function aFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'berth-test-'));
  return {
    path,
    write: async (name, text) => {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    },
    remove: (name) => rm(join(path, name), { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
