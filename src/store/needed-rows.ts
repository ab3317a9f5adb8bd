import { compareTimes } from '../plan/compare-times.ts';
import {
  closureOf,
  type Edge,
  type GraphNode,
  graphOf,
  type Needs,
  namedBy,
  needsOf,
} from '../plan/dependency-graph.ts';
import { isUp } from '../plan/steps.ts';
import type { ContainerRow } from './container-row.ts';
import type { Store } from './store.ts';

type Stores = Pick<Store, 'containers' | 'groups'>;

/** A row as the graph sees it. */
export function nodeOf({ id, name, group_name: group, service, replica, spec }: ContainerRow): GraphNode {
  return { id, name, group, service, replica, spec };
}

export interface NeededRows extends Omit<Needs, 'edges'> {
  readonly edges: readonly (Edge & { readonly row: ContainerRow })[];
}

/** What a row needs, with the rows that are meant. */
export function neededRows(row: ContainerRow, stores: Stores): NeededRows {
  const said = namedBy(row.spec).map(({ as }) => as);
  if (said.length === 0 && row.group_name === null) return { edges: [], unknown: [], itself: [] };
  const namespace = row.id.includes(':') ? row.id.slice(0, row.id.lastIndexOf(':') + 1) : '';
  const names = [...new Set(said.flatMap((name) => [name, `${namespace}${name}`]))];
  const near = inDeclaredOrder(row, stores.containers.near(names, row.group_name), stores);
  const byId = new Map(near.map((one) => [one.id, one]));
  const { edges, ...rest } = needsOf(nodeOf(row), near.map(nodeOf));
  return {
    ...rest,
    edges: edges.flatMap((edge) => {
      const to = byId.get(edge.to);
      return to === undefined ? [] : [{ ...edge, row: to }];
    }),
  };
}

/** Inits are in the order of their group’s services. */
function inDeclaredOrder(
  { group_name, release }: ContainerRow,
  rows: readonly ContainerRow[],
  { groups }: Stores,
): readonly ContainerRow[] {
  const inits = rows.filter((row) => row.group_name === group_name && row.spec.role === 'init');
  if (group_name === null || inits.length < 2) return rows;
  const number = release ?? groups.get(group_name)?.release;
  const services = Object.keys((number && groups.release(group_name, number)?.services) || {});
  const place = ({ service }: ContainerRow): number => services.indexOf(service ?? '');
  return rows.toSorted((a, b) => place(a) - place(b) || (a.replica ?? 0) - (b.replica ?? 0));
}

/** Of those that are to stop or go and are still up, the ones that need this row. Two that need each other do not wait for each other. */
export function dependentsToStop(row: ContainerRow, { containers }: Stores): readonly ContainerRow[] {
  const others = containers.needing(['stopped', 'removed']).filter(({ id }) => id !== row.id);
  if (others.length === 0) return [];
  const { edges } = graphOf([row, ...others].map(nodeOf));
  const needed = closureOf([row.id], edges, 'needs');
  const needs = new Set(edges.filter(({ to }) => to === row.id).map(({ from }) => from));
  // One whose own stop has failed is tried again in its own time: it holds up nobody.
  return others.filter(
    (one) =>
      needs.has(one.id) &&
      !needed.has(one.id) &&
      one.failures === 0 &&
      one.observed !== null &&
      isUp(one.observed),
  );
}

/** Rows that asked to be restarted after this one, and run since before its present run began. */
export function dependentsToRestart(
  row: ContainerRow,
  started_at: string,
  stores: Stores,
): readonly { readonly id: string; readonly restart_from: string }[] {
  return stores.containers.needing(['running']).flatMap((other) => {
    const from = other.observed?.started_at;
    if (!asksForRestarts(other) || other.observed === null || !isUp(other.observed) || from === undefined)
      return [];
    if (compareTimes(from, started_at) >= 0) return [];
    const { edges } = neededRows(other, stores);
    const asks = edges.some(({ to, dependency }) => to === row.id && dependency.restart === true);
    return asks ? [{ id: other.id, restart_from: from }] : [];
  });
}

/** All that it needs, by any number of steps, and that is not asked to run now. */
export function neededAndStopped(row: ContainerRow, stores: Stores): readonly ContainerRow[] {
  return neededByAll([row], stores).filter(({ desired_state }) => desired_state !== 'running');
}

/** All that these need, by any number of steps, themselves left out. */
export function neededByAll(rows: readonly ContainerRow[], stores: Stores): readonly ContainerRow[] {
  const seen = new Map(rows.map((row) => [row.id, row]));
  const open = [...rows];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const { row: other } of neededRows(next, stores).edges) {
      if (seen.has(other.id) || other.desired_state === 'removed') continue;
      seen.set(other.id, other);
      open.push(other);
    }
  return [...seen.values()].slice(rows.length);
}

function asksForRestarts({ spec: { depends_on = {} } }: ContainerRow): boolean {
  return Object.values(depends_on).some(({ restart }) => restart === true);
}
