import { isExternal, mentionedNetworks, mentionedVolumes } from '../../plan/mentioned.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import type { DeclaredEntry, DeclaredGroup, DeclaredResource } from '../entry.ts';
import { shortOf } from '../maps/extend-entries.ts';
import type { Tell } from '../maps/resolving.ts';

export interface Named {
  readonly entries: readonly DeclaredEntry[];
  readonly groups: readonly DeclaredGroup[];
  readonly resources: readonly DeclaredResource[];
  /** Ids of what is left out for another error. */
  readonly known: readonly string[];
}

/** Ports of this machine that two entries want, names that mean two things, and what is somebody else’s and ours at once. */
export function checkNames({ entries, groups, resources, known }: Named, tell: Tell, warn: Tell): void {
  checkPorts(entries, tell);
  const named = [
    ...groups,
    ...entries.flatMap(({ group, ...entry }) => (group === undefined ? [] : [{ ...entry, name: group }])),
  ];
  const seen = new Set<string>();
  for (const { name } of named) {
    const container = entries.find(({ container_name }) => container_name === name);
    if (container === undefined || seen.has(name)) continue;
    seen.add(name);
    const group = groups.find((one) => one.name === name);
    const where = group === undefined ? 'that entries name' : `at ${group.file}:${group.line}`;
    // Within its group its own name goes first.
    const isMember = container.group === name || group?.members.includes(container.id);
    (isMember ? warn : tell)(
      container,
      ['container_name'],
      `the container ${name} and the group ${name} ${where} have one name; rename one of them, or give the container a \`container_name\``,
    );
  }
  const ids = new Set([...entries.map(({ id }) => id), ...known]);
  for (const group of groups)
    for (const id of group.members) {
      if (ids.has(id)) continue;
      const short = shortOf(id, group.id);
      const guess = didYouMean(
        short,
        [...ids].map((one) => shortOf(one, group.id)),
      );
      tell(
        group,
        ['members', short],
        `its member ${short} is declared nowhere${guess}; declare it, or take it out of \`members\``,
      );
    }
  for (const entry of entries) {
    checkMentioned(entry, 'network', resources, { tell, warn });
    checkMentioned(entry, 'volume', resources, { tell, warn });
  }
}

function checkPorts(entries: readonly DeclaredEntry[], tell: Tell): void {
  const taken = new Map<string, { readonly entry: DeclaredEntry; readonly host_ip: string }[]>();
  for (const entry of entries)
    for (const [index, { host, host_ip = '', protocol = 'tcp' }] of (entry.spec.ports ?? []).entries()) {
      if (host === undefined) continue;
      const key = `${host}/${protocol}`;
      const others = taken.get(key) ?? [];
      const other = others.find((one) => one.entry !== entry && overlap(one.host_ip, host_ip))?.entry;
      if (other !== undefined)
        tell(
          entry,
          ['ports', index],
          `port ${key} of this machine is ${shortOf(other.id, entry.id)}’s already, at ${other.file}:${other.line}; publish another one, or leave \`host\` out`,
        );
      taken.set(key, [...others, { entry, host_ip }]);
    }
}

/** Whether two addresses of this machine can be the same one. */
function overlap(one: string, other: string): boolean {
  const ANY = ['', '0.0.0.0', '::'];
  return one === other || ANY.includes(one) || ANY.includes(other);
}

function checkMentioned(
  entry: DeclaredEntry,
  kind: 'network' | 'volume',
  resources: readonly DeclaredResource[],
  { tell, warn }: { readonly tell: Tell; readonly warn: Tell },
): void {
  const declared = resources.filter(({ resource }) => resource === kind);
  const names = kind === 'network' ? mentionedNetworks(entry.spec) : mentionedVolumes(entry.spec);
  for (const name of names) {
    const own = declared.find(({ resource_name }) => resource_name === name);
    const path =
      kind === 'network' ? [entry.spec.network === name ? 'network' : 'networks', name] : ['volumes', name];
    if (own !== undefined) {
      if (isExternal(entry.spec, kind, name))
        tell(
          entry,
          path,
          `the ${kind} ${name} is \`external\` here, and declared at ${own.file}:${own.line}; leave \`external\` out`,
        );
      continue;
    }
    if (isExternal(entry.spec, kind, name)) continue;
    const guess = didYouMean(
      name,
      declared.map(({ resource_name }) => resource_name),
    );
    if (guess !== '')
      warn(entry, path, `the ${kind} ${name} is declared nowhere, and will be made as it comes${guess}`);
  }
}
