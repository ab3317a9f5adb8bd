import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Engine } from '../engine/engine.ts';
import { type Identity, LABEL } from '../engine/labels.ts';
import type { EngineEvent } from '../engine/port/system-calls.ts';
import { fullReference, imageOf } from '../plan/mentioned.ts';
import type { Log } from '../runtime/log.ts';
import type { ContainerRow } from '../store/container-row.ts';
import type { Store } from '../store/store.ts';
import { compare, hasChanged, isBusy } from './compare-rows.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
const RELIST_MS = 5000;
/** So many containers are inspected at each relist, one after the other all of them. */
const CLOSER_EACH = 20;
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
  let turn = 0;

  /** Events only enqueue; one statement takes a burst of them. */
  const enqueue = (event: EngineEvent): void => {
    heard = performance.now();
    const ref = refOf(event, identity);
    if (ref === undefined) return;
    queued.add(ref);
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  const flush = (): void => {
    scheduled = false;
    const refs = queued;
    queued = new Set();
    // A foreign container’s end may free a name that a row of ours waits for.
    guarded('touching rows', () => {
      const ids = [...refs].flatMap((ref) => rowsOf(ref, store));
      if (ids.length > 0 && store.containers.touch(ids, now()) > 0) poke();
    });
    // Its own start and stop join and leave its networks, too: only what is otherwise than it was is looked at.
    const joined = [...refs].flatMap((ref) =>
      ref.startsWith('joined:') ? (store.containers.byEngineId(ref.slice(7)) ?? []) : [],
    );
    if (joined.length > 0) void lookCloser(joined).catch(lost);
  };

  /** What no list shows: limits, aliases, the network behind a name. */
  const lookCloser = async (rows: readonly ContainerRow[]): Promise<void> => {
    const changed = await Promise.all(
      rows.map(async ({ id, engine_id, observed }) => {
        if (engine_id === null || observed === null) return [];
        const seen = await engine.containers.inspect(engine_id, ending.signal);
        return seen === undefined || !hasChanged(observed, seen) ? [] : [id];
      }),
    );
    guarded('touching rows', () => {
      // By now somebody may have it in hand.
      const ids = changed.flat().filter((id) => {
        const row = store.containers.get(id);
        return row !== undefined && !isBusy(row, now());
      });
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
    let alike: readonly ContainerRow[] = [];
    guarded('comparing rows', () => {
      const rows = store.containers.present();
      const { as_said, differing } = compare(rows, summaries, now());
      const said = new Set(as_said);
      alike = rows.filter(({ id }) => said.has(id));
      store.containers.seen(as_said, now());
      if (differing.length > 0 && store.containers.touch(differing, now()) > 0) poke();
    });
    if (ending.signal.aborted || alike.length === 0) return;
    const from = (turn * CLOSER_EACH) % alike.length;
    turn += 1;
    await lookCloser([...alike, ...alike].slice(from, from + Math.min(CLOSER_EACH, alike.length)));
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

/** What an event is about, as far as it may concern rows; undefined when it does not. */
function refOf({ type, action, id, name, attributes }: EngineEvent, identity: Identity): string | undefined {
  switch (type) {
    case 'container':
      if (NOISE.test(action)) return undefined;
      return attributes[LABEL.instance] === identity.instance
        ? `id:${attributes[LABEL.id] ?? ''}`
        : `name:${name ?? ''}`;
    case 'network':
      return attributes['container'] === undefined ? undefined : `joined:${attributes['container']}`;
    case 'image':
      return MOVES_TAGS.has(action) ? `image:${action === 'tag' ? (name ?? '') : id}` : undefined;
    default:
      return undefined;
  }
}

/** By these a tag may name another image. */
const MOVES_TAGS: ReadonlySet<string> = new Set(['tag', 'pull', 'load', 'import']);

/** A foreign container’s end may free a name that a row of ours waits for; a tag that moved is another image to all who run it. */
function rowsOf(ref: string, { containers }: Store): readonly string[] {
  const [kind = ''] = ref.split(':', 1);
  const rest = ref.slice(kind.length + 1);
  if (kind === 'id') return [rest];
  if (kind === 'name') return [containers.find(rest)?.id ?? []].flat();
  if (kind !== 'image') return [];
  const reference = fullReference(rest);
  return containers
    .present()
    .filter(
      ({ spec, image_id, group_name }) =>
        // A group is rolled, not made anew all at once.
        group_name === null && image_id !== null && fullReference(imageOf(spec)) === reference,
    )
    .map(({ id }) => id);
}
