import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ContractError, wireError } from '../contracts/contract-error.ts';
import { type ContainerEvent, containerEvent } from '../contracts/events.ts';
import type { ListenRequest } from './bus/hub.ts';
import { type Opener, opener } from './dispatch/client.ts';
import { type ProcessApi, processApi } from './process-api.ts';
import { newId } from './runtime/ids.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 2000;
/** A daemon that is away for so long is gone. */
const PATIENCE_MS = 60_000;
/** Two heartbeats: silence beyond is a broken line. */
const SILENCE_MS = 45_000;

/** Typed clients and events over the socket of a running daemon. */
export interface Connection {
  readonly contract: Opener;
  readonly process: ProcessApi;
  call(
    request: { readonly contract_id: string; readonly method: string; readonly input: unknown },
    signal?: AbortSignal,
  ): Promise<unknown>;
  /** Events of any target; what `process.listen` does for its own. */
  listen(request: ListenRequest, signal: AbortSignal): AsyncIterable<readonly ContainerEvent[]>;
  close(): Promise<void>;
}

/** Connect to the daemon’s unix socket. Calls throw daemon_not_running when nobody answers there. */
export async function connect(socket: string, options: { readonly self?: string } = {}): Promise<Connection> {
  const self = options.self ?? newId('con');
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const closing = new AbortController();

  const send = (
    path: string,
    body: unknown,
    signal: AbortSignal,
    pooled: boolean,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const payload = Buffer.from(JSON.stringify(body));
      const headers = {
        'content-type': 'application/json',
        'content-length': payload.length,
        'berth-self': self,
      };
      const outgoing = request(
        {
          socketPath: socket,
          path,
          method: 'POST',
          headers,
          signal,
          ...(pooled ? { agent } : { agent: false }),
        },
        resolve,
      );
      outgoing.on('error', (error) => reject(signal.aborted ? abortion(signal) : unreachable(socket, error)));
      outgoing.end(payload);
    });

  const call: Connection['call'] = async ({ contract_id, method, input }, signal) => {
    const all = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    const response = await send(
      `/v1/${encodeURIComponent(contract_id)}/${encodeURIComponent(method)}`,
      input ?? {},
      all,
      true,
    );
    const answer = parse(await textOf(response, all, socket));
    if (response.statusCode === 200 && typeof answer === 'object' && answer !== null && 'output' in answer)
      return answer.output;
    throw failureOf(answer, response.statusCode);
  };

  const listen: Connection['listen'] = (wanted, signal) =>
    listenAgain(wanted, AbortSignal.any([signal, closing.signal]), (body, all) =>
      send('/v1/events', body, all, false),
    );

  return {
    contract: opener((asked, { signal }) => call(asked, signal)),
    process: processApi(self, listen),
    call,
    listen,
    close: async () => {
      closing.abort(new ContractError('aborted', 'the connection was closed'));
      agent.destroy();
    },
  };
}

/** Goes on after a broken line where it was: each event once, per container by its seq. */
async function* listenAgain(
  wanted: ListenRequest,
  signal: AbortSignal,
  send: (body: ListenRequest, signal: AbortSignal) => Promise<IncomingMessage>,
): AsyncGenerator<readonly ContainerEvent[]> {
  const last: Record<string, number> = Object.create(null) as Record<string, number>;
  let delay = FIRST_DELAY;
  let heard: number | undefined;
  while (!signal.aborted) {
    try {
      const resume = { ...wanted.resume, ...last };
      const response = await send({ ...wanted, ...(Object.keys(resume).length > 0 && { resume }) }, signal);
      if (response.statusCode !== 200)
        throw failureOf(parse(await textOf(response, signal, '')), response.statusCode);
      heard = performance.now();
      delay = FIRST_DELAY;
      for await (const events of eventLines(response, signal)) {
        heard = performance.now();
        const fresh = events.filter(({ container_id, seq }) => seq > (last[container_id] ?? -1));
        for (const { container_id, seq } of fresh) last[container_id] = seq;
        if (fresh.length > 0) yield fresh;
      }
    } catch (error) {
      if (signal.aborted) return;
      const broken = error instanceof ContractError && error.code === 'daemon_not_running';
      if (!broken || heard === undefined || performance.now() - heard > PATIENCE_MS) throw error;
    }
    await pause(delay, undefined, { signal }).catch(() => undefined);
    delay = Math.min(LONGEST_DELAY, delay * 2);
  }
}

async function* eventLines(
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<readonly ContainerEvent[]> {
  const silence = setTimeout(() => response.destroy(new Error('the daemon fell silent')), SILENCE_MS);
  const end = (): void => void response.destroy();
  signal.addEventListener('abort', end, { once: true });
  let rest = '';
  try {
    response.setEncoding('utf8');
    for await (const chunk of response) {
      silence.refresh();
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      const events = lines
        .filter((line) => line !== '')
        .map((line) => containerEvent.parse(JSON.parse(line)));
      if (events.length > 0) yield events;
    }
  } catch (error) {
    throw unreachable('the daemon', error);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    response.destroy();
  }
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

function unreachable(socket: string, error: unknown): ContractError {
  return error instanceof ContractError
    ? error
    : new ContractError(
        'daemon_not_running',
        `nobody answers at ${socket}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
}
