import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import { engineEnvironment } from './engine-environment.ts';
import { answers, engineOf, isEngine, placesOf, type RunningEngine } from './engine-process.ts';
import { holdLock } from './hold-lock.ts';
import type { InstalledEngine } from './install-engine.ts';

const START_MS = 120_000;
/** A unix socket’s path holds 107 bytes, and the engine makes sockets of its own this far below its state. */
const LONGEST_STATE = 107 - '/exec/containerd/containerd.sock.ttrpc'.length;
const LONGEST_SOCKET = 107;

export interface StartOptions {
  readonly installed: InstalledEngine;
  /** Where its images, containers, log and pid file are. */
  readonly state: string;
  readonly socket: string;
  /** The file of a network namespace to run it in, instead of this process’s own. */
  readonly netns?: string;
  /** More words for dockerd. */
  readonly words?: readonly string[];
  /** The environment; variables that steer a docker client are left out. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Start dockerd detached, so that it outlives this process, and wait until it answers; one that runs already is waited for.
 * Throws engine_failed with the end of its log when it dies, engine_timeout when it does not answer, aborted.
 */
export async function startEngine(options: StartOptions): Promise<RunningEngine> {
  const { state, socket, signal } = options;
  refuseLong(state, LONGEST_STATE);
  refuseLong(socket, LONGEST_SOCKET);
  mkdirSync(state, { recursive: true, mode: 0o711 });
  await using _lock = await holdLock(join(state, 'lock'), signal);
  const before = engineOf(state, socket);
  const { pidfile, log } = placesOf(state);
  if (before !== undefined) {
    await untilAnswers({ socket, log, from: 0, died: () => endOf(before.pid, state), signal });
    return before;
  }
  // Its pid may be another program’s by now; dockerd would refuse to start.
  rmSync(pidfile, { force: true });
  const from = sizeOf(log);
  const dockerd = launch(options);
  await untilAnswers({ socket, log, from, died: dockerd.died, signal });
  const started = engineOf(state, socket);
  if (started === undefined)
    throw new ContractError('engine_failed', `something else answers at ${socket}`, {
      next: `Stop it, or choose another place than ${state}.`,
    });
  return started;
}

function launch({ installed, state, socket, netns, words = [], environment }: StartOptions): {
  died(): string | undefined;
} {
  const { data, exec, pidfile, log } = placesOf(state);
  const dockerd = [
    join(installed.bin, 'dockerd'),
    ...['--data-root', data, '--exec-root', exec, '--pidfile', pidfile],
    ...['-H', `unix://${socket}`, '--group', 'root'],
    ...words,
  ];
  const [program = '', ...args] = netns === undefined ? dockerd : ['nsenter', `--net=${netns}`, ...dockerd];
  const file = openSync(log, 'a', 0o600);
  const child = spawn(program, args, {
    detached: true,
    cwd: state,
    stdio: ['ignore', file, file],
    env: engineEnvironment(installed, environment),
  });
  closeSync(file);
  child.unref();
  let died: string | undefined;
  child.once('error', (error) => {
    died = error.message;
  });
  child.once('exit', (code, by) => {
    died = `dockerd ended with ${code ?? by}`;
  });
  return { died: () => died };
}

async function untilAnswers({
  socket,
  log,
  from,
  died,
  signal,
}: {
  readonly socket: string;
  readonly log: string;
  readonly from: number;
  readonly died: () => string | undefined;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const end = performance.now() + START_MS;
  const next = `Read ${log}.`;
  while (!(await answers(socket))) {
    const reason = died();
    if (reason !== undefined)
      throw new ContractError('engine_failed', `${reason}: ${lastLines(log, from)}`, { next });
    if (signal?.aborted === true)
      throw new ContractError('aborted', 'the start of the engine was not waited for', { next });
    if (performance.now() > end)
      throw new ContractError('engine_timeout', `dockerd does not answer: ${lastLines(log, from)}`, { next });
    await pause(100);
  }
}

function endOf(pid: number, state: string): string | undefined {
  return isEngine(pid, state) ? undefined : 'dockerd ended';
}

function refuseLong(path: string, most: number): void {
  if (Buffer.byteLength(path) > most)
    throw new ContractError(
      'invalid_config',
      `${path} is too long for unix sockets (at most ${most} bytes)`,
      {
        next: 'Choose a shorter folder with BERTH_ENGINE_FOLDER.',
      },
    );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last messages of a log since that byte, the last one being why it died. */
function lastLines(log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString().trim().split('\n');
  return lines
    .slice(-5)
    .map((line) => /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line)
    .join(' | ');
}
