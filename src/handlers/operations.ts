import { ContractError, type WireError } from '../../contracts/contract-error.ts';
import type { OperationEvent } from '../../contracts/operation-events.ts';
import type { Hub } from '../bus/hub.ts';
import { operationWriter } from '../bus/operation-writer.ts';
import { type Clock, timestamp } from '../runtime/clock.ts';
import { newId } from '../runtime/ids.ts';
import type { Journal, NewOperationEvent } from '../store/journal.ts';
import type { Store } from '../store/store.ts';

/** How it ended, for its one `done` event. */
export interface OperationEnd {
  readonly outcome: Extract<OperationEvent, { type: 'done' }>['outcome'];
  readonly exit_code?: number;
  readonly error?: WireError;
}

/** A stream of events to one target. */
export interface Operation {
  readonly id: string;
  /** Resolves once they are stored and told. Throws database_failed. */
  tell(events: readonly NewOperationEvent[]): Promise<void>;
  /** `done`, once; nothing may be told after it. */
  end(how: OperationEnd): Promise<void>;
  /** Ends when somebody stops it, or this Berth ends. */
  readonly signal: AbortSignal;
}

/** Streams of events that are no container’s. What they tell is kept like a container’s log: a listener that comes late, or comes back, misses nothing. */
export interface Operations {
  /** Throws too_many. */
  begin(request: {
    readonly kind: string;
    readonly target: { readonly reply_to: string; readonly topic: string };
    /** Another id than a new `op_…`, like that of a build. */
    readonly id?: string;
  }): Operation;
  /** Ask one to end. False when none of that id is under way here. */
  stop(id: string): boolean;
  /** Ask those of a receiver that is gone to end, as far as they would go on for ever. */
  stopEndless(reply_to: string): void;
  /** The work, with its end told whatever comes of it; what it throws is thrown. */
  during<T>(operation: Operation, work: () => Promise<T>): Promise<T>;
  /** Those that a former process left open are told to have failed. */
  endAbandoned(): Promise<void>;
  /** RFC 3339 with nanoseconds, for what nobody else times. */
  now(): string;
}

export interface OperationParts {
  readonly store: Pick<Store, 'operations'>;
  readonly journal: Pick<Journal, 'appendOperation'>;
  readonly hub: Hub;
  readonly clock: Clock;
}

/** What ends only when it is told to. */
const ENDLESS: ReadonlySet<string> = new Set(['stats', 'engine_events']);
/** Under way at once: each holds a connection to the engine. */
const MOST_OF_ONE = 200;
const MOST = 2000;

interface Running {
  readonly kind: string;
  readonly reply_to: string;
  readonly ending: AbortController;
}

/** Owner of what lives and dies with the daemon’s process. */
const DAEMON = 'daemon';

export function createOperations({ store, journal, hub, clock }: OperationParts): Operations {
  const running = new Map<string, Running>();
  const now = (): string => timestamp(clock.now());
  const doneEvent = (how: OperationEnd): NewOperationEvent => ({
    type: 'done',
    attempt: 1,
    ts: now(),
    ...how,
  });

  return {
    begin: ({ kind, target, id = newId('op') }) => {
      const { reply_to } = target;
      refuseTooMany([...running.values()], reply_to);
      const ending = new AbortController();
      store.operations.insert({ id, kind, owner: DAEMON, ...target, created_at: clock.now() });
      running.set(id, { kind, reply_to, ending });
      const { tell } = operationWriter(id, journal.appendOperation, hub);
      hub.subscribed({ stream_id: id, ...target, acked_seq: 0 });
      return {
        id,
        tell,
        signal: AbortSignal.any([ending.signal, hub.closed]),
        end: async (how) => {
          running.delete(id);
          await tell([doneEvent(how)]);
          store.operations.end(id, clock.now());
        },
      };
    },
    stop: (id) => {
      running.get(id)?.ending.abort(new ContractError('aborted', `${id} was stopped`));
      return running.has(id);
    },
    stopEndless: (receiver) => {
      for (const { kind, reply_to, ending } of running.values())
        if (reply_to === receiver && ENDLESS.has(kind))
          ending.abort(new ContractError('aborted', `${receiver} is gone`));
    },
    during: async (operation, work) => {
      try {
        const result = await work();
        await operation.end({ outcome: 'succeeded' });
        return result;
      } catch (error) {
        const known =
          error instanceof ContractError
            ? error
            : new ContractError('internal', error instanceof Error ? error.message : String(error), {
                cause: error,
              });
        await operation.end(
          operation.signal.aborted ? { outcome: 'ended' } : { outcome: 'failed', error: known.toWire() },
        );
        throw error;
      }
    },
    endAbandoned: async () => {
      const error = new ContractError(
        'interrupted',
        'the Berth that did it ended before it was done',
      ).toWire();
      for (const { stream_id, owner } of store.operations.open()) {
        if (owner !== DAEMON || running.has(stream_id)) continue;
        const { tell } = operationWriter(stream_id, journal.appendOperation, hub);
        await tell([doneEvent({ outcome: 'failed', error })]);
        store.operations.end(stream_id, clock.now());
      }
    },
    now,
  };
}

function refuseTooMany(all: readonly Running[], receiver: string): void {
  const own = all.filter(({ reply_to }) => reply_to === receiver).length;
  if (own < MOST_OF_ONE && all.length < MOST) return;
  const whose = own < MOST_OF_ONE ? 'altogether' : `for ${receiver === '' ? 'no receiver' : receiver}`;
  throw new ContractError(
    'too_many',
    `${own < MOST_OF_ONE ? MOST : MOST_OF_ONE} streams are under way ${whose}`,
  );
}
