import { expect, test } from 'vitest';
import {
  closureOf,
  cyclePath,
  type GraphNode,
  graphOf,
  inOrder,
  needsOf,
  pathText,
  resolveDependency,
} from '../../src/plan/dependency-graph.ts';

const node = (id: string, spec: GraphNode['spec'] = {}, more: Partial<GraphNode> = {}): GraphNode => ({
  id,
  name: id.split(':').at(-1) ?? id,
  spec,
  ...more,
});
const member = (group: string, service: string, spec: GraphNode['spec'] = {}): GraphNode =>
  node(`${group}_${service}`, spec, { group, service, name: `${group}-${service}` });
const pairs = (...texts: string[]) => texts.map((text) => ({ from: text.charAt(0), to: text.charAt(1) }));

test('a name is a member of the same group first, then an entry or a container, a neighbour’s short name, then a whole group', () => {
  const nodes = [
    node('app:db'),
    member('shop', 'db'),
    member('shop', 'web'),
    node('other:cache', {}, { name: 'other-cache' }),
    node('app:worker-1', {}, { name: 'jobs-1', group: 'jobs', service: 'worker', replica: 1 }),
    node('app:worker-2', {}, { name: 'jobs-2', group: 'jobs', service: 'worker', replica: 2 }),
  ];
  const ids = (from: GraphNode, name: string) => resolveDependency(from, name, nodes).map(({ id }) => id);
  const web = member('shop', 'web');
  expect(ids(web, 'db')).toEqual(['shop_db']);
  expect(ids(node('app:x'), 'db')).toEqual(['app:db']);
  expect(ids(node('app:x'), 'shop-db')).toEqual(['shop_db']);
  expect(ids(node('other:x'), 'cache')).toEqual(['other:cache']);
  expect(ids(node('app:x'), 'cache')).toEqual([]);
  expect(ids(node('app:x'), 'shop')).toEqual(['shop_db', 'shop_web']);
  expect(ids(node('app:x'), 'app:worker')).toEqual(['app:worker-1', 'app:worker-2']);
  expect(ids(node('app:x'), 'jobs-2')).toEqual(['app:worker-2']);
});

test('edges come from what is said, from shared namespaces, volumes and links, and from inits in their order', () => {
  const nodes = [
    member('g', 'web', { depends_on: { db: { condition: 'healthy' } }, network_mode: 'container:vpn' }),
    member('g', 'db'),
    node('vpn'),
    member('g', 'first', { role: 'init' }),
    member('g', 'second', { role: 'init', depends_on: { db: {} } }),
    member('g', 'log', { volumes_from: ['g-web:ro'], links: ['db:database'], pid: 'container:g-web' }),
  ];
  const { edges, unknown, itself } = graphOf(nodes);
  expect(edges.map(({ from, to, why }) => `${from}>${to} ${why}`).sort()).toEqual([
    'g_db>g_first init',
    'g_log>g_db links',
    'g_log>g_first init',
    'g_log>g_second init',
    'g_log>g_web pid',
    'g_log>g_web volumes_from',
    'g_second>g_db depends_on',
    'g_second>g_first init',
    'g_web>g_db depends_on',
    'g_web>g_first init',
    'g_web>g_second init',
    'g_web>vpn network_mode',
  ]);
  expect({ unknown, itself }).toEqual({ unknown: [], itself: [] });
  for (const one of nodes)
    expect(needsOf(one, nodes).edges).toEqual(
      expect.arrayContaining(edges.filter(({ from }) => from === one.id)),
    );
  expect(cyclePath(edges)).toBeUndefined();
});

test('unknown names and oneself are said, each with the name as it was given', () => {
  const nodes = [
    node('a', { depends_on: { nobody: { required: false } }, volumes_from: ['a'] }),
    member('g', 'x', { depends_on: { g: {}, x: {} } }),
  ];
  const { unknown, itself, edges } = graphOf(nodes);
  expect(unknown).toMatchObject([{ from: 'a', as: 'nobody', dependency: { required: false } }]);
  expect(itself.map(({ from, as, why }) => [from, as, why])).toEqual([
    ['a', 'a', 'volumes_from'],
    ['g_x', 'g', 'depends_on'],
    ['g_x', 'x', 'depends_on'],
  ]);
  expect(edges).toEqual([]);
});

test('a cycle is told by its way round, however long the way to it', () => {
  expect(cyclePath(pairs('ab', 'bc'))).toBeUndefined();
  expect(pathText(cyclePath(pairs('ab', 'ba')) ?? [])).toBe('a → b → a');
  expect(pathText(cyclePath(pairs('xa', 'ab', 'ad', 'bc', 'cb')) ?? [])).toBe('b → c → b');
  expect(cyclePath(pairs('ab', 'ac', 'bd', 'cd'))).toBeUndefined();
  const long = Array.from({ length: 20_000 }, (_, index) => ({ from: `${index}`, to: `${index + 1}` }));
  expect(cyclePath(long)).toBeUndefined();
  expect(cyclePath([...long, { from: '20000', to: '19999' }])).toEqual(['19999', '20000', '19999']);
});

test('closures go both ways, and the order puts what is needed first', () => {
  const edges = pairs('ab', 'bc', 'dc', 'ea');
  expect([...closureOf(['a'], edges, 'needs')].sort()).toEqual(['b', 'c']);
  expect([...closureOf(['c'], edges, 'needed_by')].sort()).toEqual(['a', 'b', 'd', 'e']);
  expect(closureOf(['a'], pairs('ab', 'ba'), 'needs').has('a')).toBe(true);
  expect(inOrder(['a', 'b', 'c', 'd', 'e'], edges)).toEqual(['c', 'b', 'a', 'd', 'e']);
  expect(inOrder(['a', 'c'], edges)).toEqual(['c', 'a']);
  expect(inOrder(['a', 'b'], pairs('ab', 'ba'))).toEqual(['b', 'a']);
  expect(inOrder(['x', 'y'], edges)).toEqual(['x', 'y']);
  const random = Array.from({ length: 40 }, (_, from) =>
    [1, 3, 7].map((step) => ({ from: `${from}`, to: `${from + step}` })),
  ).flat();
  const order = inOrder(
    random.map(({ from }) => from),
    random,
  );
  for (const { from, to } of random)
    if (order.includes(to)) expect(order.indexOf(to)).toBeLessThan(order.indexOf(from));
});
