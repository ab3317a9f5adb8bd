import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Helped } from '../../engine/probe-helper.ts';
import type { Way } from '../../plan/probes/reach.ts';
import type { Helpers } from './helpers.ts';

/** What was learned about the ways to one container: by index of its ways. */
export interface Learned {
  good: number | undefined;
  /** Where to begin while none was good yet: behind the one that led nowhere. */
  from?: number;
}

export interface Dialling {
  readonly ways: readonly Way[];
  readonly learned: Learned;
  readonly helped: Helped;
  readonly helpers: Helpers;
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
}

/** This way does not lead to the container; another one may. */
class NoWay extends Error {
  override readonly name = 'NoWay';
  /** Nobody said so: it may lead there, and the container be deaf. */
  readonly silent: boolean;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.silent = cause.code === 'ETIMEDOUT' || cause.code === 'ECONNREFUSED';
  }
}

/** How long somebody in between may take to see that nobody listens. */
const RELAY_MS = 200;
/** A way that was never good is given so much of the time. */
const SHARE = 0.4;

/** Tries one way after the other until one leads to the container, and keeps to that one. Throws what the container, or the last way, answers. */
async function byGoodWay<T>(
  { ways, learned, timeout_ms, signal }: Dialling,
  go: (way: Way, timeout_ms: number) => Promise<T>,
): Promise<T> {
  const until = performance.now() + timeout_ms;
  let failure: unknown = new Error('there is no way to it');
  for (let index = learned.good ?? learned.from ?? 0; index < ways.length; index++) {
    const way = ways[index];
    if (way === undefined) break;
    const left = until - performance.now();
    const isWhole = left > timeout_ms * (1 - SHARE / 2);
    const isSure = learned.good !== undefined || index === ways.length - 1;
    try {
      const got = await go(way, Math.max(1, isSure ? left : Math.min(left, timeout_ms * SHARE)));
      learned.good = index;
      return got;
    } catch (error) {
      // Its time is over: nobody has said anything of this way.
      if (signal.aborted) throw error;
      if (!(error instanceof NoWay)) {
        // A refusal of its own is an answer, too; of what a helper says nobody knows whose it is.
        if (way.kind === 'direct') learned.good = index;
        learned.from = way.kind === 'helper' && !isWhole ? index : 0;
        throw error;
      }
      failure = error.cause ?? error;
      if (learned.good !== undefined && error.silent) break;
      // What was a way is none any more.
      learned.good = undefined;
      learned.from = (index + 1) % ways.length;
    }
  }
  throw failure;
}

/** A connection to a port of the container. */
export function dialContainer(dialling: Dialling): Promise<Duplex> {
  const { helpers, helped, signal } = dialling;
  return byGoodWay<Duplex>(dialling, (way, timeout_ms) =>
    way.kind === 'helper'
      ? helpers.dial(helped, { ...way, timeout_ms }, signal)
      : dialDirect(way, timeout_ms, signal),
  );
}

/** Whether the container takes a connection; throws why not. */
export function takesConnection(dialling: Dialling): Promise<void> {
  const { helpers, helped, signal } = dialling;
  return byGoodWay<void>(dialling, async (way, timeout_ms) => {
    if (way.kind === 'helper') {
      const { ok, why } = await helpers.connects(helped, { ...way, timeout_ms }, signal);
      if (!ok) throw new Error(why);
      return;
    }
    const socket = await dialDirect(way, timeout_ms, signal);
    const isTaken = !way.relayed || (await stays(socket, RELAY_MS));
    socket.destroy();
    if (!isTaken) throw new Error(`${way.host}:${way.port} takes no connection`);
  });
}

const NO_WAY: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  // As a route that is a black hole has it.
  'EINVAL',
  'EADDRNOTAVAIL',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

function dialDirect(
  { host, port, refused }: Extract<Way, { kind: 'direct' }>,
  timeout_ms: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const end = (): void => {
      clearTimeout(timer);
      socket.removeListener('error', failed);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      end();
      socket.destroy();
      const code = error.code ?? '';
      const isNoWay = NO_WAY.has(code) || (code === 'ECONNREFUSED' && refused === 'no_way');
      reject(isNoWay ? new NoWay(error) : error);
    };
    const timer = setTimeout(() => {
      const cause = new Error(`${host}:${port} does not answer`);
      failed(Object.assign(cause, { code: 'ETIMEDOUT' }));
    }, timeout_ms);
    socket.once('error', failed);
    socket.once('connect', () => {
      end();
      // Whoever gets it hears of what comes later.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Whether nobody ends it for so long. */
function stays(socket: Socket, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    const over = (outcome: boolean): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    socket.once('data', () => over(true));
    socket.once('close', () => over(false));
    socket.once('end', () => over(false));
    socket.once('error', () => over(false));
  });
}
