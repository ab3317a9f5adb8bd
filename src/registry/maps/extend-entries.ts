import { didYouMean } from '../../runtime/did-you-mean.ts';
import type { DeclaredEntry } from '../entry.ts';
import { mergeFields, mergeSpecs } from './merge-specs.ts';
import { namespaceOf, type Tell } from './resolving.ts';
import type { Unresolved } from './unresolved.ts';

/** Each entry with what it extends put below it, in order; those that cannot be put together are told and left out. */
export function extendEntries(
  entries: readonly DeclaredEntry[],
  broken: ReadonlySet<string>,
  tell: Tell,
): readonly DeclaredEntry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const made = new Map<DeclaredEntry, DeclaredEntry | undefined>();
  return entries.flatMap((entry) => extended(entry, []) ?? []);

  function extended(entry: DeclaredEntry, above: readonly string[]): DeclaredEntry | undefined {
    const bases = entry.unresolved?.extends;
    if (bases === undefined) return entry;
    if (made.has(entry)) return made.get(entry);
    const result = put(entry, bases, [...above, entry.id]);
    made.set(entry, result);
    return result;
  }

  function put(
    entry: DeclaredEntry,
    bases: readonly string[],
    path: readonly string[],
  ): DeclaredEntry | undefined {
    let below: DeclaredEntry | undefined;
    let isWhole = true;
    for (const [index, id] of bases.entries()) {
      const base = byId.get(id);
      const at = ['extends', index];
      if (base === undefined && broken.has(id)) {
        tell(entry, at, `${shortOf(id, entry.id)}, which it extends, has an error itself; mend that`);
      } else if (base === undefined) {
        const near = [...byId.keys()].map((known) => shortOf(known, entry.id));
        tell(
          entry,
          at,
          `nothing is called ${shortOf(id, entry.id)} that it could extend${didYouMean(shortOf(id, entry.id), near)}; declare it, with \`abstract: true\` when it is not to run`,
        );
      } else if (path.includes(id)) {
        const round = [...path.slice(path.indexOf(id)), id].map((one) => shortOf(one, entry.id));
        tell(entry, at, `it extends itself: ${round.join(' → ')}; take one of them out`);
      } else {
        const from = extended(base, path);
        if (from !== undefined) {
          below = below === undefined ? from : onTop(below, from);
          continue;
        }
        tell(
          entry,
          at,
          `${shortOf(id, entry.id)}, which it extends, cannot be put together itself; mend that`,
        );
      }
      isWhole = false;
    }
    return isWhole && below !== undefined ? onTop(below, entry) : undefined;
  }
}

/** What one says on top of another; what is of one alone is the upper one’s: names, and whether it runs. */
function onTop(base: DeclaredEntry, over: DeclaredEntry): DeclaredEntry {
  const { abstract: _abstract, extends: _extends, instances: _instances, ...shared } = base.unresolved ?? {};
  const { stream, group, replicas, update_config } = base;
  const unresolved: Unresolved = mergeFields(shared, over.unresolved ?? {});
  const config = over.update_config && { ...update_config, ...over.update_config };
  return {
    ...(stream && { stream }),
    ...(group !== undefined && { group }),
    ...(replicas !== undefined && { replicas }),
    ...(update_config && { update_config }),
    ...over,
    ...(config && { update_config: config }),
    spec: mergeSpecs(base.spec, over.spec),
    unresolved,
  };
}

/** As an entry of another’s namespace would call it. */
export function shortOf(id: string, from: string): string {
  return namespaceOf(id) === namespaceOf(from) ? id.slice(id.indexOf(':') + 1) : id;
}
