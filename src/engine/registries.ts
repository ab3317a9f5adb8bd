import { join } from 'node:path';
import type { Config } from '../runtime/config.ts';
import { type Credentials, createCredentials } from './credentials/credentials.ts';
import { isShortId, parseImageReference } from './image-reference.ts';

/** Where images come from, and who we are there. */
export interface Registries {
  readonly credentials: Credentials;
  /** Put before names without a registry: `registry.test:5000/team`. */
  readonly prefix?: string | undefined;
}

export function registriesOf({
  home,
  docker_config,
  docker_auth_config,
  registry,
}: Pick<Config, 'home'> &
  Partial<Pick<Config, 'docker_config' | 'docker_auth_config' | 'registry'>>): Registries {
  const folder = docker_config ?? join(home, '.docker');
  return { credentials: createCredentials({ folder, text: docker_auth_config }), prefix: registry };
}

/** The name as the engine is to know it: with the prefix, where it names no registry. Ids stay. Throws invalid_input. */
export function resolveImage(ref: string, { prefix }: Pick<Registries, 'prefix'>): string {
  if (isShortId(ref)) return ref;
  const { text, registry, id } = parseImageReference(ref);
  return prefix === undefined || registry !== undefined || id !== undefined ? text : `${prefix}/${text}`;
}
