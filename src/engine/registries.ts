import { join } from 'node:path';
import type { Config } from '../runtime/config.ts';
import { type Credentials, createCredentials } from './credentials/credentials.ts';
import { isShortId, parseImageReference } from './image-reference.ts';

/** Where images come from, and who we are there. */
export interface Registries {
  readonly credentials: Credentials;
  /** Put before names without a registry: `registry.test:5000/team`. */
  readonly prefix?: string | undefined;
  /** Of names without a tag and digest. Default: latest. */
  readonly tag?: string | undefined;
}

export function registriesOf({
  home,
  docker_config,
  docker_auth_config,
  registry,
  default_tag,
}: Pick<Config, 'home'> &
  Partial<Pick<Config, 'docker_config' | 'docker_auth_config' | 'registry' | 'default_tag'>>): Registries {
  const folder = docker_config ?? join(home, '.docker');
  const credentials = createCredentials({ folder, text: docker_auth_config });
  return { credentials, prefix: registry, tag: default_tag };
}

/** The name as the engine is to know it: with the prefix, where it names no registry, and with the default tag, where it has none. Ids stay. Throws invalid_input. */
export function resolveImage(ref: string, { prefix, tag }: Pick<Registries, 'prefix' | 'tag'>): string {
  if (isShortId(ref)) return ref;
  const { text, registry, id, digest, repository } = parseImageReference(ref);
  const says = id !== undefined || digest !== undefined || ref.slice(ref.lastIndexOf('/') + 1).includes(':');
  const name = says || tag === undefined ? text : `${repository}:${tag}`;
  return prefix === undefined || registry !== undefined || id !== undefined ? name : `${prefix}/${name}`;
}
