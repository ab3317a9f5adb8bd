import { request } from 'node:http';
import { Readable } from 'node:stream';

export interface RawContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly ExitCode: number;
    readonly Pid: number;
  };
  readonly Config: {
    readonly Cmd: readonly string[] | null;
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
    readonly Image: string;
  };
  readonly HostConfig: {
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly MemorySwap: number;
    readonly CpuQuota: number;
    readonly Binds: readonly string[] | null;
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly Aliases: readonly string[] | null }>>;
  };
}

/** The engine’s own view, asked over its socket with nothing of ours in between. */
export interface RawEngine {
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  /** POST of a tar. */
  upload(path: string, tar: AsyncIterable<Uint8Array>): Promise<void>;
  /** Undefined when it is not there. */
  container(name: string): Promise<RawContainer | undefined>;
  names(): Promise<readonly string[]>;
}

export function rawEngine(socketPath: string): RawEngine {
  const ask: RawEngine['ask'] = (method, path, body, more = {}) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        {
          socketPath,
          method,
          path,
          headers:
            payload === undefined
              ? more
              : { ...more, 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
        },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, body: parse(Buffer.concat(parts).toString()) }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  const upload: RawEngine['upload'] = (path, tar) =>
    new Promise<void>((resolve, reject) => {
      const outgoing = request(
        { socketPath, method: 'POST', path, headers: { 'content-type': 'application/x-tar' } },
        (incoming) => {
          let said = '';
          incoming.on('data', (part: Buffer) => {
            said += part.toString();
          });
          incoming.on('error', reject);
          incoming.on('end', () =>
            incoming.statusCode === 200 && !said.includes('"error"') ? resolve() : reject(new Error(said)),
          );
        },
      );
      outgoing.on('error', reject);
      Readable.from(tar, { objectMode: false }).on('error', reject).pipe(outgoing);
    });
  return {
    ask,
    upload,
    container: async (name) => {
      const { status, body } = await ask('GET', `/containers/${encodeURIComponent(name)}/json`);
      return status === 200 ? (body as RawContainer) : undefined;
    },
    names: async () => {
      const { body } = await ask('GET', '/containers/json?all=1');
      return (body as readonly { readonly Names: readonly string[] }[]).flatMap(({ Names }) =>
        Names.map((name) => name.slice(1)),
      );
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
