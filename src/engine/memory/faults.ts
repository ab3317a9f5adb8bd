import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { Control } from './control.ts';

/** What calls meet on their way into the engine and out again. */
export interface Faults {
  readonly control: Omit<Control, 'publish'>;
  counts(): Readonly<Record<string, number>>;
  /** Throws the failure that is due; else resolves when the call is to be carried out. */
  before(method: string, name: string, signal: AbortSignal | undefined): Promise<void>;
  /** Resolves when its caller is to know. Throws when the engine became unreachable. */
  after(method: string, name: string): Promise<void>;
  /** The call is over, one way or the other. */
  over(method: string, name: string, signal: AbortSignal | undefined): void;
  /** Aborted with engine_unreachable when the engine gets so, and with aborted when it closes. */
  reach(): AbortSignal;
  close(): void;
}

interface Hold {
  readonly method: string;
  readonly name: string;
  hangs: boolean;
  readonly hanging: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
}

/** Calls that change a container, of which one is made at a time by whoever it belongs to. */
const CHANGES: ReadonlySet<string> = new Set(
  ['create', 'start', 'stop', 'remove', 'update'].map((verb) => `containers.${verb}`),
);

export function newFaults(): Faults {
  const counts = new Map<string, number>();
  const made: string[] = [];
  const delays = new Map<string, number>();
  const failures = new Map<string, ErrorCode[]>();
  const { begin, over, seen } = overlapping();
  let reach = new AbortController();
  let hold: Hold | undefined;
  const delay = (method: string): Promise<void> | undefined => {
    const most = delays.get(method) ?? 0;
    return most === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, Math.random() * most));
  };
  const hang = async (method: string, name: string): Promise<void> => {
    if (hold === undefined || hold.hangs || hold.method !== method || hold.name !== name) return;
    hold.hangs = true;
    hold.hanging.resolve();
    await hold.released.promise;
  };
  const counted = (): Readonly<Record<string, number>> => Object.fromEntries(counts);
  return {
    counts: counted,
    before: async (method, name, signal) => {
      counts.set(method, (counts.get(method) ?? 0) + 1);
      reach.signal.throwIfAborted();
      const code = failures.get(method)?.shift();
      if (code !== undefined) throw new ContractError(code, `${method} ${name} fails, as a test wanted`);
      if (CHANGES.has(method)) begin(method, name, signal);
      await hang(method, name);
      await delay(method);
    },
    after: async (method, name) => {
      if (method === 'containers.create') made.push(name);
      await delay(method);
      reach.signal.throwIfAborted();
    },
    over,
    reach: () => reach.signal,
    close: () => reach.abort(new ContractError('aborted', 'the engine’s client was closed')),
    control: {
      counts: async () => counted(),
      made: async () => [...made],
      overlaps: async () => [...seen],
      slow: async (method, ms) => void delays.set(method, ms),
      fail: async (method, code, times) =>
        void failures.set(
          method,
          Array.from({ length: times }, () => code),
        ),
      unreachable: async (isSo) => {
        if (isSo) reach.abort(new ContractError('engine_unreachable', 'the memory engine does not answer'));
        else if (reach.signal.aborted) reach = new AbortController();
      },
      hold: async (method, name) => {
        hold = {
          method,
          name,
          hangs: false,
          hanging: Promise.withResolvers(),
          released: Promise.withResolvers(),
        };
      },
      held: async () => await hold?.hanging.promise,
      release: async () => {
        hold?.released.resolve();
        hold = undefined;
      },
    },
  };
}

/** Who changes which container now. A caller that went away does not count any more. */
function overlapping() {
  const busy = new Map<string, AbortSignal>();
  const seen: string[] = [];
  return {
    seen,
    begin: (method: string, name: string, signal: AbortSignal | undefined): void => {
      const other = busy.get(name);
      if (other !== undefined && !other.aborted) seen.push(`${method} ${name}`);
      if (signal !== undefined) busy.set(name, signal);
    },
    over: (_method: string, name: string, signal: AbortSignal | undefined): void => {
      if (busy.get(name) === signal) busy.delete(name);
    },
  };
}
