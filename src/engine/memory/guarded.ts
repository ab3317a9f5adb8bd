import { ContractError } from '../../../contracts/contract-error.ts';
import { reasonOf } from './changes.ts';
import type { Faults } from './faults.ts';

type Call = (...args: readonly unknown[]) => unknown;

/** They give batches until they end, and are told of their end by their signal. */
const STREAMS: ReadonlySet<string> = new Set(['containers.logs', 'containers.samples', 'system.events']);

/** The calls of one room, counted, and subject to faults. A caller that gives up is free at once; what had begun is carried out. */
export function guarded<T extends object>(room: string, calls: T, faults: Faults): T {
  return new Proxy(calls, {
    get: (target, method, receiver) => {
      const call: unknown = Reflect.get(target, method, receiver);
      if (typeof call !== 'function') return call;
      const name = `${room}.${String(method)}`;
      const made: Call = (...args) => call(...args);
      return STREAMS.has(name) ? streamed(name, made, faults) : called(name, made, faults);
    },
  });
}

function called(method: string, call: Call, faults: Faults): Call {
  return async (...args) => {
    const last = args.at(-1);
    const signal = last instanceof AbortSignal ? last : undefined;
    if (signal?.aborted) throw reasonOf(signal, `${method} was given up before it began`);
    const about = subject(args);
    const work = async (): Promise<unknown> => {
      try {
        await faults.before(method, about, signal);
        // It began: whoever asked cannot take it back any more.
        const result = await call(...args);
        await faults.after(method, about);
        return result;
      } finally {
        faults.over(method, about, signal);
      }
    };
    return await unlessAborted(work(), [faults.reach(), ...(signal ? [signal] : [])], method);
  };
}

function streamed(method: string, call: Call, faults: Faults): Call {
  return async function* (...args) {
    const own = args.at(-1);
    if (!(own instanceof AbortSignal)) throw new ContractError('internal', `${method} has no signal`);
    const signal = AbortSignal.any([own, faults.reach()]);
    if (signal.aborted) throw reasonOf(signal, `${method} was given up before it began`);
    await faults.before(method, subject(args), undefined);
    yield* call(...args.slice(0, -1), signal) as AsyncIterable<unknown>;
  };
}

/** What a call is about: the reference or name that comes first in it. */
function subject([first]: readonly unknown[]): string {
  if (typeof first === 'string') return first;
  if (typeof first !== 'object' || first === null || !('name' in first)) return '';
  return String(first.name);
}

async function unlessAborted<T>(
  work: Promise<T>,
  signals: readonly AbortSignal[],
  method: string,
): Promise<T> {
  const given_up = Promise.withResolvers<never>();
  const watched = signals.map((signal) => {
    const abort = (): void => given_up.reject(reasonOf(signal, `${method} was given up`));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, given_up.promise]);
  } finally {
    for (const forget of watched) forget();
  }
}
