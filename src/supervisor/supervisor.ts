import type { Hub } from '../bus/hub.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import { formatProblem } from '../registry/format-problem.ts';
import type { RegistryProblem } from '../registry/problem.ts';
import type { ReadingCache } from '../registry/read-files.ts';
import type { Environment } from '../registry/reading/interpolate.ts';
import { scan } from '../registry/scan.ts';
import type { Log } from '../runtime/log.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import { startSweep } from './sweep.ts';
import { syncEntries } from './sync-entries.ts';
import { type EngineWatch, watchEngine } from './watch-engine.ts';

export interface SupervisorParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly hub: Hub;
  readonly log: Log;
  readonly now: () => number;
  /** Registry folders or files, absolute. */
  readonly roots: readonly string[];
  readonly folder: string;
  readonly environment: Environment;
  readonly retention_ms: number;
  /** Wakes the workers. */
  readonly poke: () => void;
  /** Calls back whenever registry files may have changed, with those that are still being written. */
  readonly watch: (
    roots: readonly string[],
    onWake: (unsettled: ReadonlySet<string>) => void,
  ) => { close(): Promise<void> };
  /** Told the problems of the registry whenever they change, as text. */
  readonly onProblems: (texts: readonly string[]) => void;
}

/** The root: registry → rows, rows’ eyes on the engine, what is over forgotten. Workers do the rest. */
export interface Supervisor {
  readonly engineWatch: EngineWatch;
  stop(): Promise<void>;
}

export async function startSupervisor(parts: SupervisorParts): Promise<Supervisor> {
  const { store, hub, log, now, roots, poke } = parts;
  const cache: ReadingCache = new Map();
  let told = '';
  let again: ReadonlySet<string> | undefined;
  let running: Promise<void> | undefined;

  /** Level-triggered: what woke it does not matter, the difference to the rows decides. */
  const syncOnce = async (unsettled: ReadonlySet<string>): Promise<void> => {
    const kept = store.entries.all();
    const seen = await scan({
      roots,
      kept,
      running: store.containers.declared(),
      environment: parts.environment,
      now: now(),
      unsettled,
      cache,
    });
    const before = new Set(store.subscriptions.all().map(({ id }) => id));
    const summary = syncEntries(store, seen, now());
    for (const made of store.subscriptions.all()) if (!before.has(made.id)) await hub.subscribed(made);
    if (summary.created.length + summary.changed.length + summary.removed.length > 0) {
      log.info(
        { created: summary.created, changed: summary.changed, removed: summary.removed },
        'the registry changed',
      );
      poke();
    }
    tell([...seen.problems, ...summary.problems]);
    if (summary.waiting.length > 0) setTimeout(() => wake(new Set()), 500).unref();
  };

  const tell = (problems: readonly RegistryProblem[]): void => {
    const texts = problems.map((problem) => formatProblem(problem, parts.folder));
    const now_told = texts.join('\n');
    if (now_told === told) return;
    told = now_told;
    parts.onProblems(texts);
  };

  /** One at a time; wakes during a sync are one more sync. */
  function wake(unsettled: ReadonlySet<string>): void {
    if (running !== undefined) {
      again = unsettled;
      return;
    }
    running = syncOnce(unsettled)
      .catch((error: unknown) =>
        log.error({ error }, 'the registry could not be brought to the rows; tried again at the next change'),
      )
      .finally(() => {
        running = undefined;
        const next = again;
        again = undefined;
        if (next !== undefined) wake(next);
      });
  }

  wake(new Set());
  await running;
  const files = parts.watch(roots, wake);
  const engineWatch = watchEngine(parts);
  const sweeping = startSweep(parts);
  return {
    engineWatch,
    stop: async () => {
      sweeping.stop();
      await files.close();
      await running;
      await engineWatch.stop();
    },
  };
}
