import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';
import { answerError, connectionError } from '../engine-errors.ts';
import type { Asking } from '../transport/dial.ts';
import { type Answer, readAll } from '../transport/read-all.ts';
import type { Transport } from '../transport/transport.ts';

/** Milliseconds that calls may take. */
export const DEADLINE = {
  query: 15_000,
  mutate: 60_000,
  headers: 30_000,
  upload: 1_800_000,
  longest: 2 ** 31 - 1,
} as const;
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
  /** A good answer as its headers arrive, within `deadline`; the caller reads it to its end or aborts it. */
  open(
    asking: Asking,
    options: { readonly doing: string; readonly deadline?: number; readonly signal: AbortSignal },
  ): Promise<IncomingMessage>;
  /** A bare connection for both sides to write to. Throws unsupported when something between us and the engine does not give it. */
  upgrade(asking: Asking, options: { readonly doing: string; readonly signal: AbortSignal }): Promise<Duplex>;
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
    open: (asking, { doing, deadline = DEADLINE.headers, signal }) =>
      forgetting(
        (async () => {
          const response = await transport.open(await versioned(asking, signal), deadline, signal);
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) return response;
          throw answerError(status, await refusal(response, transport.host, signal), doing);
        })(),
      ),
    upgrade: (asking, { doing, signal }) =>
      forgetting(
        (async () => {
          const upgraded = await transport.upgrade(await versioned(asking, signal), DEADLINE.headers, signal);
          if ('socket' in upgraded) return upgraded.socket;
          const status = upgraded.refusal.statusCode ?? 0;
          if (status >= 200 && status < 300) {
            // Half of it would work: what is written would never arrive.
            upgraded.refusal.destroy();
            throw new ContractError(
              'unsupported',
              `${doing}: ${transport.host} answers without upgrading the connection`,
              { next: 'Reach the engine without the proxy in between, or have it pass `Upgrade: tcp` on.' },
            );
          }
          throw answerError(status, await refusal(upgraded.refusal, transport.host, signal), doing);
        })(),
      ),
  };
}

/** The words of a refusal, which must come soon. */
async function refusal(response: IncomingMessage, host: string, signal: AbortSignal): Promise<string> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new ContractError('engine_timeout', `${host} did not finish its answer`)),
    DEADLINE.query,
  );
  const all = AbortSignal.any([signal, late.signal]);
  try {
    return (await readAll(response, all)).body;
  } catch (error) {
    throw connectionError(error, host, all);
  } finally {
    clearTimeout(timer);
  }
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

/** A JSON body that has the shape we know from the engine’s documentation. Throws engine_failed when it is no JSON object. */
export function bodyOf<T extends object>({ body }: Answer): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new ContractError('engine_failed', `the engine’s answer is no JSON: ${body.slice(0, 200)}`, {
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null) return value as T;
  throw new ContractError('engine_failed', `the engine’s answer is no JSON object: ${body.slice(0, 200)}`);
}
