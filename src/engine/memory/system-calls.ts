import { ContractError } from '../../../contracts/contract-error.ts';
import type { EngineEvent, EventQuery, SystemCalls } from '../port/system-calls.ts';
import { worldEvents } from './changes.ts';
import type { World } from './world.ts';

/** The engine itself: it is always there, and tells what happens in its world. It has no disk, and remembers no event. */
export function systemCalls(world: World): SystemCalls {
  return {
    ping: async () => ({
      ...{ engine: 'memory', api: '1.45', api_newest: '1.45', api_oldest: '1.40' },
      ...{ os: 'linux', architecture: 'amd64', components: [] },
    }),
    info: async () => {
      const states = [...world.containers.values()].map(({ state }) => state);
      const count = (...wanted: readonly string[]): number =>
        states.filter((state) => wanted.includes(state)).length;
      const limits = { memory: true, swap: true, cpu_quota: true, cpu_shares: true, cpuset: true };
      return {
        ...{ id: 'memory', name: 'memory', engine: 'memory', os: 'linux', os_name: 'memory', kernel: '' },
        ...{ architecture: 'amd64', cpus: 1, memory: 0, images: world.images.size, data_root: '' },
        containers: {
          running: count('running', 'restarting'),
          paused: count('paused'),
          stopped: count('created', 'exited'),
        },
        ...{ storage_driver: 'memory', log_driver: 'local', log_drivers: ['local'] },
        ...{ network_drivers: ['bridge', 'host', 'null', 'macvlan', 'ipvlan'], volume_drivers: ['local'] },
        ...{ runtimes: ['memory'], default_runtime: 'memory', cgroup_driver: 'none', cgroup_version: '2' },
        ...{ security: [], rootless: false, live_restore: false, swarm: 'inactive' },
        limits: { ...limits, pids: true, oom_kill_disable: false },
        ...{
          devices: [],
          cdi: false,
          registry_mirrors: [],
          insecure_registries: [],
          labels: [],
          warnings: [],
        },
      };
    },
    df: async () => {
      throw new ContractError('unsupported', 'the memory engine has no disk');
    },
    events: (query, signal) => fitting(world, query, signal),
  };
}

async function* fitting(
  world: World,
  query: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent | { readonly type: 'connected' }> {
  if (query.since !== undefined || query.until !== undefined)
    throw new ContractError('unsupported', 'the memory engine remembers no event');
  for await (const event of worldEvents(world, signal)) {
    if (!('action' in event) || fits(event, query)) yield event;
  }
}

function fits(event: EngineEvent, { type, action, label, ...about }: EventQuery): boolean {
  const named = (words: readonly string[] | undefined, kind: string): boolean =>
    words === undefined || (event.type === kind && words.some((word) => isOf(event, word)));
  return (
    (type === undefined || type.includes(event.type)) &&
    (action === undefined || action.includes(event.action)) &&
    (label ?? []).every((word) => hasLabel(event, word)) &&
    named(about.container, 'container') &&
    named(about.image, 'image') &&
    named(about.network, 'network') &&
    named(about.volume, 'volume')
  );
}

function isOf({ id, name }: EngineEvent, word: string): boolean {
  return name === word || id.startsWith(word);
}

function hasLabel({ attributes }: EngineEvent, word: string): boolean {
  const at = word.indexOf('=');
  if (at < 0) return attributes[word] !== undefined;
  return attributes[word.slice(0, at)] === word.slice(at + 1);
}
