import type { BerthEvent } from '../../contracts/berth-event.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { type Log, silentLog } from '../../src/runtime/log.ts';
import type { ContainerRow, NewContainer } from '../../src/store/container-row.ts';
import type { Journal } from '../../src/store/journal.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startWorker, WORKER_SETTINGS, type Worker, type WorkerSettings } from '../../src/worker/worker.ts';
import { aFolder } from './a-folder.ts';
import { aNewContainer } from './builders.ts';
import { eventually } from './eventually.ts';

export const IDENTITY = { instance: 'test-instance', key: Buffer.alloc(32, 7) };

/** Databases in a temp folder, and workers in this process on an engine that was given. */
export interface Workplace extends AsyncDisposable {
  readonly path: string;
  readonly store: Store;
  readonly journal: Journal;
  /** What was told over the bus. */
  readonly told: BerthEvent[];
  worker(
    name: string,
    options?: {
      readonly settings?: Partial<WorkerSettings>;
      readonly clock?: Clock;
      readonly engine?: Engine;
      readonly log?: Log;
    },
  ): Worker;
  /** A row for `spec`, and a worker told of it. */
  add(id: string, spec: ContainerSpec, given?: Partial<NewContainer>): ContainerRow;
  /** That row, once it satisfies the check. */
  until(id: string, check: (row: ContainerRow) => boolean, deadline?: number): Promise<ContainerRow>;
  events(id: string): Promise<readonly BerthEvent[]>;
  /** Its events as text: `status running`, `stdout line`, `done`. */
  story(id: string): Promise<readonly string[]>;
}

export async function aWorkplace(engine: Engine): Promise<Workplace> {
  const folder = await aFolder();
  const store = await openStore({ path: `${folder.path}/berth.db` });
  const journal = await openJournal({ path: `${folder.path}/logs.db` });
  const workers = new Set<Worker>();
  const told: BerthEvent[] = [];
  const events = async (id: string): Promise<readonly BerthEvent[]> => {
    const all: BerthEvent[] = [];
    for (let from = 1; ; ) {
      const page = await journal.read(id, from, 1000);
      const last = page.at(-1);
      if (last === undefined) return all;
      all.push(...page);
      from = last.seq + 1;
    }
  };
  return {
    path: folder.path,
    store,
    journal,
    told,
    worker: (
      name,
      { settings = {}, clock = systemClock, engine: other = engine, log = silentLog() } = {},
    ) => {
      const worker = startWorker(
        {
          name,
          store,
          journal,
          engine: other,
          identity: IDENTITY,
          publisher: {
            publish: (notice) => {
              if (notice.kind === 'events') told.push(...notice.events);
              else for (const one of workers) if (one !== worker) one.poke();
            },
          },
          clock,
          log,
        },
        { ...WORKER_SETTINGS, fallback_ms: 100, ...settings },
      );
      workers.add(worker);
      return worker;
    },
    add: (id, spec, given = {}) => {
      const row = store.containers.insert(aNewContainer({ id, spec, created_at: Date.now(), ...given }));
      store.containers.touch([id], Date.now());
      for (const worker of workers) worker.poke();
      return row;
    },
    until: (id, check, deadline) =>
      eventually(() => {
        const row = store.containers.get(id);
        if (row === undefined || !check(row))
          throw new Error(`${id} is ${row?.status} ${JSON.stringify(row?.reason)}`);
        return row;
      }, deadline),
    events,
    story: async (id) => (await events(id)).map(asText),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...workers].map((worker) => worker.stop()));
      await journal.close();
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function asText(event: BerthEvent): string {
  if (event.type === 'log') return `${event.stream} ${event.line}`;
  if (event.type === 'status') return `status ${event.status}`;
  if (event.type === 'gap') return `gap ${event.reason}`;
  return event.type;
}
