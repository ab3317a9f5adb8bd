import { ContractError } from '../../../contracts/contract-error.ts';
import type { Engine } from '../engine.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import type { ImageCalls, PullProgress } from '../port/image-calls.ts';
import type { NetworkCalls } from '../port/network-calls.ts';
import type { SessionCalls } from '../port/session-calls.ts';
import type { SystemCalls } from '../port/system-calls.ts';
import type { VolumeCalls } from '../port/volume-calls.ts';
import { askEngine } from './ask-engine.ts';
import type { Control } from './control.ts';
import { fileCalls } from './file-calls.ts';
import { noBuilds } from './no-builds.ts';

/** Milliseconds that calls may take. */
const DEADLINE = { query: 15_000, mutate: 60_000, stall: 300_000 } as const;
const DEFAULT_GRACE_S = 10;

export interface RemoteEngine extends Engine {
  readonly control: Control;
}

/** A memory engine of another process, by its socket. Each call has a connection of its own and ends with it. */
export function openRemoteEngine(socketPath: string): RemoteEngine {
  const closing = new AbortController();
  const wire = wireTo(socketPath, closing.signal);
  const ours = containers(wire);
  return {
    containers: ours,
    images: images(wire),
    builds: noBuilds,
    networks: networks(wire),
    volumes: volumes(wire),
    files: fileCalls(ours.inspect),
    sessions: sessions(wire),
    system: {
      ping: (signal) => wire.ask('system', 'ping', [], signal),
      info: (signal) => wire.ask('system', 'info', [], signal),
      df: (signal) => wire.ask('system', 'df', [], signal),
      events: (query, signal) => wire.stream('system', 'events', [query], signal),
    } satisfies SystemCalls,
    control: control(wire),
    close: async () => closing.abort(new ContractError('aborted', 'the engine’s client was closed')),
  };
}

type Ask = <T>(
  room: string,
  method: string,
  args: readonly unknown[],
  signal?: AbortSignal,
  within?: number,
) => Promise<T>;

interface Wire {
  readonly ask: Ask;
  /** Where the port says undefined. */
  readonly maybe: <T>(...call: Parameters<Ask>) => Promise<T | undefined>;
  readonly pull: ImageCalls['pull'];
  readonly stream: <T>(
    room: string,
    method: string,
    args: readonly unknown[],
    signal: AbortSignal,
  ) => AsyncGenerator<T>;
}

function wireTo(socketPath: string, closing: AbortSignal): Wire {
  /** Hands on what is told meanwhile; a socket that says nothing for `within` ends the call. */
  const call = async <T>(
    asked: Parameters<typeof askEngine>[1],
    signal: AbortSignal | undefined,
    late: { readonly within: number; readonly code: 'engine_timeout' | 'image_stalled' },
    hear: (item: unknown) => void,
  ): Promise<T> => {
    const { within, code } = late;
    const ending = new AbortController();
    const words = `${asked.room}.${asked.method}: no answer from memory://${socketPath} within ${within} ms`;
    const timer = setTimeout(() => ending.abort(new ContractError(code, words)), within);
    const all = AbortSignal.any([closing, ending.signal, ...(signal ? [signal] : [])]);
    try {
      const answer = askEngine(socketPath, asked, all);
      for (let one = await answer.next(); ; one = await answer.next()) {
        if (one.done) return one.value as T;
        timer.refresh();
        hear(one.value);
      }
    } finally {
      clearTimeout(timer);
    }
  };
  const ask: Ask = (room, method, args, signal, within = DEADLINE.query) =>
    call({ room, method, args: [...args] }, signal, { within, code: 'engine_timeout' }, () => undefined);
  return {
    ask,
    maybe: async <T>(...one: Parameters<Ask>) => (await ask<T | null>(...one)) ?? undefined,
    pull: (ref, { onProgress, stall_ms = DEADLINE.stall, ...options }, signal) => {
      const late = { within: stall_ms, code: 'image_stalled' } as const;
      return call({ room: 'images', method: 'pull', args: [ref, options] }, signal, late, (item) =>
        onProgress?.(item as PullProgress),
      );
    },
    stream: async function* <T>(...[room, method, args, signal]: Parameters<Wire['stream']>) {
      const all = AbortSignal.any([closing, signal]);
      yield* askEngine(socketPath, { room, method, args: [...args] }, all) as AsyncGenerator<T>;
    },
  };
}

function containers({ ask, maybe, stream }: Wire): ContainerCalls {
  const room = 'containers';
  const change = (method: string, args: readonly unknown[], signal?: AbortSignal): Promise<void> =>
    ask(room, method, args, signal, DEADLINE.mutate);
  return {
    list: (filter, signal) => ask(room, 'list', [filter], signal),
    inspect: (ref, signal) => maybe(room, 'inspect', [ref], signal),
    unsupported: (spec, signal) => ask(room, 'unsupported', [spec], signal),
    create: (request, signal) => ask(room, 'create', [request], signal, DEADLINE.mutate),
    start: (ref, signal) => change('start', [ref], signal),
    stop: (ref, options, signal) =>
      ask(room, 'stop', [ref, options], signal, (options.timeout ?? DEFAULT_GRACE_S) * 1000 + DEADLINE.query),
    remove: (ref, options, signal) => change('remove', [ref, options], signal),
    rename: (ref, to, signal) => change('rename', [ref, to], signal),
    update: (ref, limits, signal) => ask(room, 'update', [ref, limits], signal, DEADLINE.mutate),
    kill: (ref, unix_signal, signal) => change('kill', [ref, unix_signal], signal),
    pause: (ref, signal) => change('pause', [ref], signal),
    unpause: (ref, signal) => change('unpause', [ref], signal),
    wait: (ref, signal) => waitForever(ask, ref, signal),
    top: (ref, ps_args, signal) => ask(room, 'top', [ref, ps_args], signal),
    stats: (ref, signal) => maybe(room, 'stats', [ref], signal),
    samples: (ref, signal) => stream(room, 'samples', [ref], signal),
    details: (ref, options, signal) => maybe(room, 'details', [ref, options], signal),
    logs: (ref, query, signal) => stream(room, 'logs', [ref, query], signal),
  };
}

/** Asked again and again, so that an engine that stops answering is noticed. */
async function waitForever(
  ask: Ask,
  ref: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly exit_code: number }> {
  for (;;) {
    try {
      return await ask('containers', 'wait', [ref], signal, DEADLINE.query);
    } catch (error) {
      if (!(error instanceof ContractError) || error.code !== 'engine_timeout') throw error;
      await ask('system', 'ping', [], signal);
    }
  }
}

function images({ ask, maybe, pull }: Wire): ImageCalls {
  return {
    inspect: (ref, signal) => maybe('images', 'inspect', [ref], signal),
    details: (ref, signal) => maybe('images', 'details', [ref], signal),
    history: (ref, signal) => ask('images', 'history', [ref], signal),
    list: (filter = {}, signal) => ask('images', 'list', [filter], signal),
    pull,
    remote: (ref, signal) => ask('images', 'remote', [ref], signal),
    push: (ref, { auth, stall_ms }, signal) =>
      ask('images', 'push', [ref, { auth, stall_ms }], signal, DEADLINE.mutate),
    search: (query, signal) => ask('images', 'search', [query], signal),
    login: (registry, auth, signal) => ask('images', 'login', [registry, auth], signal),
    save: async () => {
      throw new ContractError('unsupported', 'images of the memory engine have nothing in them to save');
    },
    load: async () => {
      throw new ContractError('unsupported', 'the memory engine takes no layers');
    },
    import: async () => {
      throw new ContractError('unsupported', 'an image is imported in the memory engine’s own process');
    },
    importRemote: async () => {
      throw new ContractError('unsupported', 'the memory engine fetches nothing');
    },
    tag: (ref, target, signal) => ask('images', 'tag', [ref, target], signal, DEADLINE.mutate),
    remove: (ref, options, signal) => ask('images', 'remove', [ref, options], signal, DEADLINE.mutate),
  };
}

function networks({ ask, maybe }: Wire): NetworkCalls {
  return {
    list: (filter, signal) => ask('networks', 'list', [filter], signal),
    inspect: (ref, signal) => maybe('networks', 'inspect', [ref], signal),
    create: (request, signal) => ask('networks', 'create', [request], signal, DEADLINE.mutate),
    remove: (ref, signal) => ask('networks', 'remove', [ref], signal, DEADLINE.mutate),
    connect: (network, container, options, signal) =>
      ask('networks', 'connect', [network, container, options], signal, DEADLINE.mutate),
    disconnect: (network, container, options, signal) =>
      ask('networks', 'disconnect', [network, container, options], signal, DEADLINE.mutate),
  };
}

function volumes({ ask, maybe }: Wire): VolumeCalls {
  return {
    list: (filter, signal) => ask('volumes', 'list', [filter], signal),
    inspect: (name, signal) => maybe('volumes', 'inspect', [name], signal),
    create: (request, signal) => ask('volumes', 'create', [request], signal, DEADLINE.mutate),
    remove: (name, signal) => ask('volumes', 'remove', [name], signal, DEADLINE.mutate),
  };
}

/** A connection with a process would be two streams in one; there are no processes here to have one with. */
function sessions({ ask, maybe }: Wire): SessionCalls {
  const room = 'sessions';
  return {
    prepare: (ref, request, signal) => ask(room, 'prepare', [ref, request], signal),
    run: (exec_id, options, signal) => ask(room, 'run', [exec_id, options], signal),
    runDetached: (exec_id, options, signal) => ask(room, 'runDetached', [exec_id, options], signal),
    state: (exec_id, signal) => maybe(room, 'state', [exec_id], signal),
    endExec: (ref, exec, signal) => ask(room, 'endExec', [ref, exec], signal),
    resizeExec: (exec_id, size, signal) => ask(room, 'resizeExec', [exec_id, size], signal),
    attach: (ref, options, signal) => ask(room, 'attach', [ref, options], signal),
    resize: (ref, size, signal) => ask(room, 'resize', [ref, size], signal),
  };
}

/** Not subject to its own faults. `held` may take as long as the test. */
function control({ ask }: Wire): Control {
  const room = 'control';
  return {
    counts: () => ask(room, 'counts', []),
    made: () => ask(room, 'made', []),
    overlaps: () => ask(room, 'overlaps', []),
    publish: (ref) => ask(room, 'publish', [ref]),
    slow: (method, ms) => ask(room, 'slow', [method, ms]),
    fail: (method, code, times) => ask(room, 'fail', [method, code, times]),
    unreachable: (isSo) => ask(room, 'unreachable', [isSo]),
    hold: (method, name) => ask(room, 'hold', [method, name]),
    held: () => ask(room, 'held', [], undefined, 2 ** 31 - 1),
    release: () => ask(room, 'release', []),
  };
}
