import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { ContractError } from '../../contracts/contract-error.ts';
import {
  type JoinedSession,
  SESSION_BYTES,
  type SessionEvent,
  type SessionNotice,
  sessionRequest,
} from '../../contracts/session-wire.ts';

/** Each message by itself, text as text. */
const MESSAGES = { readableObjectMode: true, decodeStrings: false } as const;
const PATH = /^\/v1\/sessions\/(ses_[0-9a-f]{32})$/;
const LONGEST_MESSAGE = 1024 * 1024;

/** Sessions as websockets: who opens `/v1/sessions/{session_id}` has joined. Answers how to end them all. */
export function serveSessions(
  server: Server,
  join: (session_id: string, signal: AbortSignal) => JoinedSession,
): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LONGEST_MESSAGE,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    const session_id = PATH.exec(request.url ?? '')?.[1];
    // Programs send no origin; a web page has nothing to do here.
    if (session_id === undefined || request.headers.origin !== undefined) {
      // One that does not close its own side would hold this process up when it ends.
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () =>
        socket.destroy(),
      );
      return;
    }
    sockets.handleUpgrade(
      request,
      socket,
      head,
      (one) => void serve(one, (signal) => join(session_id, signal)),
    );
  });
  return () => {
    for (const one of sockets.clients) one.terminate();
    sockets.close();
  };
}

/** Until either side ends. What the caller does not read is not fetched; what the session does not take is not read. */
async function serve(socket: WebSocket, begin: (signal: AbortSignal) => JoinedSession): Promise<void> {
  const ending = new AbortController();
  socket.on('close', () => ending.abort(new ContractError('aborted', 'the caller went away')));
  const stream = createWebSocketStream(socket, MESSAGES);
  // Its end comes as an error too when the caller just went.
  stream.on('error', () => undefined);
  const send = (message: string | Buffer): Promise<void> =>
    new Promise((resolve) => {
      stream.write(message, () => resolve());
    });
  const notify = (notice: SessionNotice): Promise<void> => send(JSON.stringify(notice));
  try {
    const session = begin(ending.signal);
    void listen(stream, session, notify);
    for await (const event of session.events) await send(wireOf(event));
  } catch (error) {
    await notify({ type: 'error', error: wire(error) });
  }
  stream.end();
  socket.close();
}

function wireOf(event: SessionEvent): string | Buffer {
  if (event.type !== 'output') return JSON.stringify(event);
  return Buffer.concat([Buffer.from([SESSION_BYTES[event.stream]]), event.data]);
}

/** What the caller says; what cannot be done about it is told, and ends the session. */
async function listen(
  stream: Duplex,
  session: JoinedSession,
  notify: (notice: SessionNotice) => Promise<void>,
): Promise<void> {
  try {
    for await (const message of stream as AsyncIterable<string | Buffer>) await obey(message, session);
  } catch (error) {
    if (error instanceof ContractError) {
      await notify({ type: 'error', error: error.toWire() });
      session.close();
    }
  }
}

async function obey(message: string | Buffer, session: JoinedSession): Promise<void> {
  if (typeof message !== 'string') {
    if (message[0] !== SESSION_BYTES.stdin) throw notUnderstood();
    return await session.write(message.subarray(1));
  }
  const request = sessionRequest.safeParse(parsed(message));
  if (!request.success) throw notUnderstood();
  switch (request.data.type) {
    case 'end':
      return await session.end();
    case 'detach':
      return await session.detach();
    case 'resize':
      return await resize(session, request.data);
  }
}

/** A terminal that has just gone needs no size. */
async function resize(
  session: JoinedSession,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Promise<void> {
  try {
    await session.resize({ columns, rows });
  } catch (error) {
    if (!(error instanceof ContractError) || error.code !== 'wrong_state') throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notUnderstood(): ContractError {
  return new ContractError('invalid_input', 'a message of the session is not understood', {
    next: 'Send binary messages that begin with a zero byte, or JSON: end, detach, resize.',
  });
}

function wire(error: unknown): ReturnType<ContractError['toWire']> {
  const known =
    error instanceof ContractError
      ? error
      : new ContractError('internal', error instanceof Error ? error.message : String(error), {
          cause: error,
        });
  return known.toWire();
}
