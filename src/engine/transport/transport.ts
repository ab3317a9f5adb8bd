import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError, socketCode } from '../engine-errors.ts';
import { type Asking, dialling, type TransportOptions, type Upgraded } from './dial.ts';
import { type Answer, readAll } from './read-all.ts';

/** HTTP to one engine. Every call ends within its deadline, when its signal aborts, or when the connection closes. */
export interface Transport {
  readonly host: string;
  /** The whole answer. `deadline` in milliseconds. Throws engine_unreachable, engine_denied, engine_timeout, aborted. */
  call(asking: Asking, deadline: number, signal?: AbortSignal): Promise<Answer>;
  /** The answer as its headers arrive; `deadline` is for those. The caller reads or destroys it. */
  open(asking: Asking, deadline: number, signal: AbortSignal): Promise<IncomingMessage>;
  /** A bare connection for both sides to write to, or the refusal; `deadline` is for that. The signal ends it also later. */
  upgrade(asking: Asking, deadline: number, signal: AbortSignal): Promise<Upgraded>;
  close(): void;
}

const BROKEN: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED']);

/** The reading is ours, since dockerode’s never settles when the engine dies mid-answer. */
export function createTransport(name: string, options: TransportOptions): Transport {
  const { dial, upgrade, close } = dialling(options);
  const closing = new AbortController();
  const within = withinOf(name, closing.signal);
  /** The deadline was for the beginning; from here on only the caller and close() end it. */
  const endingWith = (stream: Readable, life: AbortSignal): void => {
    const end = (): void => void stream.destroy(connectionError(life.reason, name, life));
    stream.on('error', () => life.removeEventListener('abort', end));
    stream.on('close', () => life.removeEventListener('abort', end));
    if (life.aborted) end();
    else life.addEventListener('abort', end, { once: true });
  };
  return {
    host: name,
    call: (asking, deadline, signal) =>
      within(deadline, signal, `${asking.method} ${asking.path}`, async (all) => {
        try {
          // A mutation gets a socket of its own: a kept one may be dead without our knowing, and eight slow stops would hold up every query.
          return await readAll(await dial(asking, asking.method === 'GET' ? 'kept' : 'fresh', all), all);
        } catch (error) {
          if (!asking.again || all.aborted || !BROKEN.has(socketCode(error) ?? '')) throw error;
          return await readAll(await dial(asking, 'fresh', all), all);
        }
      }),
    open: async (asking, deadline, signal) => {
      const life = AbortSignal.any([signal, closing.signal]);
      const response = await within(deadline, life, `${asking.method} ${asking.path}`, (all) =>
        dial(asking, 'fresh', all),
      );
      endingWith(response, life);
      return response;
    },
    upgrade: async (asking, deadline, signal) => {
      const life = AbortSignal.any([signal, closing.signal]);
      const upgraded = await within(deadline, life, `${asking.method} ${asking.path}`, (all) =>
        upgrade(asking, all),
      );
      endingWith('socket' in upgraded ? upgraded.socket : upgraded.refusal, life);
      return upgraded;
    },
    close: () => {
      closing.abort(new ContractError('aborted', 'the engine’s client was closed'));
      close();
    },
  };
}

type Within = <T>(
  deadline: number,
  signal: AbortSignal | undefined,
  doing: string,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** Work that ends at its deadline, with its caller, or with the transport; its failures are ContractErrors. */
function withinOf(name: string, closing: AbortSignal): Within {
  return async (deadline, signal, doing, work) => {
    const ending = new AbortController();
    const late = `${doing}: no answer from ${name} within ${Math.round(deadline / 1000)} s`;
    const timer = setTimeout(() => ending.abort(new ContractError('engine_timeout', late)), deadline);
    const all = AbortSignal.any([closing, ending.signal, ...(signal ? [signal] : [])]);
    try {
      if (all.aborted) throw connectionError(all.reason, name, all);
      return await work(all);
    } catch (error) {
      throw connectionError(error, name, all);
    } finally {
      clearTimeout(timer);
    }
  };
}
