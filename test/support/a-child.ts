import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code?: string; readonly message: string };
}

/** A script of ours in a process of its own, which answers calls by message. Killed when disposed of. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Rejects with what the call threw there, or when the process ends first. */
  call<T>(method: string, ...args: readonly unknown[]): Promise<T>;
  /** Messages that answer no call. */
  onReport(listener: (report: unknown) => void): void;
  /** Send a signal; resolves for SIGKILL once the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export function aChild(script: URL, args: readonly string[], execArgv: readonly string[] = []): Child {
  const child = fork(script, args, {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const listeners: ((report: unknown) => void)[] = [];
  let next = 1;
  child.on('message', (message: Answer | { readonly report: unknown }) => {
    if ('report' in message) {
      for (const listener of listeners) listener(message.report);
      return;
    }
    const { id, value, error } = message;
    if (error) waiting.get(id)?.reject(Object.assign(new Error(error.message), { code: error.code }));
    else waiting.get(id)?.resolve(value as never);
    waiting.delete(id);
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the process ended (${code ?? signal})`));
    waiting.clear();
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    if (signal === 'SIGKILL') await gone;
  };
  return {
    pid: child.pid ?? 0,
    process: child,
    call: (method, ...given) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        child.send({ id, method, args: given });
      }),
    onReport: (listener) => listeners.push(listener),
    kill,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await kill('SIGKILL');
    },
  };
}
