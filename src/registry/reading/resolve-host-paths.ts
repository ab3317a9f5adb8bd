import { dirname, resolve } from 'node:path';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Environment } from './interpolate.ts';
import type { Path } from './to-value.ts';

export type ResolvedPaths =
  | { readonly ok: true; readonly spec: ContainerSpec }
  | { readonly ok: false; readonly path: Path; readonly message: string };

/** Host paths made absolute: `./` and `../` from the entry file’s folder, `~/` from HOME. */
export function resolveHostPaths(spec: ContainerSpec, file: string, environment: Environment): ResolvedPaths {
  const home = environment['HOME'];
  const homeless = home ? undefined : firstOfHome(spec);
  if (homeless !== undefined)
    return { ok: false, path: homeless, message: '`~` needs the variable HOME, which is not set' };
  const absolute = (path: string): string =>
    resolve(dirname(file), path.startsWith('~') ? `${home}/${path.slice(1)}` : path);
  const volumes = spec.volumes?.map((mount) =>
    mount.host === undefined ? mount : { ...mount, host: absolute(mount.host) },
  );
  const mounts = spec.mounts?.map((mount) =>
    mount.type === 'bind' ? { ...mount, source: absolute(mount.source) } : mount,
  );
  const build = spec.build && {
    ...spec.build,
    ...(spec.build.context !== undefined && { context: absolute(spec.build.context) }),
    ...(spec.build.secrets && {
      secrets: spec.build.secrets.map((secret) => ({ ...secret, file: absolute(secret.file) })),
    }),
  };
  return {
    ok: true,
    spec: { ...spec, ...(build && { build }), ...(volumes && { volumes }), ...(mounts && { mounts }) },
  };
}

function firstOfHome({ volumes = [], mounts = [], build }: ContainerSpec): Path | undefined {
  if (build?.context?.startsWith('~')) return ['build'];
  const secret = build?.secrets?.findIndex(({ file }) => file.startsWith('~')) ?? -1;
  if (secret !== -1) return ['build', 'secrets', secret, 'file'];
  const volume = volumes.findIndex(({ host }) => host?.startsWith('~'));
  if (volume !== -1) return ['volumes', volume, 'host'];
  const mount = mounts.findIndex((one) => one.type === 'bind' && one.source.startsWith('~'));
  return mount === -1 ? undefined : ['mounts', mount, 'source'];
}
