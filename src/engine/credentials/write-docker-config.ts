import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContractError } from '../../../contracts/contract-error.ts';
import { socketCode } from '../engine-errors.ts';
import type { RegistryAuth } from '../port/image-calls.ts';
import { CONFIG_FILE } from './docker-config.ts';

/** Put one registry’s credentials into Docker’s `config.json` and leave all else in it; the file is its owner’s alone. Throws invalid_config. */
export async function writeDockerConfig(folder: string, key: string, auth: RegistryAuth): Promise<void> {
  const path = join(folder, CONFIG_FILE);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const before = await jsonAt(path);
    const auths = isObject(before['auths']) ? before['auths'] : {};
    const after = { ...before, auths: { ...auths, [key]: written(auth) } };
    // Where it is a link, what it leads to is replaced.
    const target = await realpath(path).catch(() => path);
    const fresh = `${target}.${randomUUID()}`;
    try {
      await writeFile(fresh, `${JSON.stringify(after, null, '\t')}\n`, { mode: 0o600 });
      await rename(fresh, target);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw new ContractError('invalid_config', `${path} cannot be written (${socketCode(error) ?? 'why?'})`, {
      next: 'Mend its rights, or set DOCKER_CONFIG to another folder.',
    });
  }
}

function written({ username = '', password = '', identity_token }: RegistryAuth): object {
  if (identity_token !== undefined) return { auth: base64(`${username}:`), identitytoken: identity_token };
  return username === '' ? {} : { auth: base64(`${username}:${password}`) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function jsonAt(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isObject(value) ? value : {};
  } catch (error) {
    if (socketCode(error) === 'ENOENT') return {};
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
