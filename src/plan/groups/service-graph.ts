import { cyclePath, graphOf, inOrder, pathText } from '../dependency-graph.ts';
import type { Services } from './release.ts';

/** Who needs whom among the services of one group, inits of all included. */
export interface ServiceGraph {
  /** What others need comes first; in a ring, as it is met. */
  readonly order: readonly string[];
  needsOf(service: string): readonly string[];
  /** What is wrong with it, for the one who wrote it: a ring with its path, or one that needs itself. */
  readonly problem: string | undefined;
}

/** Names outside the group are not its own to order: their containers wait for them. */
export function serviceGraph(services: Services): ServiceGraph {
  const names = Object.keys(services);
  const { edges, itself } = graphOf(
    Object.entries(services).map(([service, { name, spec }]) => ({
      id: service,
      group: '',
      service,
      name,
      spec,
    })),
  );
  const ring = cyclePath(edges);
  const [own] = itself;
  return {
    order: inOrder(names, edges),
    needsOf: (service) => [...new Set(edges.filter(({ from }) => from === service).map(({ to }) => to))],
    problem:
      own === undefined ? ring && `they need each other: ${pathText(ring)}` : `${own.from} needs itself`,
  };
}
