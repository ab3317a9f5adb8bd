import { type IncomingMessage, request } from 'node:http';
import type { BerthEvent } from '../contracts/berth-event.ts';
import { ContractError, wireError } from '../contracts/contract-error.ts';
import type { JoinedSession } from '../contracts/session-wire.ts';
import type { ListenRequest } from './bus/hub.ts';
import { type Opener, opener } from './dispatch/client.ts';
import { type ProcessApi, processApi } from './process-api.ts';
import { newId } from './runtime/ids.ts';
import { bytesAnswered, bytesOf, postBytes } from './server/carry-bytes.ts';
import { joinSession } from './server/join-session.ts';
import { listenAgain } from './server/listen-again.ts';

/** Typed clients and events over the socket of a running daemon. */
export interface Connection {
  readonly contract: Opener;
  readonly process: ProcessApi;
  call(
    request: { readonly contract_id: string; readonly method: string; readonly input: unknown },
    signal?: AbortSignal,
  ): Promise<unknown>;
  /** Events of any target; what `process.listen` does for its own. */
  listen(request: ListenRequest, signal: AbortSignal): AsyncIterable<readonly BerthEvent[]>;
  /** Join a session that `exec` or `attach` offered; it ends with the signal. */
  join(session_id: string, signal?: AbortSignal): JoinedSession;
  close(): Promise<void>;
}

/** Connect to the daemon’s unix socket. Calls throw daemon_not_running when nobody answers there. */
export async function connect(socket: string, options: { readonly self?: string } = {}): Promise<Connection> {
  const self = options.self ?? newId('con');
  const closing = new AbortController();

  // A socket of its own for each call: one that is kept may have been ended by a daemon that started anew.
  const send = (path: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const payload = Buffer.from(JSON.stringify(body));
      const headers = {
        'content-type': 'application/json',
        'content-length': payload.length,
        'berth-self': self,
      };
      const outgoing = request(
        { socketPath: socket, path, method: 'POST', headers, signal, agent: false },
        resolve,
      );
      outgoing.on('error', (error) => reject(signal.aborted ? abortion(signal) : unreachable(socket, error)));
      outgoing.end(payload);
    });

  const sendBytes = async (
    path: string,
    bytes: Parameters<typeof postBytes>[1],
    signal: AbortSignal,
  ): ReturnType<typeof postBytes> => {
    try {
      return await postBytes(
        { socketPath: socket, path, headers: { 'berth-self': self }, signal, agent: false },
        bytes,
      );
    } catch (error) {
      throw signal.aborted ? abortion(signal) : unreachable(socket, error);
    }
  };

  const call: Connection['call'] = async ({ contract_id, method, input }, signal) => {
    const all = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    const path = `/v1/${encodeURIComponent(contract_id)}/${encodeURIComponent(method)}`;
    const bytes = bytesOf(input);
    const { response, end } =
      bytes === undefined
        ? { response: await send(path, input ?? {}, all), end: () => undefined }
        : await sendBytes(path, bytes, all);
    const streamed = bytesAnswered(response, (error) => (all.aborted ? abortion(all) : brokenOff(error)));
    if (streamed !== undefined) return streamed;
    const answer = parse(await textOf(response, all, socket).finally(end));
    if (response.statusCode === 200 && typeof answer === 'object' && answer !== null && 'output' in answer)
      return answer.output;
    throw failureOf(answer, response.statusCode);
  };

  const listen: Connection['listen'] = (wanted, signal) =>
    listenAgain(wanted, AbortSignal.any([signal, closing.signal]), (body, all) =>
      send('/v1/events', body, all),
    );

  return {
    contract: opener((asked, { signal }) => call(asked, signal)),
    process: processApi(self, listen),
    call,
    listen,
    join: (session_id, signal) =>
      joinSession(
        socket,
        session_id,
        signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
      ),
    close: async () => {
      closing.abort(new ContractError('aborted', 'the connection was closed'));
    },
  };
}

async function textOf(response: IncomingMessage, signal: AbortSignal, socket: string): Promise<string> {
  try {
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  } catch (error) {
    throw signal.aborted ? abortion(signal) : unreachable(socket, error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureOf(answer: unknown, status: number | undefined): ContractError {
  const wire = wireError.safeParse(
    typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined,
  );
  return wire.success
    ? ContractError.fromWire(wire.data)
    : new ContractError('internal', `the daemon answered with status ${status ?? 'none'} and no reason`);
}

function abortion(signal: AbortSignal): ContractError {
  return signal.reason instanceof ContractError
    ? signal.reason
    : new ContractError('aborted', 'the call was aborted', { cause: signal.reason });
}

function brokenOff(error: unknown): ContractError {
  const why = error instanceof Error ? error.message : String(error);
  return new ContractError('interrupted', `the bytes broke off before their end: ${why}`, { cause: error });
}

const NOBODY_THERE = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EACCES']);

function unreachable(socket: string, error: unknown): ContractError {
  if (error instanceof ContractError) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && NOBODY_THERE.has(String(error.code)))
    return new ContractError('daemon_not_running', `nobody answers at ${socket}: ${why}`, { cause: error });
  return new ContractError('daemon_not_running', `the daemon went away before it answered: ${why}`, {
    cause: error,
    next: 'Look with `berth ps` whether it was done, and call again.',
  });
}
