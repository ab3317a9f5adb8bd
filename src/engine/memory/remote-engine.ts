import { connect, type Socket } from 'node:net';
import { ContractError } from '../../../contracts/contract-error.ts';
import type {
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
} from '../../plan/observed.ts';
import type { ContainerSummary, EngineEvent, EngineVersion, LogFrame } from '../engine.ts';
import { connectionError } from '../engine-errors.ts';
import type { MemoryEngine } from './memory-engine.ts';
import { type Asked, received, send, type Told } from './wire.ts';

type Gone = 'removed' | 'absent' | 'in_use';

/** A memory engine of another process, by its socket. Each call has a connection of its own and ends with it. */
export function openRemoteEngine(socketPath: string): Omit<MemoryEngine, 'counts'> & {
  counts(): Promise<Readonly<Record<string, number>>>;
} {
  const closing = new AbortController();
  const stream = <T>(room: string, method: string, args: readonly unknown[], signal?: AbortSignal) =>
    asked<T>(
      socketPath,
      { call: 1, room, method, args },
      AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]),
    );
  const ask = async <T>(
    room: string,
    method: string,
    args: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<T> => {
    const answer = await stream<never>(room, method, args, signal).next();
    return answer.value as T;
  };
  const maybe = async <T>(...call: Parameters<typeof ask>): Promise<T | undefined> =>
    (await ask<T | null>(...call)) ?? undefined;
  return {
    containers: {
      list: (filter, signal) => ask<ContainerSummary[]>('containers', 'list', [filter], signal),
      inspect: (ref, signal) => maybe<ObservedContainer>('containers', 'inspect', [ref], signal),
      create: (request, signal) => ask('containers', 'create', [request], signal),
      start: (ref, signal) => ask('containers', 'start', [ref], signal),
      stop: (ref, options, signal) => ask('containers', 'stop', [ref, options], signal),
      remove: (ref, options, signal) => ask('containers', 'remove', [ref, options], signal),
      rename: (ref, to, signal) => ask('containers', 'rename', [ref, to], signal),
      update: (ref, limits, signal) => ask('containers', 'update', [ref, limits], signal),
      kill: (ref, unix_signal, signal) => ask('containers', 'kill', [ref, unix_signal], signal),
      pause: (ref, signal) => ask('containers', 'pause', [ref], signal),
      unpause: (ref, signal) => ask('containers', 'unpause', [ref], signal),
      wait: (ref, signal) => ask('containers', 'wait', [ref], signal),
      top: (ref, ps_args, signal) => ask('containers', 'top', [ref, ps_args], signal),
      stats: (ref, signal) => maybe('containers', 'stats', [ref], signal),
      details: (ref, options, signal) => maybe('containers', 'details', [ref, options], signal),
      logs: (ref, query, signal) => stream<readonly LogFrame[]>('containers', 'logs', [ref, query], signal),
    },
    images: {
      inspect: (ref, signal) => maybe<ObservedImage>('images', 'inspect', [ref], signal),
      list: (signal) => ask<ObservedImage[]>('images', 'list', [], signal),
      pull: (ref, _options, signal) => ask<ObservedImage>('images', 'pull', [ref, {}], signal),
      import: async () => {
        throw new ContractError('unsupported', 'an image is imported in the memory engine’s own process');
      },
      tag: (ref, target, signal) => ask('images', 'tag', [ref, target], signal),
      remove: (ref, options, signal) => ask('images', 'remove', [ref, options], signal),
    },
    networks: {
      list: (filter, signal) => ask<ObservedNetwork[]>('networks', 'list', [filter], signal),
      inspect: (ref, signal) => maybe<ObservedNetwork>('networks', 'inspect', [ref], signal),
      create: (request, signal) => ask('networks', 'create', [request], signal),
      remove: (ref, signal) => ask<Gone>('networks', 'remove', [ref], signal),
      connect: (network, container, options, signal) =>
        ask('networks', 'connect', [network, container, options], signal),
      disconnect: (network, container, signal) => ask('networks', 'disconnect', [network, container], signal),
    },
    volumes: {
      list: (filter, signal) => ask<ObservedVolume[]>('volumes', 'list', [filter], signal),
      inspect: (name, signal) => maybe<ObservedVolume>('volumes', 'inspect', [name], signal),
      create: (request, signal) => ask('volumes', 'create', [request], signal),
      remove: (name, signal) => ask<Gone>('volumes', 'remove', [name], signal),
    },
    system: {
      ping: (signal) => ask<EngineVersion>('system', 'ping', [], signal),
      events: (signal) =>
        stream<EngineEvent | { readonly type: 'connected' }>('system', 'events', [], signal),
    },
    counts: () => ask('counts', 'all', []),
    close: async () => closing.abort(new ContractError('aborted', 'the engine’s client was closed')),
  };
}

/** The items of one call; returns its value. Throws what the engine threw, or engine_unreachable. */
async function* asked<T>(socketPath: string, call: Asked, signal: AbortSignal): AsyncGenerator<T, unknown> {
  if (signal.aborted) throw connectionError(signal.reason, socketPath, signal);
  const socket: Socket = connect(socketPath);
  const abort = (): void => void socket.destroy(new Error('aborted'));
  socket.on('error', () => signal.removeEventListener('abort', abort));
  signal.addEventListener('abort', abort, { once: true });
  try {
    await send(socket, call);
    for await (const told of received<Told>(socket)) {
      if ('error' in told) throw ContractError.fromWire(told.error);
      if ('value' in told) return told.value;
      yield told.item as T;
    }
    throw new ContractError('engine_unreachable', `the memory engine at ${socketPath} went away`);
  } catch (error) {
    throw connectionError(error, socketPath, signal);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}
