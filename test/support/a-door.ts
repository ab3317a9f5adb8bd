import { containers } from '../../contracts/containers.ts';
import type { Client } from '../../contracts/contract.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { createHub, type Hub } from '../../src/bus/hub.ts';
import { opener } from '../../src/dispatch/client.ts';
import { bind, createDispatch, type Dispatch } from '../../src/dispatch/dispatch.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { containerHandlers } from '../../src/handlers/containers.ts';
import { createOperations, type Operations } from '../../src/handlers/operations.ts';
import type { Offers } from '../../src/handlers/sessions/offers.ts';
import { sessionParts } from '../../src/handlers/sessions/session-parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Journal } from '../../src/store/journal.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aFolder } from './a-folder.ts';
import { IDENTITY } from './a-workplace.ts';

/** The door with everything real behind it but workers: a memory engine, and databases in a temp folder. */
export interface Door extends AsyncDisposable {
  readonly docker: Client<typeof containers>;
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly hub: Hub;
  readonly operations: Operations;
  readonly dispatch: Dispatch;
  readonly join: Offers['join'];
  /** A socket path in its folder. */
  readonly socket: string;
  /** The same methods as another receiver. */
  as(self: string): Client<typeof containers>;
  /** Engine calls so far, by name. */
  calls(): Readonly<Record<string, number>>;
  /** Whether the engine answers; it does at first. */
  answers: boolean;
}

export async function aDoor(): Promise<Door> {
  const folder = await aFolder();
  const store = await openStore({ path: `${folder.path}/berth.db` });
  const journal = await openJournal({ path: `${folder.path}/logs.db` });
  const engine = openMemoryEngine();
  const hub = createHub({
    replay: journal.read,
    nextSeq: async (id) => (await journal.state(id)).next_seq,
    subscriptionsOf: ({ reply_to, topic }) => [
      ...store.subscriptions.ofTarget(reply_to, topic),
      ...store.operations.ofTarget(reply_to, topic),
    ],
    onHeard: ({ stream_id }, seq) => store.operations.ack(stream_id, seq),
    onPoke: () => undefined,
    log: silentLog(),
  });
  const operations = createOperations({ store, journal, hub, clock: systemClock });
  const sessions = sessionParts(engine);
  const parts = {
    sessions,
    store,
    journal,
    engine,
    hub,
    identity: IDENTITY,
    operations,
    clock: systemClock,
    poke: () => undefined,
    attended: () => true,
    engineAnswers: async () => door.answers,
  };
  const bindings = [bind(containers, containerHandlers(parts))];
  const dispatch = createDispatch(bindings, silentLog(), { strict: true });
  const as = (self: string): Client<typeof containers> =>
    opener((request, { signal = new AbortController().signal }) =>
      dispatch({ ...request, caller: { kind: 'operator' }, self, signal }),
    ).open(containers);
  const door: Door = {
    docker: as('me'),
    operations,
    dispatch,
    join: sessions.offers.join,
    socket: `${folder.path}/berth.sock`,
    as,
    store,
    journal,
    engine,
    hub,
    answers: true,
    calls: () => engine.counts(),
    [Symbol.asyncDispose]: async () => {
      hub.close();
      await sessions.close();
      await engine.close();
      await journal.close();
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
  return door;
}

/** What a call was refused with: code, and paths of what is wrong. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly paths: readonly string[] }> {
  try {
    await call;
  } catch (error) {
    if (!isContractError(error)) throw error;
    const { code, message, problems = [] } = error;
    return { code, message, paths: problems.map(({ path }) => path).toSorted() };
  }
  throw new Error('it was not refused');
}
