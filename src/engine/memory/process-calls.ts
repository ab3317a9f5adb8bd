import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import { pathSegment } from '../references.ts';
import { pulse, reasonOf } from './changes.ts';
import { observed } from './observed.ts';
import { finish, goOn } from './run.ts';
import { tellContainer } from './tell-container.ts';
import { findContainer, type MemoryContainer, theContainer, type World } from './world.ts';

/** What ends a process that does nothing about it: name → number. Of what else a signal may do there is nothing here. */
const DEADLY: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, TERM: 15 };

type Calls = Pick<
  ContainerCalls,
  'kill' | 'pause' | 'unpause' | 'wait' | 'top' | 'stats' | 'samples' | 'details'
>;

/** As far as a container without processes can do it; what only real ones could is unsupported. */
export function processCalls(world: World): Calls {
  return {
    kill: async (ref, unix_signal) => {
      const container = running(world, ref, 'kill');
      const name = unix_signal.replace(/^SIG/, '');
      const number = DEADLY[name] ?? Object.values(DEADLY).find((one) => String(one) === name);
      if (number === undefined) throw cannot(`send ${unix_signal}`);
      finish(world, container, 128 + number);
    },
    pause: async (ref) => {
      const container = running(world, ref, 'pause');
      if (container.state === 'paused') return;
      container.state = 'paused';
      tellContainer(world, 'pause', container);
    },
    unpause: async (ref) => {
      const container = running(world, ref, 'unpause');
      if (container.state === 'running') return;
      goOn(world, container);
    },
    wait: wait(world),
    top: async (ref) => {
      running(world, ref, 'top');
      throw cannot('list processes');
    },
    stats: async (ref) => {
      const container = findContainer(world, pathSegment(ref));
      if (container === undefined || !isLive(container)) return undefined;
      throw cannot('measure what they use');
    },
    samples: () => {
      throw cannot('measure what they use');
    },
    details: async (ref) => {
      const container = findContainer(world, pathSegment(ref));
      return container === undefined ? undefined : details(world, container);
    },
  };
}

function wait(world: World): ContainerCalls['wait'] {
  return async (ref, signal = new AbortController().signal) => {
    const container = theContainer(world, pathSegment(ref));
    const heart = pulse(signal);
    container.watchers.add(heart.beat);
    try {
      while (isLive(container) && world.containers.has(container.id)) {
        await heart.next();
        if (signal.aborted) throw reasonOf(signal, `nobody waits for ${ref} any more`);
      }
      return { exit_code: container.exit_code };
    } finally {
      container.watchers.delete(heart.beat);
      heart.end();
    }
  };
}

function isLive({ state }: MemoryContainer): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

export function running(world: World, ref: string, verb: string): MemoryContainer {
  const container = theContainer(world, pathSegment(ref));
  if (container.state === 'running' || container.state === 'paused') return container;
  throw new ContractError('wrong_state', `${verb} ${ref}: it is ${container.state}`);
}

export function cannot(what: string): ContractError {
  return new ContractError('unsupported', `the memory engine runs no processes, so it cannot ${what}`);
}

function details(world: World, container: MemoryContainer): Awaited<ReturnType<ContainerCalls['details']>> {
  const {
    ports: _ports,
    health: _health,
    settings: _settings,
    open_stdin,
    networks,
    mounts,
    ...seen
  } = observed(world, container);
  const { spec } = container.request;
  const command = spec.command ?? spec.args ?? [];
  return {
    ...seen,
    command: typeof command === 'string' ? [command] : [...command],
    work_dir: spec.work_dir ?? '',
    user: spec.user ?? '',
    hostname: container.id.slice(0, 12),
    env: { ...spec.env },
    labels: { ...seen.labels },
    networks: networks.map(({ network, network_id, aliases }) => ({
      name: network,
      id: network_id,
      aliases: [...aliases],
    })),
    mounts: mounts.map((mount) => ({ ...mount })),
    interactive: open_stdin,
    stdin_once: spec.stdin_once ?? false,
  };
}
