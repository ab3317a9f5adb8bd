import type { Dependency } from '../../contracts/container-fields/convergence.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';

/** What a graph is made of: a row, an entry, or a service. */
export interface GraphNode {
  readonly id: string;
  /** The container’s name, without the number of a replica when it stands for all of them. */
  readonly name: string;
  readonly group?: string | null | undefined;
  /** Its short name in its group. */
  readonly service?: string | null | undefined;
  readonly replica?: number | null | undefined;
  readonly spec: Pick<
    ContainerSpec,
    'depends_on' | 'role' | 'network_mode' | 'ipc' | 'pid' | 'volumes_from' | 'links'
  >;
}

/** Why one needs another: it says so, it shares something of it, or it is of a group that has inits. */
export type Why = 'depends_on' | 'network_mode' | 'ipc' | 'pid' | 'volumes_from' | 'links' | 'init';

/** `from` needs `to`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** As `from` calls it. */
  readonly as: string;
  readonly why: Why;
  readonly dependency: Dependency;
}

/** A name that `from` gives and that is nobody’s, or its own. */
export interface Dangling {
  readonly from: string;
  readonly as: string;
  readonly why: Why;
  readonly dependency: Dependency;
}

export interface Needs {
  readonly edges: readonly Edge[];
  readonly unknown: readonly Dangling[];
  readonly itself: readonly Dangling[];
}

type Pair = Pick<Edge, 'from' | 'to'>;

/** Who is meant by a name: members of the same group first, then an entry or a container, else all of a group. */
export function resolveDependency<N extends GraphNode>(
  from: GraphNode,
  name: string,
  nodes: readonly N[],
): readonly N[] {
  const near = nodes.filter((node) => isIn(node, from.group) && node.service === name);
  if (near.length > 0) return near;
  const namespace = from.id.includes(':') ? from.id.slice(0, from.id.lastIndexOf(':')) : undefined;
  const called = nodes.filter((node) => isCalled(node, node.id, name) || isCalled(node, node.name, name));
  if (called.length > 0) return called;
  const neighbours =
    namespace === undefined ? [] : nodes.filter((node) => isCalled(node, node.id, `${namespace}:${name}`));
  return neighbours.length > 0 ? neighbours : nodes.filter((node) => isIn(node, name));
}

function isIn({ group }: GraphNode, name: string | null | undefined): boolean {
  return group !== null && group !== undefined && group === name;
}

function isCalled({ replica }: GraphNode, own: string, name: string): boolean {
  return own === name || (typeof replica === 'number' && own === `${name}-${replica}`);
}

/** What one node needs of the others, which are given in the order of their declaration. */
export function needsOf(node: GraphNode, nodes: readonly GraphNode[]): Needs {
  const own = saidBy(node, nodes);
  const inits = initsBefore(node, nodes);
  if (inits.length === 0) return own;
  const said = nodes.filter(({ group }) => group === node.group).flatMap((one) => saidBy(one, nodes).edges);
  return { ...own, edges: [...own.edges, ...gatesOf(node, inits, said)] };
}

/** What all of them need of each other. */
export function graphOf(nodes: readonly GraphNode[]): Needs {
  const all = nodes.map((node) => saidBy(node, nodes));
  const said = all.flatMap(({ edges }) => edges);
  const gates = nodes.flatMap((node) => gatesOf(node, initsBefore(node, nodes), said));
  return {
    edges: [...said, ...gates],
    unknown: all.flatMap(({ unknown }) => unknown),
    itself: all.flatMap(({ itself }) => itself),
  };
}

/** What its own spec says. */
function saidBy(node: GraphNode, nodes: readonly GraphNode[]): Needs {
  const edges: Edge[] = [];
  const unknown: Dangling[] = [];
  const itself: Dangling[] = [];
  for (const { as, why, dependency } of namedBy(node.spec)) {
    const found = resolveDependency(node, as, nodes);
    const one = { from: node.id, as, why, dependency };
    if (found.length === 0) unknown.push(one);
    else if (found.some((other) => isItself(node, other))) itself.push(one);
    else edges.push(...found.map(({ id: to }) => ({ ...one, to })));
  }
  return { edges, unknown, itself };
}

/** The same one, or another replica of it, called by its own name. */
function isItself(node: GraphNode, other: GraphNode): boolean {
  if (other.id === node.id) return true;
  return isIn(other, node.group) && typeof node.service === 'string' && other.service === node.service;
}

interface Named {
  readonly as: string;
  readonly why: Why;
  readonly dependency: Dependency;
}

/** Names that a spec gives, and what is asked of each. */
export function namedBy(spec: GraphNode['spec']): readonly Named[] {
  const shared = (['network_mode', 'ipc', 'pid'] as const).flatMap((why): readonly Named[] => {
    const mode = spec[why];
    return mode?.startsWith('container:')
      ? [{ as: mode.slice('container:'.length), why, dependency: {} }]
      : [];
  });
  const first = (why: 'volumes_from' | 'links') =>
    (spec[why] ?? []).map((text): Named => ({ as: text.split(':')[0] ?? '', why, dependency: {} }));
  return [
    ...Object.entries(spec.depends_on ?? {}).map(
      ([as, dependency]): Named => ({ as, why: 'depends_on', dependency }),
    ),
    ...shared,
    ...first('volumes_from'),
    ...first('links'),
  ];
}

/** The inits of its group; for an init, those declared before it. */
function initsBefore(node: GraphNode, nodes: readonly GraphNode[]): readonly GraphNode[] {
  if (node.group === null || node.group === undefined) return [];
  const inits = nodes.filter((other) => isIn(other, node.group) && other.spec.role === 'init');
  const own = inits.findIndex(({ id }) => id === node.id);
  return own === -1 ? inits : inits.slice(0, own);
}

/** An init does not hold back what it needs itself. */
function gatesOf(node: GraphNode, inits: readonly GraphNode[], said: readonly Edge[]): readonly Edge[] {
  return inits
    .filter((init) => !closureOf([init.id], said, 'needs').has(node.id))
    .map(({ id: to, name, service }) => ({
      from: node.id,
      to,
      as: service ?? name,
      why: 'init',
      dependency: { condition: 'completed' },
    }));
}

/** All that these need, or that need these, by any number of steps; themselves left out, unless they are in a cycle. */
export function closureOf(
  ids: readonly string[],
  pairs: readonly Pair[],
  direction: 'needs' | 'needed_by',
): ReadonlySet<string> {
  const next = neighboursOf(pairs, direction);
  const found = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const other of next.get(id) ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  return found;
}

/** One way round, first and last alike: `a`, `b`, `a`. Undefined when there is none. */
export function cyclePath(pairs: readonly Pair[]): readonly string[] | undefined {
  const next = neighboursOf(pairs, 'needs');
  const done = new Set<string>();
  for (const start of next.keys()) {
    const path: string[] = [];
    const on = new Set<string>();
    const stack: { readonly id: string; readonly rest: string[] }[] = [];
    const enter = (id: string): void => {
      path.push(id);
      on.add(id);
      stack.push({ id, rest: [...(next.get(id) ?? [])] });
    };
    if (!done.has(start)) enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const other = top.rest.shift();
      if (other === undefined) {
        stack.pop();
        path.pop();
        on.delete(top.id);
        done.add(top.id);
      } else if (on.has(other)) return [...path.slice(path.indexOf(other)), other];
      else if (!done.has(other)) enter(other);
    }
  }
  return undefined;
}

/** What is needed before what needs it, and else as given; those in a cycle come as they are met. Reversed, it is the order in which to stop. */
export function inOrder(ids: readonly string[], pairs: readonly Pair[]): readonly string[] {
  const next = neighboursOf(pairs, 'needs');
  const wanted = new Set(ids);
  const ordered = new Set<string>();
  const entered = new Set<string>();
  for (const start of ids) {
    const stack = [start];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const open = entered.has(id) ? [] : [...(next.get(id) ?? [])].filter((other) => !entered.has(other));
      entered.add(id);
      if (open.length > 0) stack.push(...open.reverse());
      else {
        stack.pop();
        if (wanted.has(id)) ordered.add(id);
      }
    }
  }
  return [...ordered];
}

function neighboursOf(
  pairs: readonly Pair[],
  direction: 'needs' | 'needed_by',
): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of pairs) {
    const [here, there] = direction === 'needs' ? [from, to] : [to, from];
    const known = next.get(here);
    if (known === undefined) next.set(here, new Set([there]));
    else known.add(there);
  }
  return next;
}

/** `a → b → a` */
export function pathText(path: readonly string[]): string {
  return path.join(' → ');
}
