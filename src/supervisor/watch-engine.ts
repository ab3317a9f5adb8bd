import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Engine } from '../engine/engine.ts';
import { type Identity, LABEL } from '../engine/labels.ts';
import type { ContainerSummary } from '../engine/port/container-calls.ts';
import type { EngineEvent } from '../engine/port/system-calls.ts';
import type { EngineState } from '../plan/observed.ts';
import type { Log } from '../runtime/log.ts';
import type { ContainerRow } from '../store/container-row.ts';
import type { Store } from '../store/store.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
const RELIST_MS = 5000;
/** What these tell shows up as a `start`, a `die` or in a relist. */
const NOISE = /^(exec_|top|resize|attach|detach|commit|copy|export)/;

/** Keeps rows’ eyes on the engine: whatever differs from the row is looked at by a worker. */
export interface EngineWatch {
  /** Whether the engine answered last time. */
  answers(): boolean;
  /** Milliseconds since the engine was last heard. */
  age(): number;
  stop(): Promise<void>;
}

export interface EngineWatchParts {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly store: Store;
  readonly now: () => number;
  readonly poke: () => void;
  readonly log: Log;
}

/** Events tell at once, a relist every few seconds and at each connect tells what events lost. An outage touches nothing. */
export function watchEngine({ engine, identity, store, now, poke, log }: EngineWatchParts): EngineWatch {
  const ending = new AbortController();
  let answering = true;
  let heard = performance.now();
  let queued = new Set<string>();
  let scheduled = false;

  /** Events only enqueue; one statement takes a burst of them. */
  const enqueue = (event: EngineEvent): void => {
    heard = performance.now();
    if (event.type !== 'container' || NOISE.test(event.action)) return;
    queued.add(
      event.attributes[LABEL.instance] === identity.instance
        ? `id:${event.attributes[LABEL.id] ?? ''}`
        : `name:${event.name ?? ''}`,
    );
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  const flush = (): void => {
    scheduled = false;
    const refs = queued;
    queued = new Set();
    // A foreign container’s end may free a name that a row of ours waits for.
    const ids = [...refs].flatMap((ref) =>
      ref.startsWith('id:') ? ref.slice(3) : (store.containers.find(ref.slice(5))?.id ?? []),
    );
    guarded('touching rows', () => {
      if (ids.length > 0 && store.containers.touch(ids, now()) > 0) poke();
    });
  };

  /** Never two at once: a slow engine is asked again when it has answered, and once more if that was wanted meanwhile. */
  const relist = oneAtATime(async () => {
    const { signal } = ending;
    const summaries = await engine.containers.list(
      { labels: { [LABEL.instance]: identity.instance } },
      signal,
    );
    heard = performance.now();
    if (!answering) log.info('the engine answers again');
    answering = true;
    guarded('comparing rows', () => {
      const { as_said, differing } = compare(store.containers.present(), summaries, now());
      store.containers.seen(as_said, now());
      if (differing.length > 0 && store.containers.touch(differing, now()) > 0) poke();
    });
  });
  const relistNow = (): void => void relist().catch(lost);

  const guarded = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.warn({ error }, `${what} failed`);
    }
  };

  const lost = (error: unknown): void => {
    if (answering && !ending.signal.aborted)
      log.warn(error instanceof ContractError ? error.message : String(error));
    answering = false;
  };

  const listen = async (): Promise<void> => {
    let delay = FIRST_DELAY;
    while (!ending.signal.aborted) {
      try {
        for await (const event of engine.system.events({}, ending.signal)) {
          if ('action' in event) enqueue(event);
          // Not waited for: events come on meanwhile, and an engine drops them for a reader that does not read.
          else relistNow();
          delay = FIRST_DELAY;
        }
      } catch (error) {
        lost(error);
      }
      await pause(delay, undefined, { signal: ending.signal }).catch(() => undefined);
      delay = Math.min(LONGEST_DELAY, delay * 2);
    }
  };

  const relisting = setInterval(relistNow, RELIST_MS);
  const listening = listen();
  return {
    answers: () => answering,
    age: () => performance.now() - heard,
    stop: async () => {
      ending.abort();
      clearInterval(relisting);
      await listening;
      await relist().catch(lost);
    },
  };
}

/** While one goes on, those who ask share the one that begins after it. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let now: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    const mine = work().finally(() => {
      if (now === mine) now = undefined;
    });
    now = mine;
    return mine;
  };
  return () => {
    if (now === undefined) return begin();
    next ??= now
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}

const STATES_OF: { readonly [S in EngineState]: ReadonlySet<string> } = {
  created: new Set(['stopped', 'creating', 'starting', 'failed', 'pulling']),
  running: new Set(['running', 'starting']),
  paused: new Set(['paused']),
  restarting: new Set(['restarting']),
  removing: new Set(['stopping']),
  exited: new Set(['stopped', 'failed']),
  dead: new Set(['failed']),
};

/** Which rows are as the engine shows them, and which should be looked at. Pure. */
export function compare(
  rows: readonly ContainerRow[],
  summaries: readonly ContainerSummary[],
  now: number,
): { readonly as_said: readonly string[]; readonly differing: readonly string[] } {
  const known = new Set(rows.map(({ engine_id }) => engine_id));
  // While one is replaced there are two of a row: it shows the one that it knows.
  const byId = new Map(
    summaries
      .toSorted((a, b) => Number(known.has(a.id)) - Number(known.has(b.id)))
      .map((seen) => [seen.labels[LABEL.id] ?? '', seen]),
  );
  const as_said: string[] = [];
  const differing: string[] = [];
  for (const row of rows) {
    const seen = byId.get(row.id);
    // Somebody holds it, or it has its own time: not ours to hurry.
    if (row.claimed_by !== null || (row.next_attempt_at !== null && row.next_attempt_at > now)) continue;
    if (
      seen === undefined
        ? row.engine_id === null
        : seen.id === row.engine_id && STATES_OF[seen.state].has(row.status)
    )
      as_said.push(row.id);
    else differing.push(row.id);
  }
  return { as_said, differing };
}
