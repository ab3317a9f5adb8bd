import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledEngine } from './install-engine.ts';

/** What an engine and its helpers need: their own programs and libraries first, and nothing that steers a docker client. */
export function engineEnvironment(
  { bin, libraries }: Pick<InstalledEngine, 'bin' | 'libraries'>,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('DOCKER_'));
  const xtables = libraries
    .split(':')
    .map((path) => join(path, 'xtables'))
    .find((path) => existsSync(path));
  return {
    ...Object.fromEntries(kept),
    PATH: `${bin}:${environment['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LD_LIBRARY_PATH: libraries,
    ...(xtables !== undefined && { XTABLES_LIBDIR: xtables }),
  };
}
