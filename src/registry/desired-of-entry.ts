import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { StreamTarget } from '../../contracts/events.ts';
import { restartPolicyOf } from '../plan/restart-policy.ts';
import { recreateHash, specHash } from '../plan/spec-hash.ts';
import type { DeclaredEntry } from './entry.ts';

/** What a declared entry wants, as columns of its row. */
export interface DesiredOfEntry {
  readonly id: string;
  readonly name: string;
  readonly entry_source: string;
  readonly aliases: readonly string[];
  readonly spec: ContainerSpec;
  readonly spec_hash: string;
  readonly recreate_hash: string;
  /** Where its events go; not part of the spec, so a change of it restarts nothing. */
  readonly stream: StreamTarget | undefined;
  /** Null: on its own. */
  readonly group_name: string | null;
}

/** The row that an entry asks for: its aliases are its short name and its container’s name. */
export function desiredOfEntry({
  id,
  name,
  container_name,
  spec,
  stream,
  file,
}: DeclaredEntry): DesiredOfEntry {
  const aliases = [...new Set([name, container_name])];
  const extras = { name: container_name, aliases, restart_policy: restartPolicyOf(spec, true) };
  return {
    id,
    name: container_name,
    entry_source: file,
    aliases,
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    stream,
    group_name: null,
  };
}
