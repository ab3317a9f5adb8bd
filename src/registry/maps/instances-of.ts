import type { DeclaredEntry } from '../entry.ts';
import { mergeSpecs } from './merge-specs.ts';

/** The containers of an entry: itself, or one for each of its instances, NAME-a for `a`. */
export function instancesOf(entry: DeclaredEntry): readonly DeclaredEntry[] {
  const { instances, ...unresolved } = entry.unresolved ?? {};
  if (instances === undefined) return [entry];
  return Object.entries(instances).map(([name, over]) => ({
    ...entry,
    instance_of: entry.id,
    id: instanceName(entry.id, name),
    name: instanceName(entry.name, name),
    container_name: instanceName(entry.container_name, name),
    spec: mergeSpecs(entry.spec, over),
    unresolved,
  }));
}

/** What an instance is called. */
export function instanceName(name: string, instance: string): string {
  return `${name}-${instance}`;
}
