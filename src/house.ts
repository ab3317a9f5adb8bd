import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isOperationId } from '../contracts/berth-event.ts';
import { containers } from '../contracts/containers.ts';
import type { Caller } from '../contracts/contract.ts';
import { groups } from '../contracts/groups.ts';
import { images } from '../contracts/images.ts';
import { networks } from '../contracts/networks.ts';
import type { JoinedSession } from '../contracts/session-wire.ts';
import { system } from '../contracts/system.ts';
import { volumes } from '../contracts/volumes.ts';
import { privateStore } from './build/private-inputs.ts';
import { createHub, type Hub } from './bus/hub.ts';
import { bind, createDispatch, type Dispatch } from './dispatch/dispatch.ts';
import type { Engine } from './engine/engine.ts';
import type { Identity } from './engine/labels.ts';
import { type Located, locateEngine } from './engine/locate.ts';
import { openEngine } from './engine/open-engine.ts';
import type { TlsSurroundings } from './engine/parse-host.ts';
import { registriesOf } from './engine/registries.ts';
import { containerHandlers } from './handlers/containers.ts';
import { groupHandlers } from './handlers/groups.ts';
import { imageHandlers } from './handlers/images.ts';
import { networkHandlers } from './handlers/networks.ts';
import { createOperations, type Operations } from './handlers/operations.ts';
import { sessionParts } from './handlers/sessions/session-parts.ts';
import type { Attendance } from './handlers/system/health.ts';
import { systemHandlers } from './handlers/system.ts';
import { volumeHandlers } from './handlers/volumes.ts';
import { systemClock } from './runtime/clock.ts';
import type { Config } from './runtime/config.ts';
import type { Log } from './runtime/log.ts';
import { prepareStateFolder, readIdentity, type StateFolder, stateFolder } from './runtime/state-folder.ts';
import type { Journal } from './store/journal.ts';
import { openJournal } from './store/open-journal.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

export interface HouseOptions {
  readonly config: Config;
  /** State folder. */
  readonly state: string;
  /** Another place for `berth.db`. */
  readonly database?: string;
  /** An engine’s address, or an engine; left out: the one that is found. */
  readonly engine?: string | EngineAddress | Engine;
  readonly log: Log;
  /** Sockets of private engines to look for last. */
  readonly more_sockets?: readonly string[];
}

/** Where an engine is, and by which certificates. */
export interface EngineAddress {
  readonly host: string;
  readonly tls: TlsSurroundings;
}

/** Everything that stands between a state folder and an engine, with nobody at work in it yet. */
export interface House {
  readonly folder: StateFolder;
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: Engine;
  /** Undefined when an engine was handed in. */
  readonly address: EngineAddress | undefined;
  readonly identity: Identity;
  readonly hub: Hub;
  readonly operations: Operations;
  readonly dispatch: Dispatch;
  readonly log: Log;
  /** What `poke` does, once somebody works here. */
  onPoke(poke: () => void): void;
  /** Somebody works here now: handlers learn from them how the engine is; without, they ask it. */
  onAttended(attendance: Attendance): void;
  call(
    request: { readonly contract_id: string; readonly method: string; readonly input: unknown },
    by: { readonly self: string; readonly caller?: Caller; readonly signal?: AbortSignal },
  ): Promise<unknown>;
  /** Join a session that a call offered. Throws not_found. */
  join(session_id: string, signal: AbortSignal): JoinedSession;
  close(): Promise<void>;
}

/** Open the databases and make the parts. Throws schema_newer, database_failed, engine_unreachable (none found), invalid_config. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { config, log } = options;
  const folder = stateFolder(options.state, config.socket_dir);
  prepareStateFolder(folder);
  const given = addressOf(options);
  const registries = registriesOf(config);
  const engine = 'host' in given ? openEngine(given.host, given.tls, registries) : given;
  const identity = readIdentity(folder);
  const database = options.database === undefined ? folder.database : resolve(options.database);
  const store = await openStore({ path: database });
  let journal: Journal;
  try {
    journal = await openJournal({
      path: options.database === undefined ? folder.journal : resolve(dirname(database), 'logs.db'),
    });
  } catch (error) {
    store.close();
    throw error;
  }
  let poke = (): void => undefined;
  let attendance: Attendance | undefined;
  const hub = createHub({
    replay: journal.read,
    nextSeq: async (id) => (await journal.state(id)).next_seq,
    subscriptionsOf: ({ reply_to, topic }) => [
      ...store.subscriptions.ofTarget(reply_to, topic),
      ...(reply_to === '' ? [] : store.subscriptions.ofTarget('', topic)),
      ...store.operations.ofTarget(reply_to, topic),
      ...(reply_to === '' ? [] : store.operations.ofTarget('', topic)),
    ],
    onHeard: ({ stream_id, topic }, seq) => {
      if (isOperationId(stream_id)) store.operations.ack(stream_id, seq);
      else store.subscriptions.ack(stream_id, { topic }, seq);
    },
    onPoke: () => poke(),
    log,
  });
  const operations = createOperations({ store, journal, hub, clock: systemClock });
  const sessions = sessionParts(engine);
  const parts = {
    sessions,
    operations,
    store,
    journal,
    engine,
    identity,
    hub,
    clock: systemClock,
    poke: () => poke(),
    attended: () => attendance !== undefined,
    engineAnswers: async () => attendance?.answers() ?? (await asks(engine)),
  };
  const dispatch = createDispatch(
    [
      bind(containers, containerHandlers(parts)),
      bind(images, imageHandlers({ ...parts, registries, private_inputs: privateStore(folder.builds) })),
      bind(groups, groupHandlers({ ...parts, engine_host: machineOf(given) })),
      bind(networks, networkHandlers(parts)),
      bind(volumes, volumeHandlers(parts)),
      bind(system, systemHandlers({ ...parts, attendance: () => attendance })),
    ],
    log,
    { strict: config.strict_errors === true },
  );
  return {
    folder,
    store,
    journal,
    engine,
    address: 'host' in given ? given : undefined,
    identity,
    hub,
    operations,
    dispatch,
    log,
    onPoke: (wanted) => {
      poke = wanted;
    },
    onAttended: (wanted) => {
      attendance = wanted;
    },
    call: (
      { contract_id, method, input },
      { self, caller = { kind: 'operator' }, signal = new AbortController().signal },
    ) => dispatch({ contract_id, method, input, caller, self, signal }),
    join: sessions.offers.join,
    close: async () => {
      hub.close();
      await sessions.close();
      await engine.close();
      await journal.close();
      store.close();
    },
  };
}

/** Where the engine publishes ports, as this machine reaches it. */
function machineOf(given: Engine | EngineAddress): string {
  if (!('host' in given) || !/^(tcp|https?|ssh):/.test(given.host)) return 'localhost';
  return new URL(given.host.replace(/^(tcp|ssh):/, 'http:')).hostname;
}

/** The engine that this environment means, or the one that is asked for. Throws engine_unreachable when none is found. */
export function engineOf(
  config: Config,
  more_sockets: readonly string[],
  explicit?: string,
): EngineAddress & Located {
  const { home, docker_host, docker_context, docker_config, runtime_dir } = config;
  const around = {
    home,
    more_sockets,
    ...(docker_host && { docker_host }),
    ...(docker_context && { docker_context }),
    ...(docker_config && { docker_config }),
    ...(runtime_dir && { runtime_dir }),
  };
  const located = locateEngine(around, explicit);
  return { ...located, tls: located.tls ?? environmentTls(config) };
}

/** As docker’s own client takes it: what is verified without a path is verified by what lies in docker’s own folder. */
function environmentTls({ home, docker_config, cert_path, tls_verify }: Config): TlsSurroundings {
  const usual = docker_config ?? join(home, '.docker');
  const path = cert_path ?? (tls_verify && existsSync(join(usual, 'ca.pem')) ? usual : undefined);
  return { cert_path: path, verify: tls_verify };
}

function addressOf({ engine, config, more_sockets = [] }: HouseOptions): Engine | EngineAddress {
  return typeof engine === 'object' ? engine : engineOf(config, more_sockets, engine);
}

async function asks(engine: Engine): Promise<boolean> {
  try {
    await engine.system.ping(AbortSignal.timeout(2000));
    return true;
  } catch {
    return false;
  }
}
