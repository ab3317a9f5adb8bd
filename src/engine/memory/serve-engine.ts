import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ContractError } from '../../../contracts/contract-error.ts';
import { socketCode } from '../engine-errors.ts';
import type { MemoryEngine } from './memory-engine.ts';
import { type Asked, asked, received, send } from './wire.ts';

type Call = (...args: readonly unknown[]) => unknown;

/**
 * Let other processes use an engine of this one, over a unix socket: `memory:///path.sock` to `openEngine`. A client that goes
 * away ends its streams; what else it asked for is carried out. Closing ends all calls. Throws when another serves that path.
 */
export async function serveEngine(
  engine: MemoryEngine,
  socketPath: string,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A reset ends the reading too, which is where it is dealt with.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    void serveOne(engine, socket);
  });
  if (await isLeftOver(socketPath)) await rm(socketPath);
  await listening(server, socketPath);
  await chmod(socketPath, 0o600);
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listening(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
}

/** A socket of a process that was killed: it is there, and nobody answers. */
function isLeftOver(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error) => resolve(socketCode(error) === 'ECONNREFUSED'));
  });
}

async function serveOne(engine: MemoryEngine, socket: Socket): Promise<void> {
  const ending = new AbortController();
  let call: Promise<void> | undefined;
  try {
    // Read on while the call goes on, to hear of the client’s end.
    for await (const message of received(socket)) {
      const { data, error } = asked.safeParse(message);
      if (data === undefined || call !== undefined) {
        const words = `one call a connection, please: ${error?.message ?? 'this is the second'}`;
        await send(socket, { error: new ContractError('invalid_input', words).toWire() });
        break;
      }
      call = answer(engine, socket, data, ending.signal);
    }
  } catch (error) {
    // A reset is a client that went away. Whatever else it is, the client hears of it.
    if (socketCode(error) === undefined) await send(socket, { error: failure(error, 'reading').toWire() });
  }
  ending.abort();
  socket.destroy();
}

async function answer(
  engine: MemoryEngine,
  socket: Socket,
  { room, method, args }: Asked,
  signal: AbortSignal,
): Promise<void> {
  try {
    const result = callOf(engine, room, method)(...hearing(socket, `${room}.${method}`, args), signal);
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result)
      for await (const item of result as AsyncIterable<unknown>) await send(socket, { item });
    await send(socket, { value: (await (result as Promise<unknown>)) ?? null });
  } catch (error) {
    await send(socket, { error: failure(error, `${room}.${method}`).toWire() });
  }
}

/** What a pull tells meanwhile comes before its value. */
function hearing(socket: Socket, method: string, args: readonly unknown[]): readonly unknown[] {
  const [ref, options] = args;
  if (method !== 'images.pull' || typeof options !== 'object') return args;
  return [ref, { ...options, onProgress: (item: unknown) => void send(socket, { item }) }];
}

function failure(error: unknown, doing: string): ContractError {
  if (error instanceof ContractError) return error;
  return new ContractError('internal', `the memory engine failed at ${doing}: ${error}`, { cause: error });
}

function callOf(engine: MemoryEngine, room: string, method: string): Call {
  const { containers, images, builds, networks, volumes, sessions, system, control } = engine;
  const rooms = new Map<string, object>(
    Object.entries({ containers, images, builds, networks, volumes, sessions, system, control }),
  );
  const calls = rooms.get(room) ?? {};
  const call: unknown = Object.hasOwn(calls, method) ? Reflect.get(calls, method) : undefined;
  if (typeof call !== 'function') throw new ContractError('unsupported', `no call ${room}.${method}`);
  return (...args) => call(...args);
}
