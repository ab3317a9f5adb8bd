import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';
import { ERRORS } from '../../contracts/errors.ts';
import type { JoinedSession } from '../../contracts/session-wire.ts';
import type { Hub } from '../bus/hub.ts';
import type { Dispatch } from '../dispatch/dispatch.ts';
import { bytesIn, inputOf, sendBytes, takeBytes } from './byte-bodies.ts';
import { openApi } from './openapi.ts';
import { serveSessions } from './serve-sessions.ts';
import { streamEvents } from './stream-events.ts';

export interface ServerParts {
  readonly dispatch: Dispatch;
  readonly hub: Hub;
  readonly version: string;
  /** Join a session that a call offered. Throws not_found. */
  readonly join: (session_id: string, signal: AbortSignal) => JoinedSession;
}

export interface Server {
  close(): Promise<void>;
}

const BODY_LIMIT = 8 * 1024 * 1024;
const self = z.string().regex(/^[A-Za-z0-9_.:/-]{1,200}$/);

/** The control API on a unix socket of the owner’s alone (0600). A socket that a dead daemon left is replaced. */
export async function startServer(socket: string, parts: ServerParts): Promise<Server> {
  if (existsSync(socket)) {
    if (await answers(socket))
      throw new ContractError('daemon_running', `somebody answers at ${socket} already`);
    rmSync(socket, { force: true });
  }
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    logger: false,
    forceCloseConnections: true,
    requestTimeout: 0,
    keepAliveTimeout: 5000,
  });
  server.removeContentTypeParser('text/plain');
  takeBytes(server);
  routes(server, parts);
  const endSessions = serveSessions(server.server, parts.join);
  // Its folder is the owner’s alone, so nobody is quicker than this.
  await server.listen({ path: socket });
  chmodSync(socket, 0o600);
  return {
    close: async () => {
      endSessions();
      await server.close();
    },
  };
}

function routes(server: FastifyInstance, { dispatch, hub, version }: ServerParts): void {
  server.setErrorHandler((error, _request, reply) => {
    const known = error instanceof ContractError ? error : badRequest(error);
    return reply.status(ERRORS[known.code].status).send({ error: known.toWire() });
  });
  server.setNotFoundHandler(() => {
    throw new ContractError('unknown_method', 'there is nothing at that path', {
      next: 'GET /openapi.json lists what there is.',
    });
  });
  server.get('/healthz', () => ({ ok: true, version, pid: process.pid }));
  server.get('/openapi.json', () => openApi(version));
  server.post('/v1/events', (request, reply) => streamEvents(hub, request, reply));
  server.post<{ Params: { contract_id: string; method: string } }>(
    '/v1/:contract_id/:method',
    async (request, reply) => {
      const ending = new AbortController();
      const onClose = (): void => {
        if (!reply.raw.writableFinished) ending.abort(new ContractError('aborted', 'the caller went away'));
      };
      reply.raw.once('close', onClose);
      const given = request.headers['berth-self'] ?? 'anonymous';
      if (!self.safeParse(given).success)
        throw new ContractError('invalid_input', 'the header berth-self is no receiver’s id', {
          next: 'Send letters, digits and _.:/- only, or leave it out.',
        });
      const { contract_id, method } = request.params;
      const output = await dispatch({
        contract_id,
        method,
        input: inputOf(request, reply),
        caller: { kind: 'operator' },
        self: String(given),
        signal: ending.signal,
      });
      const tar = bytesIn(output);
      return tar === undefined ? { output } : sendBytes(reply, Object(output), tar);
    },
  );
}

/** What fastify itself refuses: no JSON, too long, another content type. */
function badRequest(error: unknown): ContractError {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  const message = error instanceof Error ? error.message : String(error);
  return typeof status === 'number' && status < 500
    ? new ContractError('invalid_input', message, {
        cause: error,
        next:
          status === 413
            ? `Send at most ${BODY_LIMIT / 1024 / 1024} MiB.`
            : 'Send a JSON body with content-type application/json.',
      })
    : new ContractError('internal', message, { cause: error });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
