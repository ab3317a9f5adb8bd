import { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import Docker from 'dockerode';
import { type SshTarget, sshAgent } from './ssh-agent.ts';

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
  /** Of ssh: the engine’s socket on that machine. */
  readonly remote_socket?: string;
}

/** What came of asking for a bare connection. */
export type Upgraded = { readonly socket: Duplex } | { readonly refusal: IncomingMessage };

/** Two ways to dial one engine, on sockets that are theirs alone. */
export interface Dialling {
  /** The answer as its headers arrive, whatever its status. Aborting ends it, before and after. */
  dial(asking: Asking, how: 'kept' | 'fresh', signal: AbortSignal): Promise<IncomingMessage>;
  /** The bare connection once the engine gave it up for that, else its answer. Aborting ends it only before. */
  upgrade(asking: Asking, signal: AbortSignal): Promise<Upgraded>;
  close(): void;
}

const EVERY_STATUS = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [String(index + 100), true]),
);

/** dockerode’s modem dials: sockets, TLS, and over what ssh opens. `kept`: on one of a few sockets that are used again; `fresh`: on one of its own. */
export function dialling({ verify, remote_socket, ...options }: TransportOptions): Dialling {
  const { host = '', port, username, protocol, ca, cert, key } = options;
  const ssh: SshTarget | undefined =
    protocol === 'ssh'
      ? {
          host,
          ...(port !== undefined && { port }),
          ...(username !== undefined && { username }),
          ...(remote_socket !== undefined && { remote_socket }),
        }
      : undefined;
  const tls = protocol === 'https' ? { ca, cert, key, rejectUnauthorized: verify !== false } : undefined;
  const agent = (how: { readonly keepAlive: boolean; readonly maxSockets?: number }): HttpAgent => {
    if (ssh !== undefined) return sshAgent(ssh, how);
    return tls === undefined ? new HttpAgent(how) : new HttpsAgent({ ...how, ...tls });
  };
  const agents = { kept: agent({ keepAlive: true, maxSockets: 8 }), fresh: agent({ keepAlive: false }) };
  // Over ssh it is plain HTTP to whatever answers there.
  const connection: TransportOptions =
    ssh === undefined ? options : { host: 'engine.invalid', protocol: 'http' };
  const modems = {
    kept: modemWith({ ...connection, agent: agents.kept }),
    fresh: modemWith({ ...connection, agent: agents.fresh }),
  };
  return {
    dial: async (asking, how, signal) =>
      (await dialOn(modems[how], asking, false, signal)) as IncomingMessage,
    upgrade: async (asking, signal) => {
      const answer = await dialOn(modems.fresh, asking, true, signal);
      return answer instanceof IncomingMessage ? { refusal: answer } : { socket: answer };
    },
    close: () => {
      agents.kept.destroy();
      agents.fresh.destroy();
    },
  };
}

function dialOn(
  modem: Docker['modem'],
  asking: Asking,
  hijack: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage | Duplex> {
  const query = Object.fromEntries(
    Object.entries(asking.query ?? {}).filter(([, value]) => value !== undefined),
  );
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        path: `${asking.path}?`,
        method: asking.method,
        isStream: true,
        hijack,
        statusCodes: EVERY_STATUS,
        abortSignal: signal,
        options: { _query: query, _body: asking.body ?? {} },
        ...(asking.headers && { headers: { ...asking.headers } }),
        ...(asking.upload && { file: asking.upload }),
      },
      (error: unknown, response: unknown) => {
        if (error) return reject(error);
        const incoming = response as IncomingMessage | Duplex;
        // Without a listener in this very tick an early break would end the process; whoever reads is told by the reading.
        incoming.on('error', () => undefined);
        resolve(incoming);
      },
    );
  });
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
