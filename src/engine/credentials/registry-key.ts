/** Docker Hub’s name here. */
export const HUB = 'docker.io';
/** What Docker’s files and the engine call it. */
const HUB_KEY = 'https://index.docker.io/v1/';
const HUB_NAMES: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The registry’s name of a key in Docker’s files: without a scheme and a path. */
export function registryOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return HUB_NAMES.has(host) ? HUB : host;
}

/** The key for a registry in Docker’s files, which is its address for the engine, too. */
export function keyOf(registry: string): string {
  return HUB_NAMES.has(registry) ? HUB_KEY : registry;
}
