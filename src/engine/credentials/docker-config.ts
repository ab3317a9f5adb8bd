import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ContractError } from '../../../contracts/contract-error.ts';
import { socketCode } from '../engine-errors.ts';
import type { RegistryAuth } from '../port/image-calls.ts';

/** What Docker’s `config.json` says of registries. */
export interface DockerConfig {
  /** By the keys of the file; an empty one is with a helper. */
  readonly auths: Readonly<Record<string, RegistryAuth>>;
  /** Names of helpers by registry. */
  readonly helpers: Readonly<Record<string, string>>;
  /** Name of the helper for all the others. */
  readonly store?: string;
}

const file = z.looseObject({
  auths: z
    .record(
      z.string(),
      z.looseObject({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
        registrytoken: z.string().optional(),
      }),
    )
    .nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().nullish(),
});

export const CONFIG_FILE = 'config.json';
const NONE: DockerConfig = { auths: {}, helpers: {} };

/** Nothing when there is no file. Throws invalid_config. */
export async function readDockerConfig(folder: string): Promise<DockerConfig> {
  const path = join(folder, CONFIG_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(socketCode(error) ?? '')) return NONE;
    throw new ContractError('invalid_config', `${path} cannot be read (${socketCode(error) ?? 'why?'})`, {
      next: 'Mend its rights, or set DOCKER_CONFIG to another folder.',
    });
  }
  return parseDockerConfig(text, path);
}

/** `where` is how errors call it; they quote nothing of it. Throws invalid_config. */
export function parseDockerConfig(text: string, where: string): DockerConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ContractError('invalid_config', `${where} is no JSON`);
  }
  const parsed = file.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ContractError(
      'invalid_config',
      `${where}: ${issue?.path.map(String).join('.') ?? ''} is not as Docker writes it`,
    );
  }
  const { auths, credHelpers, credsStore } = parsed.data;
  return {
    auths: Object.fromEntries(Object.entries(auths ?? {}).map(([key, one]) => [key, authOf(one)])),
    helpers: credHelpers ?? {},
    ...(credsStore && { store: credsStore }),
  };
}

function authOf(one: {
  readonly auth?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identitytoken?: string | undefined;
  readonly registrytoken?: string | undefined;
}): RegistryAuth {
  const decoded = Buffer.from(one.auth ?? '', 'base64').toString();
  const colon = decoded.indexOf(':');
  const [username, password] =
    colon > 0
      ? // Docker pads passwords with zeros.
        [decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, '')]
      : [one.username, one.password];
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(one.identitytoken && { identity_token: one.identitytoken }),
    ...(one.registrytoken && { registry_token: one.registrytoken }),
  };
}
