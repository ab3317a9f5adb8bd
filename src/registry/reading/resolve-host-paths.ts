import { dirname, resolve } from 'node:path';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Environment } from './interpolate.ts';
import type { Path } from './to-value.ts';

export type ResolvedPaths =
  | { readonly ok: true; readonly spec: ContainerSpec }
  | { readonly ok: false; readonly path: Path; readonly message: string };

/** Host paths made absolute: `./` and `../` from the entry file’s folder, `~/` from HOME. */
export function resolveHostPaths(spec: ContainerSpec, file: string, environment: Environment): ResolvedPaths {
  if (spec.volumes === undefined) return { ok: true, spec };
  const home = environment['HOME'];
  const homeless = spec.volumes.findIndex(({ host }) => host?.startsWith('~'));
  if (homeless !== -1 && !home) {
    return {
      ok: false,
      path: ['volumes', homeless, 'host'],
      message: '`~` needs the variable HOME, which is not set',
    };
  }
  const volumes = spec.volumes.map((mount) => {
    if (mount.host === undefined) return mount;
    const host = mount.host.startsWith('~') ? `${home}/${mount.host.slice(1)}` : mount.host;
    return { ...mount, host: resolve(dirname(file), host) };
  });
  return { ok: true, spec: { ...spec, volumes } };
}
