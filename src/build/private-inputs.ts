import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BuildRequest } from '../../contracts/image-methods/building.ts';

/** What a build needs and nobody else may see: kept in a file of the owner’s alone (0600) until the build ends. */
export type PrivateInputs = Pick<BuildRequest, 'auth' | 'secrets'>;

export interface PrivateStore {
  keep(build_id: string, inputs: PrivateInputs): Promise<void>;
  /** Keep a context’s tar. Throws what its reading throws, and leaves nothing then. */
  keepTar(build_id: string, tar: AsyncIterable<Uint8Array>): Promise<void>;
  /** Each time from its beginning. */
  tar(build_id: string): AsyncIterable<Uint8Array>;
  /** Empty when there are none. */
  read(build_id: string): Promise<PrivateInputs>;
  drop(build_id: string): Promise<void>;
  /** Forget those of builds that are over. */
  keepOnly(build_ids: readonly string[]): Promise<void>;
}

export function privateStore(folder: string): PrivateStore {
  const tarOf = (buildId: string): string => join(folder, `${buildId}.tar`);
  const pathOf = (buildId: string): string => join(folder, `${buildId}.json`);
  return {
    keep: async (buildId, inputs) => {
      if (inputs.auth === undefined && inputs.secrets === undefined) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(pathOf(buildId), JSON.stringify(inputs), { mode: 0o600, flag: 'wx' });
    },
    read: async (buildId) => {
      const text = await readFile(pathOf(buildId), 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return '{}';
        throw error;
      });
      return JSON.parse(text) as PrivateInputs;
    },
    keepTar: async (buildId, tar) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        await pipeline(tar, createWriteStream(tarOf(buildId), { mode: 0o600, flags: 'wx' }));
      } catch (error) {
        await rm(tarOf(buildId), { force: true });
        throw error;
      }
    },
    tar: (buildId) => createReadStream(tarOf(buildId)),
    drop: async (buildId) => {
      await rm(pathOf(buildId), { force: true });
      await rm(tarOf(buildId), { force: true });
    },
    keepOnly: async (buildIds) => {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const kept = new Set(buildIds.flatMap((id) => [`${id}.json`, `${id}.tar`]));
      for (const name of names) if (!kept.has(name)) await rm(join(folder, name), { force: true });
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
