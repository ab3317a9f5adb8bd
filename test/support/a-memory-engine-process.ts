import { aChild } from './a-child.ts';

/** A memory engine in a process of its own, that counts and that can be slow. */
export interface MemoryEngineProcess extends AsyncDisposable {
  /** For `openEngine`. */
  readonly host: string;
  /** How often each call was made: `containers.create`. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Names of the containers that were made, each time. */
  made(): Promise<readonly string[]>;
  /** Changes of one container that went on at once. */
  overlaps(): Promise<readonly string[]>;
  /** Let the next such call hang until `release`; `held` resolves once it does. */
  hold(call: 'inspect' | 'create' | 'start', name: string): Promise<{ readonly held: Promise<void> }>;
  release(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** `delay_ms`: the most that a create or a start takes, before and again after it is done. */
export async function aMemoryEngineProcess(socket: string, delay_ms = 0): Promise<MemoryEngineProcess> {
  const child = aChild(new URL('./memory-engine-script.ts', import.meta.url), [socket, String(delay_ms)]);
  const ready = Promise.withResolvers<void>();
  const held = new Set<() => void>();
  child.onReport((report) => {
    if (report === 'ready') ready.resolve();
    else for (const resolve of held) resolve();
  });
  child.process.once('exit', () => ready.reject(new Error('the memory engine ended')));
  await ready.promise;
  return {
    host: `memory://${socket}`,
    counts: () => child.call('counts'),
    made: () => child.call('made'),
    overlaps: () => child.call('overlaps'),
    hold: async (call, name) => {
      const once = new Promise<void>((resolve) => held.add(resolve));
      await child.call('hold', call, name);
      return { held: once };
    },
    release: () => child.call('release'),
    kill: child.kill,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
