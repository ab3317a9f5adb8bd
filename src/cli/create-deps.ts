import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { containers } from '../../contracts/containers.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { ContainerEvent } from '../../contracts/events.ts';
import { system } from '../../contracts/system.ts';
import { createApp } from '../app.ts';
import { connect } from '../connect.ts';
import { opener } from '../dispatch/client.ts';
import { createDispatch } from '../dispatch/dispatch.ts';
import type { Engine } from '../engine/engine.ts';
import { openEngine } from '../engine/open-engine.ts';
import { registriesOf } from '../engine/registries.ts';
import { engineHandlers } from '../handlers/system/engine-handlers.ts';
import { type EngineAddress, engineOf, type House, openHouse } from '../house.ts';
import { adoptContainers } from '../operator/adopt.ts';
import { composeSource } from '../operator/compose-source.ts';
import { type DownReport, endDaemon, removeAll, removeGroup } from '../operator/down.ts';
import { importCompose } from '../operator/import-compose.ts';
import { planAll } from '../operator/plan.ts';
import { makeQuickstartImage } from '../operator/quickstart-image.ts';
import { declaredIn, findingsOf, readRegistry } from '../operator/validate.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Config, readConfig } from '../runtime/config.ts';
import { lockDaemon, runningDaemon } from '../runtime/daemon-lock.ts';
import { newId } from '../runtime/ids.ts';
import { createLog, type LogLevel } from '../runtime/log.ts';
import { dieOnDefects } from '../runtime/shutdown.ts';
import { findStateFolder, stateFolder } from '../runtime/state-folder.ts';
import { holdFile } from '../store/hold-file.ts';
import { flat } from './flat.ts';
import { privateEngine } from './private-engine.ts';
import { queue } from './queue.ts';
import type { Deps, Place, RunningBerth, Session } from './session.ts';
import { lastingErrors } from './up/lasting-errors.ts';

const IN_ORDER = 'The registry is in order again.';

/** What the commands need, made of the whole house: the command line’s composition root. */
export function createDeps({
  signal,
  level,
}: {
  readonly signal: AbortSignal;
  readonly level: LogLevel;
}): Deps {
  const config = readConfig();
  const log = createLog(config.log_level ?? level);
  const ours = privateEngine(config);
  const openHere = ({ host, tls }: EngineAddress): Engine => openEngine(host, tls, registriesOf(config));
  const stateOf = ({ state }: Place): string => state ?? config.state ?? findStateFolder('.');
  const folderOf = (place: Place): ReturnType<typeof stateFolder> =>
    stateFolder(stateOf(place), config.socket_dir);
  const open = (place: Place): Promise<House> =>
    openHouse({
      config,
      log,
      state: stateOf(place),
      more_sockets: ours.sockets(),
      ...(place.engine !== undefined && { engine: place.engine }),
    });

  return {
    now: Date.now,
    quickstartRegistry: fileURLToPath(new URL(packaged('registry/examples/quickstart'), import.meta.url)),
    session: async (place) => {
      const folder = folderOf(place);
      if (runningDaemon(folder.lock) !== undefined) return overSocket(folder.socket);
      if (!existsSync(folder.database))
        throw new ContractError('daemon_not_running', `there is no Berth in ${folder.path}`);
      return overHouse(await open(place));
    },
    engineSession: async (place) => {
      const folder = folderOf(place);
      // Another engine than the daemon’s is asked as it is.
      if (place.engine === undefined && runningDaemon(folder.lock) !== undefined)
        return overSocket(folder.socket);
      return overEngine(
        openHere(engineOf(config, ours.sockets(), place.engine)),
        config.strict_errors === true,
      );
    },
    up: (request) => up(request, config, log, ours.sockets()),
    validate: async (declared) => {
      const seen = await readRegistry(declared, config.variables, Date.now());
      return {
        files: seen.files,
        entries: declaredIn(seen),
        findings: findingsOf(seen, resolve('.')),
      };
    },
    importCompose: (request) => importCompose(request, config.variables),
    plan: async (declared, place) => {
      const seen = await readRegistry(declared, config.variables, Date.now());
      return { ...(await planWith(seen, place)), findings: findingsOf(seen, resolve('.')) };
    },
    down: async ({ group, volumes, images, ...place }, onRemoved, ending) => {
      const folder = folderOf(place);
      const daemon = runningDaemon(folder.lock) !== undefined;
      const scope = {
        ...(group !== undefined && { group }),
        ...(volumes !== undefined && { volumes }),
        ...(images !== undefined && { images }),
      };
      const asked = daemon && group !== undefined ? await overSocket(folder.socket) : undefined;
      if (asked === undefined) await endDaemon(folder.lock);
      if (!existsSync(folder.database)) return { removed: [], failed: [] };
      const house = await open(place);
      try {
        if (asked === undefined || group === undefined)
          return await removeAll(house, scope, onRemoved, ending);
        const teardown = async (): Promise<DownReport> => {
          const down = await asked.containers.teardown({ group, wait: true }, { signal: ending });
          const names = down.containers.flatMap(({ name, status }) => (status === 'removed' ? [name] : []));
          return { removed: names, failed: down.failed };
        };
        return await removeGroup(house, { ...scope, group }, teardown, onRemoved, ending);
      } finally {
        await house.close();
        await asked?.close();
      }
    },
    adopt: async (place) => {
      const house = await open(place);
      try {
        const lock = lockDaemon(house.folder.lock, holdFile);
        try {
          return await adoptContainers({ ...house, now: Date.now(), signal });
        } finally {
          lock.release();
        }
      } finally {
        await house.close();
      }
    },
    engine: {
      ...ours,
      ready: async (say, ending) => {
        try {
          const found = engineOf(config, ours.sockets());
          const { host, found_by } = found;
          await withEngine(found, (engine) => engine.system.ping(ending));
          say(`Found a Docker Engine by ${found_by}.`);
          return host;
        } catch (error) {
          if (
            !(error instanceof ContractError) ||
            error.code !== 'engine_unreachable' ||
            config.docker_host !== undefined
          )
            throw error;
          say('No Docker Engine answers on this machine.');
          await ours.install(say, ending);
          const { host } = await ours.start(say, ending);
          return host ?? '';
        }
      },
    },
    quickstartImage: (host, say, ending) =>
      withEngine(engineOf(config, ours.sockets(), host), (engine) =>
        makeQuickstartImage(engine, ours.busybox, say, ending),
      ),
  };

  async function planWith(
    seen: Awaited<ReturnType<typeof readRegistry>>,
    place: Place,
  ): Promise<Awaited<ReturnType<typeof planAll>>> {
    if (existsSync(folderOf(place).database)) {
      const house = await open(place);
      try {
        const rows = house.store.containers.declared();
        return await planAll(seen, { ...house, rows, resources: house.store.resources.declared(), signal });
      } finally {
        await house.close();
      }
    }
    // Nothing was ever started from here: nothing on the engine is ours, and no state folder is made for a look.
    const address = engineOf(config, ours.sockets(), place.engine);
    const identity = { instance: 'none', key: randomBytes(32) };
    return withEngine(address, (engine) =>
      planAll(seen, { engine, identity, rows: [], resources: [], signal }),
    );
  }

  async function withEngine<T>(
    { host, tls }: EngineAddress,
    work: (engine: ReturnType<typeof openEngine>) => Promise<T>,
  ): Promise<T> {
    const engine = openHere({ host, tls });
    try {
      return await work(engine);
    } finally {
      await engine.close();
    }
  }
}

/** From the sources and from the compiled package alike. */
function packaged(path: string): string {
  return import.meta.url.endsWith('.ts') ? `../../${path}` : `../../../${path}`;
}

async function overSocket(socket: string): Promise<Session> {
  const connection = await connect(socket);
  return {
    daemon: true,
    containers: connection.contract.open(containers),
    open: (contract) => connection.contract.open(contract),
    call: (contract_id, method, input, signal) => connection.call({ contract_id, method, input }, signal),
    listen: ({ reply_to = '', topic, from_seq }, signal) =>
      flat(connection.listen({ reply_to, topic, from_seq }, signal)),
    join: connection.join,
    close: connection.close,
  };
}

function overHouse(house: House): Session {
  const self = newId('con');
  const contracts = opener((request, { signal }) => house.call(request, { self, ...(signal && { signal }) }));
  return {
    daemon: false,
    containers: contracts.open(containers),
    open: (contract) => contracts.open(contract),
    call: (contract_id, method, input, signal) =>
      house.call({ contract_id, method, input }, { self, signal }),
    listen: () => {
      throw new ContractError('daemon_not_running', 'nothing follows the containers now');
    },
    join: house.join,
    close: house.close,
  };
}

/** The engine with nothing of ours around it. */
function overEngine(engine: ReturnType<typeof openEngine>, strict: boolean): Pick<Session, 'open' | 'close'> {
  const handlers = engineHandlers({ engine, clock: systemClock });
  const dispatch = createDispatch([{ contract: system, handlers }], createLog('silent'), { strict });
  const caller = { kind: 'operator' } as const;
  const contracts = opener((request, { signal = new AbortController().signal }) =>
    dispatch({ ...request, caller, self: 'nobody', signal }),
  );
  return { open: (wanted) => contracts.open(wanted), close: engine.close };
}

async function up(
  { roots, compose, workers, ...place }: Parameters<Deps['up']>[0],
  config: Config,
  log: ReturnType<typeof createLog>,
  more: readonly string[],
): Promise<RunningBerth> {
  const problems = queue<string>(1000);
  let wrong: readonly string[] = [];
  const address = engineOf(config, more, place.engine);
  const source = compose && (await composeSource(compose, config.variables));
  const app = await createApp({
    config,
    log,
    registry: roots,
    ...(source && { compose: source }),
    engine: address,
    workers: workers ?? config.workers ?? 2,
    ...(place.state !== undefined && { state: place.state }),
    onProblems: (texts, all) => {
      wrong = lastingErrors(texts, all);
      for (const text of texts.length === 0 ? [IN_ORDER] : texts) problems.push(text);
    },
  });
  dieOnDefects(log, app.close);
  const { contract } = app;
  return {
    session: {
      daemon: true,
      containers: contract.open(containers),
      open: (wanted) => contract.open(wanted),
      call: (contract_id, method, input, signal) =>
        app.house.call({ contract_id, method, input }, { self: app.process.self(), signal }),
      listen: ({ reply_to = '', topic, from_seq }, signal) =>
        flat(app.listen({ reply_to, topic, from_seq }, signal)),
      join: app.join,
      close: app.close,
    },
    problems: problems.values,
    wrong: () => wrong,
    watch: (signal) => {
      const events = queue<ContainerEvent>(20_000);
      const stop = app.house.hub.observe(events.push);
      signal.addEventListener('abort', () => {
        stop();
        events.end();
        problems.end();
      });
      return events.values;
    },
    stop: app.close,
  };
}
