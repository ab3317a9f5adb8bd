import { createServer, type Socket } from 'node:net';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { MemoryEngine } from './memory-engine.ts';
import { type Asked, received, send } from './wire.ts';

type Method = (...args: readonly unknown[]) => unknown;

/** Let other processes use an engine of this one, over a unix socket: `memory:///path.sock` to `openEngine`. Closing ends their calls. */
export async function serveEngine(
  engine: MemoryEngine,
  socketPath: string,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    void serveOne(engine, socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function serveOne(engine: MemoryEngine, socket: Socket): Promise<void> {
  const calls = new Map<number, AbortController>();
  try {
    for await (const asked of received<Asked>(socket)) {
      if ('enough' in asked) {
        calls.get(asked.call)?.abort();
        continue;
      }
      const ending = new AbortController();
      calls.set(asked.call, ending);
      void answer(engine, socket, asked, ending.signal).finally(() => calls.delete(asked.call));
    }
  } catch {
    // The client went away; what it asked for ends below.
  }
  for (const ending of calls.values()) ending.abort();
}

async function answer(
  engine: MemoryEngine,
  socket: Socket,
  { call, room, method, args }: Extract<Asked, { readonly room: string }>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const result = methodOf(engine, room, method)(...args, signal);
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      for await (const item of result as AsyncIterable<unknown>) await send(socket, { call, item });
      await send(socket, { call, value: null });
    } else {
      await send(socket, { call, value: (await result) ?? null });
    }
  } catch (error) {
    const failure =
      error instanceof ContractError
        ? error
        : new ContractError('internal', `the memory engine failed at ${room}.${method}: ${error}`);
    await send(socket, { call, error: failure.toWire() });
  }
}

function methodOf(engine: MemoryEngine, room: string, method: string): Method {
  if (room === 'counts') return () => engine.counts();
  const calls = new Map<string, object>(Object.entries(engine).filter(([, one]) => typeof one === 'object'));
  const found = Object.entries(calls.get(room) ?? {}).find(([name]) => name === method);
  if (found === undefined) throw new ContractError('unsupported', `no call ${room}.${method}`);
  // Asked of the room itself, so that it is counted.
  return Reflect.get(calls.get(room) ?? {}, method) as Method;
}
