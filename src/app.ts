import { resolve } from 'node:path';
import type { BerthEvent } from '../contracts/berth-event.ts';
import type { JoinedSession } from '../contracts/session-wire.ts';
import { privateStore } from './build/private-inputs.ts';
import type { ListenRequest } from './bus/hub.ts';
import type { ComposeSource } from './compose/load-project.ts';
import { type Opener, opener } from './dispatch/client.ts';
import type { Engine } from './engine/engine.ts';
import { type EngineAddress, type House, openHouse } from './house.ts';
import { type ProcessApi, processApi } from './process-api.ts';
import type { RegistryProblem } from './registry/problem.ts';
import { systemClock } from './runtime/clock.ts';
import { type Config, readConfig } from './runtime/config.ts';
import { type DaemonLock, lockDaemon } from './runtime/daemon-lock.ts';
import { newId } from './runtime/ids.ts';
import { createLog, type Log } from './runtime/log.ts';
import { findStateFolder } from './runtime/state-folder.ts';
import { type Server, startServer } from './server/server.ts';
import { holdFile } from './store/hold-file.ts';
import { type Pool, startPool } from './supervisor/pool.ts';
import { type Supervisor, startSupervisor } from './supervisor/supervisor.ts';
import { VERSION } from './version.ts';
import { startWorker } from './worker/worker.ts';

const DAY_MS = 86_400_000;

export interface AppOptions {
  /** Registry folders or files. Left out: nothing is declared. */
  readonly registry?: string | readonly string[];
  /** A Compose project to run beside it; paths absolute. */
  readonly compose?: ComposeSource;
  /** Another place for the database than the state folder; the journal stands beside it. */
  readonly database?: string;
  /** An engine’s address (`unix:///…`), or an engine. Left out: the one that DOCKER_HOST, the docker context or the usual sockets lead to. */
  readonly engine?: string | EngineAddress | Engine;
  /** State folder. Default: the nearest `.berth`. */
  readonly state?: string;
  /** Worker processes; `in-process` (the default) does the work in this one. */
  readonly workers?: number | 'in-process';
  /** Serve the control socket, so that `berth` commands reach this app. Default: true. */
  readonly serve?: boolean;
  readonly log?: Log;
  /** Told the problems of the registry whenever they change. */
  readonly onProblems?: (texts: readonly string[], problems: readonly RegistryProblem[]) => void;
  /** Default: what the environment says. */
  readonly config?: Config;
}

/** Berth in this process. */
export interface App extends AsyncDisposable {
  readonly contract: Opener;
  readonly process: ProcessApi;
  /** Its control socket, when it serves one. */
  readonly socket: string | undefined;
  readonly house: House;
  listen(request: ListenRequest, signal: AbortSignal): AsyncIterable<readonly BerthEvent[]>;
  /** Join a session that `exec` or `attach` offered; it ends with the signal. */
  join(session_id: string, signal?: AbortSignal): JoinedSession;
  worker_pids(): readonly number[];
  /** Stops working; the containers go on. */
  close(): Promise<void>;
}

/** How long what is under way on the engine may take to end when Berth does. */
const PATIENCE_MS = 10_000;

/** Start Berth: supervisor, workers and, unless told otherwise, the control socket. Throws daemon_running when one has the state folder. */
export async function createApp(options: AppOptions = {}): Promise<App> {
  const config = options.config ?? readConfig();
  const log = options.log ?? createLog(config.log_level ?? 'warn');
  const state = options.state ?? config.state ?? findStateFolder('.');
  const house = await openHouse({
    config,
    state,
    log,
    ...(options.database !== undefined && { database: options.database }),
    ...(options.engine !== undefined && { engine: options.engine }),
  });
  const closers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // An engine that does not answer holds nobody up: what waits for it is then told that its client was closed.
    const late = setTimeout(() => void house.engine.close().catch(() => undefined), PATIENCE_MS);
    for (const closer of [...closers.reverse(), house.close]) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    clearTimeout(late);
    closers.length = 0;
    if (failures.length > 0) throw failures[0];
  };
  try {
    const lock: DaemonLock = lockDaemon(house.folder.lock, holdFile);
    closers.push(() => lock.release());
    await house.operations.endAbandoned();
    // Secrets and tars of builds whose row was never written, or is over: nobody else will forget them.
    await privateStore(house.folder.builds).keepOnly(house.store.builds.open());
    const pool = startWorkers(house, options, config);
    house.onPoke(pool.poke);
    closers.push(pool.stop);
    const supervisor = await supervise(house, options, config, pool, log);
    house.onPoke(() => {
      pool.poke();
      supervisor.poke();
    });
    house.onAttended({ ...supervisor.engineWatch, wanted: pool.wanted, pids: pool.pids });
    closers.push(supervisor.stop);
    const server: Server | undefined =
      options.serve === false
        ? undefined
        : await startServer(house.folder.socket, {
            dispatch: house.dispatch,
            hub: house.hub,
            version: VERSION,
            join: house.join,
          });
    if (server !== undefined) closers.push(server.close);
    closers.push(() => house.hub.close());
    return appOver(house, pool, server === undefined ? undefined : house.folder.socket, once(close));
  } catch (error) {
    await close();
    throw error;
  }
}

function appOver(house: House, pool: Pool, socket: string | undefined, close: () => Promise<void>): App {
  const self = newId('con');
  const listen: App['listen'] = (request, signal) => batchesOf(house, request, signal);
  return {
    contract: opener((request, { signal }) => house.call(request, { self, ...(signal && { signal }) })),
    process: processApi(self, listen),
    socket,
    house,
    listen,
    join: (session_id, signal = new AbortController().signal) => house.join(session_id, signal),
    worker_pids: pool.pids,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Listens at once, yields later. */
function batchesOf(
  { hub }: House,
  request: ListenRequest,
  signal: AbortSignal,
): AsyncIterable<readonly BerthEvent[]> {
  const listening = hub.listen(request);
  // Whoever reads is told when it fails; until somebody does, it is nobody’s defect.
  const end = (): void =>
    void listening.then(
      (listener) => listener.close(),
      () => undefined,
    );
  signal.addEventListener('abort', end, { once: true });
  listening.catch(() => undefined);
  if (signal.aborted) end();
  return (async function* () {
    const listener = await listening;
    try {
      for (let events = await listener.take(); events !== undefined; events = await listener.take())
        yield events;
    } finally {
      signal.removeEventListener('abort', end);
      listener.close();
    }
  })();
}

function supervise(
  house: House,
  options: AppOptions,
  config: Config,
  pool: Pool,
  log: Log,
): Promise<Supervisor> {
  return startSupervisor({
    ...house,
    log,
    now: systemClock.now,
    roots: options.registry === undefined ? [] : [options.registry].flat().map((root) => resolve(root)),
    ...(options.compose && { compose: options.compose }),
    folder: resolve('.'),
    environment: config.variables,
    retention_ms: 7 * DAY_MS,
    stopStreamsOf: house.operations.stopEndless,
    poke: pool.poke,
    onProblems:
      options.onProblems ??
      ((texts) => {
        for (const text of texts) log.warn(text);
      }),
  });
}

function startWorkers(house: House, { workers = 'in-process' }: AppOptions, config: Config): Pool {
  const { store, journal, engine, address, identity, hub, log, folder } = house;
  if (workers === 'in-process' || address === undefined) {
    const worker = startWorker({
      name: `${process.pid}.0`,
      store,
      journal,
      engine,
      identity,
      publisher: hub,
      clock: systemClock,
      log,
      builds_folder: folder.builds,
      probe_image: config.probe_image,
      ...(address !== undefined && { engine_host: address.host }),
    });
    return { poke: worker.poke, pids: () => [], wanted: 0, stop: worker.stop };
  }
  const settings = {
    database: folder.database,
    journal: folder.journal,
    builds_folder: folder.builds,
    engine: address.host,
    probe_image: config.probe_image,
    tls: address.tls,
    // No secrets: everybody may read a process’s command line.
    registries: {
      home: config.home,
      docker_config: config.docker_config,
      registry: config.registry,
      default_tag: config.default_tag,
    },
    instance: identity.instance,
    key: identity.key.toString('base64'),
    log_level: config.log_level ?? 'warn',
  };
  const main = new URL(`./worker/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  return startPool({ count: workers, main, settings, store, hub, log, now: systemClock.now });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
