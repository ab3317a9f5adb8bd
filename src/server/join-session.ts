import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocket } from 'ws';
import { ContractError } from '../../contracts/contract-error.ts';
import {
  type JoinedSession,
  SESSION_BYTES,
  type SessionEvent,
  type SessionRequest,
  sessionNotice,
} from '../../contracts/session-wire.ts';

/** Each message by itself, text as text. */
const MESSAGES = { readableObjectMode: true, decodeStrings: false } as const;

/** Join a session over a daemon’s unix socket. It ends with the signal. */
export function joinSession(socketPath: string, session_id: string, signal: AbortSignal): JoinedSession {
  const socket = new WebSocket(`ws+unix://${socketPath}:/v1/sessions/${session_id}`, {
    perMessageDeflate: false,
  });
  const stream = createWebSocketStream(socket, MESSAGES);
  stream.on('error', () => undefined);
  const closing = new AbortController();
  const close = (): void => {
    closing.abort(new ContractError('aborted', 'the session was closed', { cause: signal.reason }));
    socket.terminate();
  };
  signal.addEventListener('abort', close, { once: true });
  socket.on('close', () => signal.removeEventListener('abort', close));
  if (signal.aborted) close();
  const send = (message: Buffer | string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (stream.writableEnded || stream.destroyed) return resolve();
      // Whoever reads the events is told why it failed.
      stream.write(message, (error) => (error && !stream.destroyed ? reject(error) : resolve()));
    });
  const ask = (request: SessionRequest): Promise<void> => send(JSON.stringify(request));
  return {
    events: eventsOf(stream, AbortSignal.any([signal, closing.signal]), close),
    write: (data) => send(Buffer.concat([Buffer.from([SESSION_BYTES.stdin]), data])),
    end: () => ask({ type: 'end' }),
    resize: ({ columns, rows }) => ask({ type: 'resize', columns, rows }),
    detach: () => ask({ type: 'detach' }),
    close,
  };
}

async function* eventsOf(
  stream: Duplex,
  signal: AbortSignal,
  close: () => void,
): AsyncGenerator<SessionEvent> {
  try {
    for await (const message of stream as AsyncIterable<string | Buffer>) {
      if (typeof message !== 'string') {
        const kind = message[0] === SESSION_BYTES.stderr ? 'stderr' : 'stdout';
        yield { type: 'output', stream: kind, data: message.subarray(1) };
        continue;
      }
      const notice = sessionNotice.parse(JSON.parse(message));
      if (notice.type === 'error') throw ContractError.fromWire(notice.error);
      yield notice;
      if (notice.type === 'exit' || notice.type === 'detached') return;
    }
    signal.throwIfAborted();
    throw new ContractError('daemon_not_running', 'the daemon went away while the session went on');
  } catch (error) {
    if (signal.reason instanceof ContractError) throw signal.reason;
    if (error instanceof ContractError) throw error;
    if (signal.aborted) throw new ContractError('aborted', 'the session was given up', { cause: error });
    throw new ContractError(
      'daemon_not_running',
      `the session broke off: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    close();
  }
}
