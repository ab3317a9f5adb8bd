import type { RunningEntry } from '../clashes.ts';
import { problemOf, type Tell } from '../maps/resolving.ts';
import type { RegistryProblem } from '../problem.ts';
import type { Places } from '../reading/places-of-entry.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkNames, type Named } from './check-names.ts';

export interface Integrity {
  readonly problems: readonly RegistryProblem[];
  /** Ids of entries that wait for themselves: nothing is begun with them. */
  readonly stuck: ReadonlySet<string>;
}

/** Whether what all files say goes together: what one entry alone cannot tell. */
export function checkRegistry(
  named: Named,
  running: readonly RunningEntry[],
  placesOf: (id: string, file: string) => Places | undefined,
): Integrity {
  const problems: RegistryProblem[] = [];
  const tell: Tell = (entry, path, message) => {
    problems.push(problemOf(entry, path, message, placesOf));
  };
  const warn: Tell = (entry, path, message) => {
    problems.push({ ...problemOf(entry, path, message, placesOf), level: 'warning' });
  };
  const others = [
    ...running,
    ...named.known.map((id) => ({ id, name: id.slice(id.indexOf(':') + 1), entry_source: null })),
  ];
  const stuck = checkDependencies(named.entries, named.groups, others, tell);
  checkNames(named, tell, warn);
  return { problems, stuck };
}
