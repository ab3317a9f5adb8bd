import type { IncomingMessage } from 'node:http';
import { ContractError } from '../../../contracts/contract-error.ts';
import { answerError } from '../engine-errors.ts';
import type { Answer, Asking, Transport } from '../transport/transport.ts';

/** Milliseconds that calls may take. */
export const DEADLINE = { query: 15_000, mutate: 60_000, headers: 30_000 } as const;
const OLDEST = [1, 40] as const;
const NEWEST = [1, 45] as const;

/** Calls below the API version that both sides know, answered or thrown as ContractError. */
export interface Api {
  readonly transport: Transport;
  /** An answer with one of `fine` statuses (besides 2xx); others are thrown. */
  ask(
    asking: Asking,
    options: {
      readonly doing: string;
      readonly deadline?: number;
      readonly fine?: readonly number[];
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<Answer>;
  open(asking: Asking, doing: string, signal: AbortSignal): Promise<IncomingMessage>;
  /** Negotiated once a connection: `1.45`. */
  version(signal?: AbortSignal): Promise<string>;
  /** Negotiate anew: the engine may be another one now. */
  forgetVersion(): void;
}

export function createApi(transport: Transport): Api {
  let negotiated: string | undefined;
  const version = async (signal?: AbortSignal): Promise<string> => {
    if (negotiated !== undefined) return negotiated;
    const { status, headers, body } = await transport.call(
      { method: 'GET', path: '/_ping', again: true },
      DEADLINE.query,
      signal,
    );
    if (status !== 200) throw answerError(status, body, 'ping');
    negotiated = choose(String(headers['api-version'] ?? '1.40'), transport.host);
    return negotiated;
  };
  const versioned = async (asking: Asking, signal: AbortSignal | undefined): Promise<Asking> => ({
    ...asking,
    path: `/v${await version(signal)}${asking.path}`,
  });
  const forgetting = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (
        error instanceof ContractError &&
        (error.code === 'engine_unreachable' || error.code === 'engine_version')
      )
        negotiated = undefined;
      throw error;
    }
  };
  return {
    transport,
    version,
    forgetVersion: () => {
      negotiated = undefined;
    },
    ask: (asking, { doing, deadline = DEADLINE.query, fine = [], signal }) =>
      forgetting(
        (async () => {
          const answer = await transport.call(
            await versioned({ again: asking.method === 'GET', ...asking }, signal),
            deadline,
            signal,
          );
          if ((answer.status >= 200 && answer.status < 300) || fine.includes(answer.status)) return answer;
          throw answerError(answer.status, answer.body, doing);
        })(),
      ),
    open: (asking, doing, signal) =>
      forgetting(
        (async () => {
          const response = await transport.open(await versioned(asking, signal), DEADLINE.headers, signal);
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) return response;
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part as Buffer);
          throw answerError(status, Buffer.concat(parts).toString(), doing);
        })(),
      ),
  };
}

/** The newest version that both know. Throws engine_version. */
function choose(theirs: string, host: string): string {
  const [major = 0, minor = 0] = theirs.split('.').map(Number);
  if (major !== 1 || minor < OLDEST[1])
    throw new ContractError(
      'engine_version',
      `the engine at ${host} speaks API ${theirs}; Berth needs ${OLDEST.join('.')} or later`,
    );
  return `1.${Math.min(minor, NEWEST[1])}`;
}

/** A JSON body that has the shape we know from the engine’s documentation. */
export function bodyOf<T>({ body }: Answer): T {
  return JSON.parse(body) as T;
}
