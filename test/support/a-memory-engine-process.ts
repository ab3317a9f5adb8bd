import type { Control } from '../../src/engine/memory/control.ts';
import { openRemoteEngine } from '../../src/engine/memory/remote-engine.ts';
import { aChild } from './a-child.ts';

/** A memory engine in a process of its own, that counts and that can be slow, failing, hanging or unreachable. */
export interface MemoryEngineProcess
  extends AsyncDisposable,
    Pick<Control, 'counts' | 'made' | 'overlaps' | 'release'> {
  /** For `openEngine`. */
  readonly host: string;
  /** All that it can be told and asked. */
  readonly control: Control;
  /** Let the next such call hang until `release`; `held` resolves once it does. */
  hold(call: 'inspect' | 'create' | 'start', name: string): Promise<{ readonly held: Promise<void> }>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** `delay_ms`: the most that a create or a start takes, before and again after it is done. */
export async function aMemoryEngineProcess(socket: string, delay_ms = 0): Promise<MemoryEngineProcess> {
  const child = aChild(new URL('../../src/engine/memory/main.ts', import.meta.url), [socket]);
  const ready = Promise.withResolvers<void>();
  child.onReport(() => ready.resolve());
  child.process.once('exit', () => ready.reject(new Error('the memory engine ended')));
  await ready.promise;
  const remote = openRemoteEngine(socket);
  const { control } = remote;
  for (const method of ['containers.create', 'containers.start']) await control.slow(method, delay_ms);
  return {
    ...control,
    host: `memory://${socket}`,
    control,
    hold: async (call, name) => {
      await control.hold(`containers.${call}`, name);
      return { held: control.held() };
    },
    kill: child.kill,
    [Symbol.asyncDispose]: async () => {
      await remote.close();
      await child[Symbol.asyncDispose]();
    },
  };
}
