import type { Access } from '../../../contracts/container-fields/maps.ts';
import type { VolumeMount } from '../../../contracts/container-spec.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import type { DeclaredEntry, DeclaredMap } from '../entry.ts';
import type { Path } from '../reading/to-value.ts';
import { shortOf } from './extend-entries.ts';
import { namespaceOf, type Tell } from './resolving.ts';

/** A volume that an entry shares with those that use it. */
interface Shared {
  /** Undefined: shared by its path alone. */
  readonly alias: string | undefined;
  readonly mount: VolumeMount;
}

/** Entries of one namespace, with what they bind, attach, share and use as plain volumes; users depend on owners. */
export function shareVolumes(
  entries: readonly DeclaredEntry[],
  map: DeclaredMap | undefined,
  tell: Tell,
): readonly DeclaredEntry[] {
  const shared = new Map(entries.map((entry) => [entry, sharedBy(entry, map, tell)]));
  const owners = ownersOf(shared, tell);
  return entries.map((entry) => {
    const { binds = {}, uses = {} } = entry.unresolved ?? {};
    const bound = Object.entries(binds).flatMap(([alias, mode]) => bind(entry, { alias, mode }, map, tell));
    const own = shared.get(entry) ?? [];
    const used = Object.entries(uses).map(([name, mode]) =>
      use(entry, { name, mode }, { owners, shared }, tell),
    );
    const volumes = [
      ...(entry.spec.volumes ?? []),
      ...bound,
      ...own.map(({ mount }) => mount),
      ...used.flatMap(({ mounts }) => mounts),
    ];
    const needed = used.flatMap((one) => one.owners).filter((owner) => owner !== entry);
    const depends_on = {
      ...Object.fromEntries(needed.map(({ id }) => [id, {}])),
      ...entry.spec.depends_on,
    };
    return {
      ...entry,
      spec: {
        ...entry.spec,
        ...(volumes.length > 0 && { volumes: withoutTwice(volumes) }),
        ...(Object.keys(depends_on).length > 0 && { depends_on }),
      },
    };
  });
}

type SharedBy = ReadonlyMap<DeclaredEntry, readonly Shared[]>;

function sharedBy(entry: DeclaredEntry, map: DeclaredMap | undefined, tell: Tell): readonly Shared[] {
  const { attaches = [], shares = [], permissions } = entry.unresolved ?? {};
  const attached = attaches.flatMap((alias, index): Shared[] => {
    const volume = wordOf(entry, alias, { map, path: ['attaches', index] }, tell);
    if (volume === undefined || map === undefined) return [];
    const owner = volume.owner ?? entry.spec.user;
    const allowed = volume.permissions ?? permissions;
    const mount = {
      name: volume.name ?? `${map.name}.${alias}`,
      container: volume.path,
      ...(owner !== undefined && { owner }),
      ...(allowed !== undefined && { permissions: allowed }),
    };
    return [{ alias, mount }];
  });
  const plain = shares.map((path): Shared => {
    const slug = path.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '');
    return {
      alias: undefined,
      mount: { name: `${entry.container_name}.${slug || 'root'}`, container: path },
    };
  });
  return [...attached, ...plain];
}

/** Who attaches an alias. */
function ownersOf(shared: SharedBy, tell: Tell): ReadonlyMap<string, readonly DeclaredEntry[]> {
  const owners = new Map<string, DeclaredEntry[]>();
  for (const [entry, all] of shared)
    for (const { alias } of all) {
      if (alias === undefined) continue;
      const others = owners.get(alias) ?? [];
      const [first] = others;
      const isSame = first?.file === entry.file && first.line === entry.line;
      if (first !== undefined && !isSame)
        tell(
          entry,
          ['attaches', entry.unresolved?.attaches?.indexOf(alias) ?? 0],
          `the volume ${alias} is attached by ${shortOf(first.id, entry.id)}, too, at ${first.file}:${first.line}; attach it in one of them, and say \`uses: ${alias}\` in the other`,
        );
      owners.set(alias, [...others, entry]);
    }
  return owners;
}

interface Wanted {
  readonly name: string;
  readonly mode: Access;
}

/** Where used volumes come from, and as which mounts. */
function use(
  entry: DeclaredEntry,
  { name, mode }: Wanted,
  known: { readonly owners: ReadonlyMap<string, readonly DeclaredEntry[]>; readonly shared: SharedBy },
  tell: Tell,
): { readonly mounts: readonly VolumeMount[]; readonly owners: readonly DeclaredEntry[] } {
  const owners = known.owners.get(name);
  const all = [...known.shared.keys()];
  const called = (wanted: string): readonly DeclaredEntry[] =>
    all.filter((one) => one.name === wanted || entryOf(one) === wanted);
  const others = called(name);
  const dot = name.lastIndexOf('.');
  const [of, alias] = dot === -1 ? [] : [called(name.slice(0, dot)), name.slice(dot + 1)];
  const from = owners ?? (others.length > 0 ? others : (of ?? []));
  const wanted = owners !== undefined ? name : others.length > 0 ? undefined : alias;
  const mounts = from
    .flatMap((one) => known.shared.get(one) ?? [])
    .filter((one) => wanted === undefined || one.alias === wanted)
    .map(({ mount: { owner: _owner, permissions: _permissions, ...mount } }) => ({
      ...mount,
      ...(mode === 'ro' && { mode }),
    }));
  if (mounts.length > 0) return { mounts, owners: from };
  const path = ['uses', name];
  if (from.length > 0)
    tell(
      entry,
      path,
      wanted === undefined
        ? `${name} shares nothing; let it attach what is used`
        : `${name.slice(0, dot)} does not attach ${wanted}; add it to its \`attaches\``,
    );
  else {
    const names = [...known.owners.keys(), ...all.map((one) => one.name)];
    tell(
      entry,
      path,
      `nobody attaches ${name}${didYouMean(name, names)}; add it to the \`attaches\` of its owner`,
    );
  }
  return { mounts: [], owners: [] };
}

/** The name of the entry that one of several containers is of. */
function entryOf({ name, instance_of }: DeclaredEntry): string {
  return instance_of === undefined ? name : instance_of.slice(instance_of.indexOf(':') + 1);
}

function bind(
  entry: DeclaredEntry,
  { alias, mode }: { readonly alias: string; readonly mode: Access },
  map: DeclaredMap | undefined,
  tell: Tell,
): readonly VolumeMount[] {
  const path = ['binds', alias];
  const volume = wordOf(entry, alias, { map, path }, tell);
  if (volume === undefined || map === undefined) return [];
  const host = map.words.host[alias];
  if (host === undefined) {
    tell(
      entry,
      path,
      `the alias ${alias} has no path of this machine; say it below \`host\` of the map ${map.name}, at ${map.file}:${map.line}`,
    );
    return [];
  }
  return [{ host, container: volume.path, ...(mode === 'ro' && { mode }) }];
}

function wordOf(
  entry: DeclaredEntry,
  alias: string,
  { map, path }: { readonly map: DeclaredMap | undefined; readonly path: Path },
  tell: Tell,
): DeclaredMap['words']['volumes'][string] | undefined {
  if (map === undefined) {
    tell(
      entry,
      path,
      `the alias ${alias} is defined nowhere: the namespace ${namespaceOf(entry.id)} has no entry of \`meta.type: docker.map\`; add one with \`volumes: { ${alias}: /path }\``,
    );
    return undefined;
  }
  const { volumes } = map.words;
  const word = Object.hasOwn(volumes, alias) ? volumes[alias] : undefined;
  if (word === undefined)
    tell(
      entry,
      path,
      `the alias ${alias} is defined nowhere${didYouMean(alias, Object.keys(volumes))}; say its path inside below \`volumes\` of the map ${map.name}, at ${map.file}:${map.line}`,
    );
  return word;
}

/** What an entry has of its own, and uses of another with the same name at the same place, is one mount. */
function withoutTwice(volumes: readonly VolumeMount[]): VolumeMount[] {
  return volumes.filter(
    (one, index) =>
      !volumes
        .slice(0, index)
        .some(
          ({ name, container }) => name !== undefined && name === one.name && container === one.container,
        ),
  );
}
