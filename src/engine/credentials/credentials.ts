import type { RegistryAuth } from '../port/image-calls.ts';
import { askHelper, tellHelper } from './credential-helper.ts';
import { type DockerConfig, parseDockerConfig, readDockerConfig } from './docker-config.ts';
import { HUB, keyOf, registryOf } from './registry-key.ts';
import { writeDockerConfig } from './write-docker-config.ts';

/** Who we are to registries. Nothing of it is ever logged or put into an error. */
export interface Credentials {
  /** By the registry’s name (`registry.test:5000`), undefined for Docker Hub. Throws credentials_failed, invalid_config. */
  of(registry: string | undefined, signal?: AbortSignal): Promise<RegistryAuth | undefined>;
  /** All that are written down, by the registries’ names as Docker writes them; what a helper keeps is asked for. */
  all(signal?: AbortSignal): Promise<Readonly<Record<string, RegistryAuth>>>;
  /** Keep them where Docker keeps them: with its helper, else in its file. Answers where. */
  save(registry: string | undefined, auth: RegistryAuth, signal?: AbortSignal): Promise<'helper' | 'file'>;
}

export interface CredentialSources {
  /** Folder of Docker’s `config.json`. */
  readonly folder: string;
  /** The text of such a file, which comes first: DOCKER_AUTH_CONFIG. */
  readonly text?: string | undefined;
}

/** Read anew at each question: a `docker login` counts at once. */
export function createCredentials({ folder, text }: CredentialSources): Credentials {
  const given = text === undefined ? undefined : parseDockerConfig(text, 'DOCKER_AUTH_CONFIG');
  const sources = async (): Promise<readonly DockerConfig[]> => [
    ...(given === undefined ? [] : [given]),
    await readDockerConfig(folder),
  ];
  return {
    of: async (registry = HUB, signal) => {
      for (const config of await sources()) {
        const found = await findIn(config, registryOf(registry), signal);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    all: async (signal) => {
      const found: [string, RegistryAuth][] = [];
      for (const config of (await sources()).toReversed())
        for (const key of new Set([...Object.keys(config.auths), ...Object.keys(config.helpers)])) {
          const auth = await findIn(config, registryOf(key), signal);
          if (auth !== undefined) found.push([keyOf(registryOf(key)), auth]);
        }
      return Object.fromEntries(found);
    },
    save: async (registry = HUB, auth, signal) => {
      const key = keyOf(registryOf(registry));
      const config = await readDockerConfig(folder);
      const helper = helperFor(config, registryOf(registry));
      if (helper !== undefined) await tellHelper(helper, key, auth, signal);
      await writeDockerConfig(folder, key, helper === undefined ? auth : {});
      return helper === undefined ? 'file' : 'helper';
    },
  };
}

function helperFor({ helpers, store }: DockerConfig, registry: string): string | undefined {
  return Object.entries(helpers).find(([key]) => registryOf(key) === registry)?.[1] ?? store;
}

/** The registry’s own helper, then the helper for all, then what is written down. */
async function findIn(
  config: DockerConfig,
  registry: string,
  signal: AbortSignal | undefined,
): Promise<RegistryAuth | undefined> {
  const { auths } = config;
  const keys = Object.keys(auths).filter((key) => registryOf(key) === registry);
  const helper = helperFor(config, registry);
  if (helper !== undefined)
    for (const key of new Set([...keys, keyOf(registry)])) {
      const found = await askHelper(helper, key, signal);
      if (found !== undefined) return found;
    }
  return keys.map((key) => auths[key]).find((auth) => auth !== undefined && Object.keys(auth).length > 0);
}
