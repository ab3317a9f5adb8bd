import type { ContainerSpec } from '../../../contracts/container-spec.ts';

/** What is built needs a name: the entry’s, when it says none. */
export function namedBuild(spec: ContainerSpec, id: string): ContainerSpec {
  if (spec.build === undefined || spec.image !== undefined) return spec;
  const name = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return { ...spec, image: `berth-build/${name}:latest` };
}
