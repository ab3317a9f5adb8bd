import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { Engine } from '../../src/engine/engine.ts';

export interface Asked {
  readonly method: string;
  /** Without the version. */
  readonly path: string;
  readonly version: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Which connection it came on. */
  readonly socket: Socket;
}

export type Reply = (response: ServerResponse, asked: Asked) => void;

/** A small real HTTP server on a unix socket that answers as it is told to, however badly. */
export interface FakeDaemon extends AsyncDisposable {
  readonly socketPath: string;
  /** Everything it was asked, `_ping` included. */
  readonly asked: readonly Asked[];
  /** Open connections now. */
  readonly connections: ReadonlySet<Socket>;
  /** How it answers `GET /containers/x/json`, whatever the version and the query. */
  on(route: string, reply: Reply): void;
  /** An engine on it, closed with it. */
  engine(): Engine;
  /** Break every connection and stop listening, as a daemon that is killed. */
  kill(): Promise<void>;
  /** Listen again at the same place. */
  revive(): Promise<void>;
}

/** What it was not told to answer is refused with 599, and fails the test when it is disposed. */
export async function aFakeDaemon(replies: Readonly<Record<string, Reply>> = {}): Promise<FakeDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-'));
  const socketPath = join(folder, 'd.sock');
  const routes = new Map<string, Reply>(
    Object.entries({ 'GET /_ping': text('OK', { 'api-version': '1.45' }), ...replies }),
  );
  const asked: Asked[] = [];
  const unexpected: string[] = [];
  const connections = new Set<Socket>();
  const engines: Engine[] = [];

  const server = createServer(async (request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const one = await readAsked(request);
    if (one === undefined) return;
    asked.push(one);
    const reply = routes.get(`${one.method} ${one.path}`);
    if (reply === undefined) unexpected.push(`${one.method} ${one.path}`);
    (reply ?? json({ message: 'unexpected' }, 599))(response, one);
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
  });
  const kill = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of connections) socket.destroy();
    await closed;
  };
  const revive = (): Promise<void> => new Promise((resolve) => server.listen(socketPath, resolve));
  await revive();
  return {
    socketPath,
    asked,
    connections,
    on: (route, reply) => void routes.set(route, reply),
    engine: () => {
      const engine = openDockerEngine(`unix://${socketPath}`, { socketPath });
      engines.push(engine);
      return engine;
    },
    kill,
    revive,
    [Symbol.asyncDispose]: async () => {
      for (const engine of engines) await engine.close();
      await kill();
      await rm(folder, { recursive: true, force: true });
      if (unexpected.length > 0) throw new Error(`asked for what it was not told: ${unexpected.join(', ')}`);
    },
  };
}

async function readAsked(request: IncomingMessage): Promise<Asked | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return undefined; // The client went away while it was asking.
  }
  const url = new URL(request.url ?? '/', 'http://daemon');
  const [, version = '', path = url.pathname] = /^\/v(\d+\.\d+)(\/.*)$/.exec(url.pathname) ?? [];
  return {
    method: request.method ?? '',
    path: decodeURIComponent(path),
    version,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(parts).toString(),
    socket: request.socket,
  };
}

/** A whole JSON answer. */
export function json(body: unknown, status = 200): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

/** A whole text answer. */
export function text(body: string, headers: Readonly<Record<string, string>> = {}, status = 200): Reply {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** No answer, ever. */
export const silence: Reply = () => undefined;

/** Raw bytes on the connection, which then breaks: a cut in the header, or wherever they end. */
export function cutAfter(raw: string): Reply {
  return (_, { socket }) => {
    socket.write(raw, () => socket.destroy());
  };
}

/** A chunked answer of these pieces; then it ends, stays open, or breaks. */
export function chunks(
  pieces: readonly (string | Uint8Array)[],
  then: 'end' | 'stay' | 'break',
  status = 200,
): Reply {
  return async (response, { socket }) => {
    response.writeHead(status);
    response.flushHeaders();
    for (const piece of pieces) {
      await new Promise((resolve) => response.write(piece, resolve));
    }
    if (then === 'end') response.end();
    if (then === 'break') socket.destroy();
  };
}
