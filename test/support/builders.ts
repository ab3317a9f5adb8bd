import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { restartPolicyOf } from '../../src/plan/restart-policy.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import type { NewContainer } from '../../src/store/store.ts';

/** A row before its insert, with defaults. */
export function aNewContainer(given: Partial<NewContainer> = {}): NewContainer {
  const id = given.id ?? 'app:cache';
  const name = given.name ?? id.replace(/^.*:/, '');
  const spec: ContainerSpec = given.spec ?? { image: 'busybox:latest', command: 'sleep 60' };
  const declared = given.declared ?? true;
  const extras = { name, aliases: [name], restart_policy: restartPolicyOf(spec, declared) };
  return {
    id,
    name,
    entry_source: null,
    declared,
    aliases: [name],
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    desired_state: 'running',
    stop_timeout: null,
    created_at: 1000,
    ...given,
  };
}
