import type { IncomingMessage } from 'node:http';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Docker from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError, socketCode } from '../engine-errors.ts';

export interface Asking {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'HEAD';
  /** Below the version: `/containers/json`. Its pieces are checked by the caller. */
  readonly path: string;
  /** A list is a repeated parameter. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: object;
  /** Sent instead of a JSON body. */
  readonly upload?: NodeJS.ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asking twice is as good as once: tried again when the connection broke. */
  readonly again?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** HTTP to one engine. Every call ends within its deadline, when its signal aborts, or when the connection closes. */
export interface Transport {
  readonly host: string;
  /** The whole answer. `deadline` in milliseconds. Throws engine_unreachable, engine_denied, engine_timeout, aborted. */
  call(asking: Asking, deadline: number, signal?: AbortSignal): Promise<Answer>;
  /** The answer as its headers arrive; `deadline` is for those. The caller reads or destroys it. */
  open(asking: Asking, deadline: number, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

export interface TransportOptions {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: 'http' | 'https' | 'ssh';
  readonly username?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify?: boolean;
}

const LARGEST_ANSWER = 64 * 1024 * 1024;
const EVERY_STATUS = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [String(index + 100), true]),
);
const BROKEN: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED']);

/** dockerode’s modem dials (sockets, TLS, ssh); the reading is ours, since the modem’s never settles when the engine dies mid-answer. */
export function createTransport(name: string, options: TransportOptions): Transport {
  const { verify, ...connection } = options;
  const secure = options.protocol === 'https';
  const tls = secure
    ? { ca: options.ca, cert: options.cert, key: options.key, rejectUnauthorized: verify !== false }
    : {};
  const calls = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 8, ...tls })
    : new HttpAgent({ keepAlive: true, maxSockets: 8 });
  const streams = secure ? new HttpsAgent({ keepAlive: false, ...tls }) : new HttpAgent({ keepAlive: false });
  const short = modemWith({ ...connection, agent: calls });
  const long = modemWith({ ...connection, agent: streams });
  const closing = new AbortController();

  // A mutation gets a socket of its own: a kept one may be dead without our knowing, and eight slow stops would hold up every query.
  const modemFor = ({ method }: Asking): Docker['modem'] => (method === 'GET' ? short : long);

  const dial = (modem: Docker['modem'], asking: Asking, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const query = Object.fromEntries(
        Object.entries(asking.query ?? {}).filter(([, value]) => value !== undefined),
      );
      modem.dial(
        {
          path: `${asking.path}?`,
          method: asking.method,
          isStream: true,
          statusCodes: EVERY_STATUS,
          abortSignal: signal,
          options: { _query: query, _body: asking.body ?? {} },
          ...(asking.headers && { headers: { ...asking.headers } }),
          ...(asking.upload && { file: asking.upload }),
        },
        (error: unknown, response: unknown) => {
          if (error) return reject(error);
          const incoming = response as IncomingMessage;
          // Without a listener in this very tick an early break would end the process; whoever reads is told by the reading.
          incoming.on('error', () => undefined);
          resolve(incoming);
        },
      );
    });

  const within = async <T>(
    deadline: number,
    signal: AbortSignal | undefined,
    doing: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const ending = new AbortController();
    const timer = setTimeout(
      () =>
        ending.abort(
          new ContractError(
            'engine_timeout',
            `${doing}: no answer from ${name} within ${Math.round(deadline / 1000)} s`,
          ),
        ),
      deadline,
    );
    const all = AbortSignal.any([closing.signal, ending.signal, ...(signal ? [signal] : [])]);
    try {
      if (all.aborted) throw connectionError(all.reason, name, all);
      return await work(all);
    } catch (error) {
      throw connectionError(error, name, all);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    host: name,
    call: (asking, deadline, signal) =>
      within(deadline, signal, `${asking.method} ${asking.path}`, async (all) => {
        try {
          return await readAll(await dial(modemFor(asking), asking, all), all);
        } catch (error) {
          if (!asking.again || all.aborted || !BROKEN.has(socketCode(error) ?? '')) throw error;
          return await readAll(await dial(long, asking, all), all);
        }
      }),
    open: async (asking, deadline, signal) => {
      const life = AbortSignal.any([signal, closing.signal]);
      const response = await within(deadline, life, `${asking.method} ${asking.path}`, (all) =>
        dial(long, asking, all),
      );
      // The deadline was for the headers; from here on only the caller and close() end it.
      const end = (): void => void response.destroy(connectionError(life.reason, name, life));
      response.on('error', () => life.removeEventListener('abort', end));
      response.on('close', () => life.removeEventListener('abort', end));
      if (life.aborted) end();
      else life.addEventListener('abort', end, { once: true });
      return response;
    },
    close: () => {
      closing.abort(new ContractError('aborted', 'the engine’s client was closed'));
      calls.destroy();
      streams.destroy();
    },
  };
}

/** The modem looks into the environment for whatever it is not told; what is meant was decided before. */
function modemWith(options: TransportOptions & { readonly agent: HttpAgent }): Docker['modem'] {
  const { host = '', protocol = 'http', ...rest } = options;
  const told = {
    host,
    protocol,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: 0,
  };
  return new Docker({ ...told, ...rest } as Docker.DockerOptions).modem;
}

/** The rest of an answer. Throws when it breaks, is aborted or is endless. */
export async function readAll(response: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const end = (): void =>
    void response.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of response) {
      const bytes = part as Buffer;
      size += bytes.length;
      if (size > LARGEST_ANSWER) throw new ContractError('engine_failed', 'the engine’s answer is too long');
      parts.push(bytes);
    }
    return {
      status: response.statusCode ?? 0,
      body: Buffer.concat(parts).toString(),
      headers: response.headers,
    };
  } finally {
    signal.removeEventListener('abort', end);
  }
}
