import { isDeepStrictEqual } from 'node:util';
import type { ReleaseService } from '../plan/groups/release.ts';
import { mentionedNetworks } from '../plan/mentioned.ts';
import type { Adopting, AdoptReport, Found, Leave } from './adopting.ts';
import { tried } from './tried.ts';

/**
 * Groups again, from what the labels of their members prove: release 1, made of what the members are now. Earlier releases are written
 * nowhere else; how services are updated is what it was when their youngest containers were made.
 */
export function adoptGroups(
  found: readonly Found[],
  { store, now }: Pick<Adopting, 'store' | 'now'>,
  leave: Leave,
): { readonly groups: AdoptReport['groups']; readonly members: readonly Found[] } {
  const groups: { name: string; members: string[] }[] = [];
  const members: Found[] = [];
  for (const [name, all] of Map.groupBy(found, ({ kept }) => kept.member?.group ?? '')) {
    const there = store.groups.get(name);
    const rows = all.map(({ row, kept: { member } }) => ({
      ...row,
      ...{ group_name: name, service: member?.service ?? null, replica: member?.replica ?? null },
      release: there?.release ?? 1,
    }));
    if (there !== undefined) {
      const known = all.filter((_, index) => {
        const row = rows[index];
        return row !== undefined && tried(row.name, leave, () => store.containers.insert(row));
      });
      members.push(...known);
      if (known.length > 0) groups.push({ name, members: known.map(({ row }) => row.name) });
      continue;
    }
    const services = servicesOf(all);
    for (const [service, { alike, missing }] of services) {
      if (!alike)
        leave(name, `containers of its service ${service} differ: deploy it, so that they are one again`);
      if (missing > 0)
        leave(name, `${missing} of its service ${service} are not there: scale it, and they are made again`);
    }
    const network = networkOf(all) ?? name;
    const isWritten = tried(name, leave, () =>
      store.groups.adopt(
        {
          ...{ name, network, auto_network: network === name, labels: {}, created_at: now },
          ...{ declared: false, update_config: null, entry_hashes: {} },
        },
        {
          services: Object.fromEntries([...services].map(([service, { wanted }]) => [service, wanted])),
          cause: 'adopted',
        },
        rows,
      ),
    );
    if (!isWritten) continue;
    members.push(...all);
    groups.push({ name, members: rows.map((row) => row.name) });
  }
  return { groups, members };
}

interface FoundService {
  readonly wanted: ReleaseService;
  /** All of its containers were made of one spec. */
  readonly alike: boolean;
  /** How many there must have been besides, by their numbers. */
  readonly missing: number;
}

/** Of containers that differ the youngest says what is wanted. */
function servicesOf(members: readonly Found[]): ReadonlyMap<string, FoundService> {
  const services = Map.groupBy(members, ({ kept }) => kept.member?.service ?? '');
  return new Map(
    [...services].flatMap(([service, all]): [string, FoundService][] => {
      const youngest = all.toSorted((a, b) => (a.seen.created_at < b.seen.created_at ? 1 : -1))[0];
      if (youngest === undefined) return [];
      const { spec, member, name } = youngest.kept;
      const numbers = all.flatMap(({ kept }) => kept.member?.replica ?? []);
      return [
        [
          service,
          {
            wanted: {
              name: member?.replica == null ? name : name.replace(/-\d+$/, ''),
              spec,
              replicas: numbers.length === 0 ? null : Math.max(...numbers),
              ...(member?.update_config && { update_config: member.update_config }),
              start: all.some(({ seen }) => seen.state !== 'created'),
            },
            missing: numbers.length === 0 ? 0 : Math.max(...numbers) - numbers.length,
            alike: all.every(({ kept }) => isDeepStrictEqual(kept.spec, spec)),
          },
        ],
      ];
    }),
  );
}

/** The first network of its members’ specs is the one that they share. */
function networkOf(members: readonly Found[]): string | undefined {
  return members.flatMap(({ kept }) => mentionedNetworks(kept.spec).slice(0, 1))[0];
}
