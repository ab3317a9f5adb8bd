import { constants } from 'node:os';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import { pathSegment } from '../references.ts';
import { createContainer, nameTaken } from './create-container.ts';
import { readLog } from './log.ts';
import { labelsOf, mountsOf, observed } from './observed.ts';
import { processCalls } from './process-calls.ts';
import { programOf } from './program.ts';
import { publish } from './publish.ts';
import { finish, run } from './run.ts';
import { tellContainer } from './tell-container.ts';
import {
  findContainer,
  findNetwork,
  hasLabels,
  holderOf,
  type MemoryContainer,
  theContainer,
  type World,
} from './world.ts';

/** What ends a process that does nothing about it; after any other it is killed. */
const ENDING: ReadonlySet<number> = new Set([
  constants.signals.SIGHUP,
  constants.signals.SIGINT,
  constants.signals.SIGQUIT,
  constants.signals.SIGTERM,
]);
const KILLED = 128 + constants.signals.SIGKILL;

/** Containers that run nothing, but are created, started, stopped and removed as an engine does it. */
export function containerCalls(world: World): ContainerCalls {
  return {
    list: async ({ labels, exit_code }) =>
      [...world.containers.values()]
        .filter((one) => hasLabels(labelsOf(one), labels))
        .filter((one) => exit_code === undefined || (one.state === 'exited' && one.exit_code === exit_code))
        .map((one) => {
          const { id, name, image, image_id, state, created_at, ports, networks } = observed(world, one);
          const seen = { id, name, image, image_id, state, created_at, ports, networks };
          return { ...seen, labels: labelsOf(one), ...(exit_code !== undefined && { exit_code }) };
        }),
    inspect: async (ref) => {
      const found = findContainer(world, pathSegment(ref));
      return found === undefined ? undefined : observed(world, found);
    },
    // It runs nothing, and keeps what it is told.
    unsupported: async () => [],
    create: (request) => createContainer(world, request),
    start: start(world),
    stop: stop(world),
    remove: remove(world),
    rename: rename(world),
    update: update(world),
    ...processCalls(world),
    logs: (ref, query, signal) => readLog(world, pathSegment(ref), query, signal),
  };
}

function start(world: World): ContainerCalls['start'] {
  return async (ref) => {
    const container = theContainer(world, pathSegment(ref));
    if (container.state === 'running' || container.state === 'restarting') return;
    if (container.state === 'paused')
      throw new ContractError('wrong_state', `start ${ref}: it is paused; unpause it instead`);
    for (const network of container.networks.keys())
      if (findNetwork(world, network) === undefined && network !== 'default')
        throw new ContractError('not_found', `start ${ref}: network ${network} not found`);
    const [first] = programOf(container.request.spec);
    if (first?.does === 'miss' && container.request.spec.init === false) {
      container.error = `exec: "${first.path}": no such file or directory`;
      throw new ContractError('start_failed', `start ${ref}: ${container.error}`);
    }
    container.host_ports = publish(world, container);
    container.restart_count = 0;
    run(world, container);
  };
}

function stop(world: World): ContainerCalls['stop'] {
  return async (ref) => {
    const container = findContainer(world, pathSegment(ref));
    if (container === undefined || container.end === undefined) return;
    finish(world, container, codeOfStop(container));
    tellContainer(world, 'stop', container);
  };
}

function codeOfStop({ request }: MemoryContainer): number {
  const name = request.spec.stop_signal ?? 'SIGTERM';
  const known = Object.entries(constants.signals).find(([one, number]) =>
    [one, one.slice('SIG'.length), String(number)].includes(name),
  );
  return known !== undefined && ENDING.has(known[1]) ? 128 + known[1] : KILLED;
}

function remove(world: World): ContainerCalls['remove'] {
  return async (ref, { force, anonymous_volumes }) => {
    const container = findContainer(world, pathSegment(ref));
    if (container === undefined) return;
    if (container.end !== undefined) {
      if (!force) throw new ContractError('wrong_state', `remove ${ref}: it is running`);
      finish(world, container, KILLED);
    }
    world.containers.delete(container.id);
    if (anonymous_volumes)
      for (const { source, anonymous } of mountsOf(container)) if (anonymous) world.volumes.delete(source);
    tellContainer(world, 'destroy', container);
  };
}

function rename(world: World): ContainerCalls['rename'] {
  return async (ref, to) => {
    const container = theContainer(world, pathSegment(ref));
    const holder = holderOf(world, pathSegment(to));
    if (holder !== undefined) throw nameTaken(to, holder);
    container.name = to;
    tellContainer(world, 'rename', container);
  };
}

function update(world: World): ContainerCalls['update'] {
  return async (ref, limits) => {
    const container = theContainer(world, pathSegment(ref));
    if (container.limits.cpu_limit !== undefined && limits.cpu_limit === undefined)
      throw new ContractError('unsupported', `the engine cannot take a limit off ${ref}`);
    container.limits = limits;
    tellContainer(world, 'update', container);
    return { warnings: [] };
  };
}
