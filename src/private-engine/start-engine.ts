import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { InstalledEngine } from './install-engine.ts';

const START_MS = 90_000;
const STOP_MS = 45_000;

export interface StartOptions {
  readonly installed: InstalledEngine;
  /** Where its images, containers and pid file are. */
  readonly state: string;
  readonly socket: string;
  /** Run it in this network namespace instead of the host’s own. */
  readonly netns?: string;
  /** More words for dockerd. */
  readonly words?: readonly string[];
  /** The environment; variables that steer a docker client are left out. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

export interface RunningEngine {
  readonly pid: number;
  readonly host: string;
  readonly log: string;
}

/** Start dockerd detached, and wait until it answers. Throws engine_failed with the end of its log when it dies. */
export async function startEngine({
  installed,
  state,
  socket,
  netns,
  words = [],
  environment,
  signal,
}: StartOptions): Promise<RunningEngine> {
  mkdirSync(state, { recursive: true, mode: 0o711 });
  const log = join(state, 'dockerd.log');
  const pidfile = pidfileOf(state);
  const running = engineOf(state, socket);
  if (running !== undefined && (await answers(socket))) return running;
  rmSync(pidfile, { force: true });
  const own = [
    '--data-root',
    join(state, 'data'),
    '--exec-root',
    join(state, 'exec'),
    '--pidfile',
    pidfile,
    '-H',
    `unix://${socket}`,
    '--group',
    'root',
    ...words,
  ];
  const [program = 'dockerd', ...args] =
    netns === undefined
      ? [join(installed.bin, 'dockerd'), ...own]
      : ['nsenter', `--net=/var/run/netns/${netns}`, join(installed.bin, 'dockerd'), ...own];
  const file = openSync(log, 'a', 0o600);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', file, file],
    env: engineEnvironment(installed, environment),
  });
  closeSync(file);
  let died: string | undefined;
  child.once('error', (error) => {
    died = error.message;
  });
  child.once('exit', (code, by) => {
    died = `dockerd ended with ${code ?? by}`;
  });
  child.unref();
  const end = performance.now() + START_MS;
  while (!(await answers(socket))) {
    if (died !== undefined)
      throw new ContractError('engine_failed', `${died}: ${lastLines(log)}`, { next: `Read ${log}.` });
    if (performance.now() > end)
      throw new ContractError('engine_timeout', `dockerd does not answer at ${socket}: ${lastLines(log)}`, {
        next: `Read ${log}.`,
      });
    await pause(100, undefined, signal === undefined ? {} : { signal });
  }
  const started = engineOf(state, socket);
  if (started === undefined)
    throw new ContractError('engine_failed', `something answers at ${socket}, but wrote no pid file`);
  return started;
}

/** The engine that runs on that state, if one does. */
export function engineOf(state: string, socket: string): RunningEngine | undefined {
  const pidfile = pidfileOf(state);
  if (!existsSync(pidfile)) return undefined;
  const pid = Number(readFileSync(pidfile, 'utf8').trim());
  return pid > 0 && isEngine(pid, state)
    ? { pid, host: `unix://${socket}`, log: join(state, 'dockerd.log') }
    : undefined;
}

/** Stop it by its pid: asked first, killed when it does not end. Its containers end with it. */
export async function stopEngine(state: string, socket: string): Promise<void> {
  const running = engineOf(state, socket);
  if (running === undefined) return;
  process.kill(running.pid, 'SIGTERM');
  const end = performance.now() + STOP_MS;
  while (isEngine(running.pid, state)) {
    if (performance.now() > end) process.kill(running.pid, 'SIGKILL');
    await pause(50);
  }
  rmSync(socket, { force: true });
}

/** A pid may have been given to another program since: its command line must name our state. */
function isEngine(pid: number, state: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return (
      !/^\d+ \(.*\) Z/s.test(stat) &&
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(state, 'data'))
    );
  } catch {
    return false;
  }
}

function pidfileOf(state: string): string {
  return join(state, 'dockerd.pid');
}

/** What an engine and its helpers need: their own programs and libraries first. */
export function engineEnvironment(
  { bin, libraries }: InstalledEngine,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('DOCKER_')),
  );
  const xtables = libraries
    .split(':')
    .map((path) => join(path, 'xtables'))
    .find((path) => existsSync(path));
  return {
    ...kept,
    PATH: `${bin}:${environment['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`,
    LD_LIBRARY_PATH: libraries,
    ...(xtables && { XTABLES_LIBDIR: xtables }),
  };
}

function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines
    .slice(-5)
    .map((line) => /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line)
    .join(' | ');
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: '/_ping', timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}
