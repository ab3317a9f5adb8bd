import type { UpdateConfig } from '../../contracts/container-fields/convergence.ts';
import { inGroup } from '../plan/groups/in-group.ts';
import { type ReleaseService, type Services, slotsOf } from '../plan/groups/release.ts';
import { hashOf } from '../plan/spec-hash.ts';
import type { DesiredOfEntry } from './desired-of-entry.ts';
import type { DeclaredEntry, DeclaredGroup } from './entry.ts';
import type { RegistryProblem } from './problem.ts';

/** A group as the registry wants it. */
export interface WantedGroup {
  readonly name: string;
  readonly network: string;
  readonly auto_network: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly update_config: UpdateConfig | null;
  readonly services: Services;
  /** Of each service, what its entry says: another hash is another wish. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Where it is declared first. */
  readonly file: string;
  readonly line: number;
}

export interface Grouped {
  /** Entries that belong to no group. */
  readonly lone: readonly DeclaredEntry[];
  readonly groups: readonly WantedGroup[];
  readonly problems: readonly RegistryProblem[];
}

/** Entries by the groups that they name, and that name them. Entries that two groups want are in neither, and said. */
export function groupsOf(entries: readonly DeclaredEntry[], declared: readonly DeclaredGroup[]): Grouped {
  const problems: RegistryProblem[] = [];
  const named = new Map<string, string>();
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  for (const group of declared) {
    for (const id of group.members) {
      const entry = byId.get(id);
      const other = named.get(id) ?? entry?.group;
      // One that is declared nowhere is told where all names are looked at.
      if (entry === undefined) continue;
      if (other !== undefined && other !== group.name)
        problems.push(
          problem(entry, `two groups want it: ${other} and ${group.name}; name it in one of them`),
        );
      else named.set(id, group.name);
    }
  }
  const groupOf = (entry: DeclaredEntry): string | undefined => entry.group ?? named.get(entry.id);
  const lone = entries.filter((entry) => groupOf(entry) === undefined);
  for (const entry of lone)
    if (entry.replicas !== undefined || entry.update_config !== undefined)
      problems.push(
        problem(entry, '`replicas` and `update_config` are for members of a group; say its `group`, too'),
      );
  const members = Map.groupBy(
    entries.filter((entry) => groupOf(entry) !== undefined),
    (entry) => groupOf(entry) ?? '',
  );
  const groups = [...members].map(([name, those]) =>
    wantedGroup(
      name,
      those,
      declared.find((one) => one.name === name),
      problems,
    ),
  );
  return { lone, groups, problems };
}

function wantedGroup(
  name: string,
  entries: readonly DeclaredEntry[],
  declared: DeclaredGroup | undefined,
  problems: RegistryProblem[],
): WantedGroup {
  const network = declared?.network ?? name;
  const labels = declared?.labels ?? {};
  const numbered = new Map(entries.map((entry) => [entry.name, entry]));
  const full = (short: string): string => {
    const entry = numbered.get(short);
    if (entry === undefined) return short;
    return entry.replicas === undefined ? entry.container_name : `${entry.container_name}-1`;
  };
  const services: Record<string, ReleaseService> = {};
  for (const entry of entries) {
    const { id, name: short, container_name, spec, replicas, update_config, file } = entry;
    if (services[short] !== undefined) {
      problems.push(problem(entry, `the group ${name} has another member ${short}; rename one of them`));
      continue;
    }
    services[short] = {
      name: container_name,
      spec: inGroup(spec, { network: network === 'none' ? undefined : network, short, labels, full }),
      replicas: replicas ?? null,
      ...(update_config && { update_config }),
      start: true,
      entry: { id, source: file },
    };
  }
  const [first] = entries;
  return {
    name,
    network,
    auto_network: declared?.network === undefined,
    labels,
    update_config: declared?.update_config ?? null,
    services,
    hashes: Object.fromEntries(Object.entries(services).map(([short, service]) => [short, hashOf(service)])),
    file: declared?.file ?? first?.file ?? '',
    line: declared?.line ?? first?.line ?? 1,
  };
}

/** The rows that the registry alone would have of a group. */
export function desiredOfGroup({ name: group_name, services }: WantedGroup): readonly DesiredOfEntry[] {
  return slotsOf(services).map(({ id = '', entry_source, ...slot }) => ({
    id,
    name: slot.name,
    entry_source: entry_source ?? '',
    aliases: slot.aliases,
    spec: slot.spec,
    spec_hash: slot.spec_hash,
    recreate_hash: slot.recreate_hash,
    stream: undefined,
    group_name,
  }));
}

function problem({ file, line, id }: DeclaredEntry | DeclaredGroup, message: string): RegistryProblem {
  return { level: 'error', code: 'invalid_registry', file, line, column: 1, entry: id, message };
}
