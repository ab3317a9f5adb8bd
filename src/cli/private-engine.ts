import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError } from '../../contracts/contract-error.ts';
import { answers, engineOf } from '../private-engine/engine-process.ts';
import { installEngine, installedEngine } from '../private-engine/install-engine.ts';
import { startEngine } from '../private-engine/start-engine.ts';
import { stopEngine } from '../private-engine/stop-engine.ts';
import type { Config } from '../runtime/config.ts';
import type { Deps, EngineStatus } from './session.ts';

type Say = (line: string) => void;

/** Where the system’s own engine answers: two in one network namespace would share a bridge and its rules. */
const SYSTEM_SOCKET = '/var/run/docker.sock';

/** `berth engine …`: one private engine a user, below their data folder. */
export function privateEngine({ home, data_dir, engine_folder, variables }: Config): Omit<
  Deps['engine'],
  'ready'
> & {
  sockets(): readonly string[];
  /** Where the static busybox that is installed beside it is, once it is. */
  readonly busybox: string;
} {
  const folder = engine_folder ?? join(data_dir ?? join(home, '.local/share'), 'berth/engine');
  const state = join(folder, 'state');
  const socket = join(folder, 'docker.sock');
  const status = async (): Promise<EngineStatus> => {
    const installed = installedEngine(folder);
    const running = engineOf(state, socket);
    return {
      installed: installed !== undefined,
      running: running !== undefined,
      ...(installed && { version: installed.version }),
      ...(running && { host: running.host, pid: running.pid }),
    };
  };
  return {
    sockets: () => (existsSync(socket) ? [socket] : []),
    busybox: join(folder, 'bin/busybox'),
    status,
    install: async (say: Say, signal) => {
      await installEngine({ folder, lane: 'new', say, signal });
      return status();
    },
    start: async (say: Say, signal) => {
      const installed = installedEngine(folder);
      if (installed === undefined)
        throw new ContractError('engine_unreachable', 'no private engine is installed', {
          next: 'Run `berth engine install`.',
        });
      if (engineOf(state, socket) === undefined && (await answers(SYSTEM_SOCKET)))
        throw new ContractError('wrong_state', 'this machine runs a Docker Engine of its own already', {
          next: `Use that one: DOCKER_HOST=unix://${SYSTEM_SOCKET}`,
        });
      say(`Starting Docker Engine ${installed.version}; \`berth engine stop\` stops it.`);
      await startEngine({ installed, state, socket, environment: { ...variables }, signal });
      return status();
    },
    stop: async (say: Say) => {
      if (engineOf(state, socket) !== undefined) say('Stopping the private engine.');
      await stopEngine(state, socket);
      return status();
    },
  };
}
