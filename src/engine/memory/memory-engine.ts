import { ContractError } from '../../../contracts/contract-error.ts';
import type { Engine } from '../engine.ts';
import { containerCalls } from './container-calls.ts';
import { imageCalls, networkCalls, systemCalls, volumeCalls } from './surrounding-calls.ts';
import { newWorld, type World } from './world.ts';

export interface MemoryEngine extends Engine {
  /** How often each call was made, by its name: `containers.create`. */
  counts(): Readonly<Record<string, number>>;
}

/**
 * An engine behind the port that keeps everything in this process and runs nothing: for what needs an engine’s rules but not its
 * containers. What only a real process could do is `unsupported`. `registry` is what a pull finds.
 */
export function openMemoryEngine({
  registry = ['alpine:latest', 'busybox:latest'],
  now = Date.now,
}: {
  readonly registry?: readonly string[];
  readonly now?: () => number;
} = {}): MemoryEngine {
  const world = newWorld(registry, now);
  return {
    containers: counted(world, 'containers', containerCalls(world)),
    images: counted(world, 'images', imageCalls(world)),
    networks: counted(world, 'networks', networkCalls(world)),
    volumes: counted(world, 'volumes', volumeCalls(world)),
    system: counted(world, 'system', systemCalls(world)),
    counts: () => Object.fromEntries(world.counts),
    close: async () => {
      for (const container of world.containers.values()) container.end?.();
    },
  };
}

/** They look at their signal themselves. */
const STREAMS: ReadonlySet<string> = new Set(['containers.logs', 'system.events']);

/** The same calls, each counted under its name. */
function counted<T extends object>(world: World, room: string, calls: T): T {
  return new Proxy(calls, {
    get: (target, method, receiver) => {
      const call: unknown = Reflect.get(target, method, receiver);
      if (typeof call !== 'function') return call;
      const key = `${room}.${String(method)}`;
      return (...args: readonly unknown[]): unknown => {
        const signal = args.at(-1);
        if (signal instanceof AbortSignal && signal.aborted && !STREAMS.has(key))
          return Promise.reject(new ContractError('aborted', `${key} was given up before it began`));
        world.counts.set(key, (world.counts.get(key) ?? 0) + 1);
        return call(...args);
      };
    },
  });
}
