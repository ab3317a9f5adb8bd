import type { BuildHashes } from '../build/build-hash.ts';
import type { Hub } from '../bus/hub.ts';
import type { ComposeSource } from '../compose/load-project.ts';
import { removeNetworkProbes } from '../engine/create-network.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import { formatProblem } from '../registry/format-problem.ts';
import type { RegistryProblem } from '../registry/problem.ts';
import type { ReadingCache } from '../registry/read-files.ts';
import type { Environment } from '../registry/reading/interpolate.ts';
import { type Scan, scan } from '../registry/scan.ts';
import { watchRegistry } from '../registry/watch.ts';
import type { Log } from '../runtime/log.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import { type Conductor, startConductor } from './groups/conductor.ts';
import { type Resources, startResources } from './resources.ts';
import { startSweep } from './sweep.ts';
import { startHelperSweep } from './sweep-helpers.ts';
import { syncEntries } from './sync-entries.ts';
import { resourceProblems, syncResources } from './sync-resources.ts';
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
  /** Compose files beside them. */
  readonly compose?: ComposeSource;
  readonly folder: string;
  readonly environment: Environment;
  readonly retention_ms: number;
  /** End the streams of a receiver that is gone. */
  readonly stopStreamsOf: (reply_to: string) => void;
  /** Wakes the workers. */
  readonly poke: () => void;
  /** Told the problems of the registry whenever they change, as text and as they are. */
  readonly onProblems: (texts: readonly string[], problems: readonly RegistryProblem[]) => void;
}

/** The root: registry → rows, rows’ eyes on the engine, what is over forgotten. Workers do the rest. */
export interface Supervisor {
  readonly engineWatch: EngineWatch;
  /** There may be something to do for it. */
  poke(): void;
  stop(): Promise<void>;
}

/** Resolves once the registry was read for the first time, so that workers begin with what it says. */
export async function startSupervisor(parts: SupervisorParts): Promise<Supervisor> {
  const { store, hub, log, now, roots, poke } = parts;
  const cache: ReadingCache = new Map();
  const hashes: BuildHashes = new Map();
  let told = '';
  let isFirst = true;
  let last: { readonly scan?: Scan; readonly problems: readonly RegistryProblem[] } = { problems: [] };
  let resources: Resources | undefined;
  let conductor: Conductor | undefined;

  /** Level-triggered: what woke it does not matter, the difference to the rows decides. True asks for another soon. */
  const rescan = async (unsettled: ReadonlySet<string>): Promise<boolean> => {
    const kept = store.entries.all();
    const seen = await scan({
      roots,
      kept,
      running: [...store.containers.declared(), ...store.resources.declared().filter(({ wanted }) => wanted)],
      environment: parts.environment,
      now: now(),
      unsettled,
      cache,
      hashes,
      ...(parts.compose && { compose: parts.compose }),
    });
    const before = new Set(store.subscriptions.all().map(({ id }) => id));
    // Before the containers, whose workers make what they join as it is declared.
    const isOther = syncResources(store, seen, now());
    const summary = await syncEntries(store, seen, now(), isFirst);
    isFirst = false;
    for (const made of store.subscriptions.all()) if (!before.has(made.id)) hub.subscribed(made);
    const { created, changed, removed } = summary;
    if (created.length + changed.length + removed.length > 0) {
      log.info({ created, changed, removed }, 'the registry changed');
      poke();
      conductor?.poke();
    }
    if (isOther) resources?.poke();
    files.alsoWatch(seen.named);
    last = { scan: seen, problems: [...seen.problems, ...summary.problems] };
    tell();
    return summary.waiting.length > 0;
  };

  const tell = (): void => {
    const problems = [...last.problems, ...resourceProblems(store, last.scan)];
    const texts = problems.map((problem) => formatProblem(problem, parts.folder));
    if (texts.join('\n') === told) return;
    told = texts.join('\n');
    parts.onProblems(texts, problems);
  };

  const first = Promise.withResolvers<void>();
  const files = watchRegistry(
    [...roots, ...(parts.compose?.files ?? [])],
    async (unsettled) => {
      try {
        const again = await rescan(unsettled);
        first.resolve();
        return again;
      } catch (error) {
        first.reject(error);
        throw error;
      }
    },
    // Trouble of the watching itself is no trouble: the registry is looked at now and then anyway.
    { onError: (error) => log.error({ error }, 'the registry could not be looked at; tried again soon') },
  );
  try {
    await first.promise;
  } catch (error) {
    await files.close();
    throw error;
  }
  // What was meant to run and does not is started, and what runs is followed again.
  store.containers.touch(
    store.containers.present().map(({ id }) => id),
    now(),
  );
  poke();
  resources = startResources({ ...parts, onChange: tell });
  // An engine that is away has nothing to be tidied up now; what is left is used when that network is made.
  const tidied = removeNetworkProbes(parts.engine, parts.identity).catch((error: unknown) =>
    log.debug({ error }, 'networks that were left half made could not be looked for'),
  );
  const engineWatch = watchEngine(parts);
  const sweeping = startSweep(parts);
  const helpers = startHelperSweep(parts);
  conductor = startConductor(parts);
  return {
    engineWatch,
    poke: () => conductor?.poke(),
    stop: async () => {
      conductor?.stop();
      sweeping.stop();
      await helpers.stop();
      await files.close();
      await resources?.stop();
      await engineWatch.stop();
      await tidied;
    },
  };
}
