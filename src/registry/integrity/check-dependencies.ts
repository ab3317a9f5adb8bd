import { cyclePath, type Edge, type GraphNode, graphOf, pathText } from '../../plan/dependency-graph.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import type { RunningEntry } from '../clashes.ts';
import type { DeclaredEntry, DeclaredGroup } from '../entry.ts';
import { shortOf } from '../maps/extend-entries.ts';
import type { Tell } from '../maps/resolving.ts';

/** So many circles are told; each is broken where it is told. */
const MOST_CIRCLES = 20;

/**
 * What entries need of each other, looked at before anything happens: names that are nobody’s, entries that wait for themselves, and
 * circles with their path. Answers the ids that can never start for it. `running` are rows that are known beside the entries.
 */
export function checkDependencies(
  entries: readonly DeclaredEntry[],
  groups: readonly DeclaredGroup[],
  running: readonly RunningEntry[],
  tell: Tell,
): ReadonlySet<string> {
  const groupOf = new Map(groups.flatMap(({ name, members }) => members.map((id) => [id, name] as const)));
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const nodes = entries.map(({ id, name, container_name, group = groupOf.get(id), spec }): GraphNode => {
    return { id, name: container_name, group, service: name, spec };
  });
  const others = running
    .filter(({ id }) => !byId.has(id))
    .map(({ id, name }): GraphNode => ({ id, name, spec: {} }));
  const { edges, unknown, itself } = graphOf([...nodes, ...others]);
  const stuck = new Set<string>();
  const known = [...entries.map(({ name }) => name), ...groups.map(({ name }) => name)];
  for (const { from, as, why, dependency } of unknown) {
    const entry = byId.get(from);
    if (entry === undefined || dependency.required === false) continue;
    const what = why === 'depends_on' ? 'entry, container or group' : 'container of ours';
    const way =
      why === 'depends_on'
        ? 'declare it, or say `required: false`'
        : 'declare it, or name one that is declared';
    tell(
      entry,
      [why, as],
      `no ${what} is called ${as}${didYouMean(as, known)}, which \`${why}\` names; ${way}`,
    );
  }
  for (const { from, as, why } of itself) {
    const entry = byId.get(from);
    stuck.add(from);
    if (entry !== undefined) tell(entry, [why, as], `it names itself in \`${why}\`; take ${as} out`);
  }
  let open: readonly Edge[] = edges;
  for (let circle = 0; circle < MOST_CIRCLES; circle += 1) {
    const path = cyclePath(open);
    if (path === undefined) break;
    for (const id of path) stuck.add(id);
    const [from, to] = path.slice(-2);
    const edge = open.find((one) => one.from === from && one.to === to);
    const entry = byId.get(from ?? '');
    if (edge === undefined || entry === undefined) break;
    const shown = pathText(path.map((id) => shortOf(id, entry.id)));
    tell(entry, [edge.why, edge.as], `they wait for each other: ${shown}; take one of them out`);
    open = open.filter((one) => one.from !== from || one.to !== to);
  }
  return stuck;
}
