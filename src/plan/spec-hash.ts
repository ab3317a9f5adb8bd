import { createHash } from 'node:crypto';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { canonical, type Json } from './canonical.ts';
import { withoutLimits } from './in-place.ts';

export { canonical, type Json };

/** What is hashed beside the spec, since it reaches the engine too. */
export interface HashExtras {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly restart_policy: string;
}

/**
 * Hash of all of a spec that reaches the engine: versioned (`h1:`), canonical (keys sorted, absent fields left out). A field
 * added later changes no hash of a spec that does not use it, so an upgrade recreates nothing.
 */
export function specHash(spec: ContainerSpec, extras: HashExtras): string {
  return digest({
    ...spec,
    restart_policy: extras.restart_policy,
    '@name': extras.name,
    '@aliases': [...extras.aliases].sort(),
  });
}

/**
 * The same without what can be changed in place (limits, restart policy, name), and without the image, which is compared
 * by its id: what needs a recreate.
 */
export function recreateHash(spec: ContainerSpec, extras: Pick<HashExtras, 'aliases'>): string {
  // Ours alone: the engine hears nothing of how an image is made, of when it is pulled, of what becomes of an end, or of what it goes together with.
  const {
    image: _image,
    pull_policy: _pull,
    auto_remove: _remove,
    build: _build,
    depends_on: _depends,
    role: _role,
    probes: _probes,
    on_unhealthy: _unhealthy,
    ...rest
  } = withoutLimits(spec);
  return digest({ ...withoutComposeLabels(rest), '@aliases': [...extras.aliases].sort() });
}

/** What Compose finds it by says nothing of what it is: a file that moved recreates nothing. */
function withoutComposeLabels<T extends Pick<ContainerSpec, 'labels'>>(spec: T): T {
  const { labels } = spec;
  if (labels === undefined || !Object.keys(labels).some(isOfCompose)) return spec;
  return {
    ...spec,
    labels: Object.fromEntries(Object.entries(labels).filter(([label]) => !isOfCompose(label))),
  };
}

function isOfCompose(label: string): boolean {
  return label.startsWith('com.docker.compose.');
}

/** Hash of anything that JSON can hold: versioned, canonical. */
export function hashOf(value: object): string {
  return digest(value);
}

function digest(value: object): string {
  return `h1:${createHash('sha256')
    .update(canonical(value as Json))
    .digest('hex')
    .slice(0, 32)}`;
}
