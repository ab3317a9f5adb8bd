import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContainerView } from '../../contracts/container-view.ts';
import { eventually } from './eventually.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A `berth up` in a process of its own. */
export interface UpProcess {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly written: { out: string; err: string };
  /** Resolves with the exit code once it has ended. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** A state folder and a registry in a temp folder, and the real command line on them. Ends and removes all of it when disposed. */
export interface BerthFolder extends AsyncDisposable {
  readonly folder: string;
  readonly registry: string;
  readonly state: string;
  write(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** One command line to its end. */
  run(...words: string[]): Promise<Ran>;
  /** The same, with that file as its standard input. */
  runOn(file: string, ...words: string[]): Promise<Ran>;
  /** `berth up`, once its daemon answers. */
  up(...words: string[]): Promise<UpProcess>;
  /** `berth up`, without waiting for anything. */
  spawn(...words: string[]): UpProcess;
  /** One command line, without waiting for its end. */
  start(...words: string[]): UpProcess;
  ps(): Promise<readonly ContainerView[]>;
  /** That container, once it satisfies the check. */
  until(name: string, check: (view: ContainerView) => boolean, deadline?: number): Promise<ContainerView>;
}

/** `more` lies over the environment; an empty variable is as if it were not set. */
export async function aBerthFolder(
  engine: string,
  more: Readonly<Record<string, string>> = {},
): Promise<BerthFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-'));
  const registry = join(folder, 'registry');
  const state = join(folder, 'state');
  await mkdir(registry);
  const started: UpProcess[] = [];
  const environment = { ...process.env, BERTH_STATE: state, DOCKER_HOST: engine, NO_COLOR: '1', ...more };

  const spawnOne = (words: readonly string[], input: 'ignore' | number = 'ignore'): UpProcess => {
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd: folder,
      env: environment,
      stdio: [input, 'pipe', 'pipe'],
    });
    const written = { out: '', err: '' };
    child.stdout?.on('data', (part: Buffer) => {
      written.out = keepTail(written.out + part.toString());
    });
    child.stderr?.on('data', (part: Buffer) => {
      written.err = keepTail(written.err + part.toString());
    });
    const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
    const one = {
      pid: child.pid ?? 0,
      process: child,
      written,
      ended,
      kill: (signal: NodeJS.Signals) => void child.kill(signal),
    };
    started.push(one);
    return one;
  };

  const run: BerthFolder['run'] = async (...words) => {
    const one = spawnOne(words);
    const code = await one.ended;
    return { code, out: one.written.out, err: one.written.err };
  };

  const runOn: BerthFolder['runOn'] = async (file, ...words) => {
    const input = openSync(file, 'r');
    const one = spawnOne(words, input);
    closeSync(input);
    const code = await one.ended;
    return { code, out: one.written.out, err: one.written.err };
  };

  const ps: BerthFolder['ps'] = async () => {
    const { code, out, err } = await run('ps', '--json');
    if (code !== 0) throw new Error(`berth ps ended with ${code}: ${err}`);
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ContainerView);
  };

  return {
    folder,
    registry,
    state,
    run,
    runOn,
    ps,
    write: async (path, text) => {
      await mkdir(dirname(join(registry, path)), { recursive: true });
      await writeFile(join(registry, path), text);
    },
    remove: (path) => rm(join(registry, path), { recursive: true, force: true }),
    start: (...words) => spawnOne(words),
    spawn: (...words) => spawnOne(['up', registry, '--json', ...words]),
    up: async (...words) => {
      const one = spawnOne(['up', registry, '--json', ...words]);
      await eventually(async () => {
        if (one.process.exitCode !== null)
          throw new Error(`berth up ended with ${one.process.exitCode}: ${one.written.err}`);
        const { code, err } = await run('call', 'containers', 'list', '--limit', '1');
        if (code !== 0) throw new Error(err);
        if (!(await daemonAnswers(state))) throw new Error('the daemon does not answer yet');
      });
      return one;
    },
    until: (name, check, deadline) =>
      eventually(async () => {
        const view = (await ps()).find((one) => one.name === name);
        if (view === undefined) throw new Error(`there is no ${name} yet`);
        if (!check(view)) throw new Error(`${name} is ${JSON.stringify(view)}`);
        return view;
      }, deadline),
    [Symbol.asyncDispose]: async () => {
      for (const one of started.filter(
        ({ process: child }) => child.exitCode === null && child.signalCode === null,
      )) {
        one.kill('SIGTERM');
        await one.ended;
      }
      await run('down');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function daemonAnswers(state: string): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(join(state, 'berth.sock'));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function keepTail(text: string): string {
  return text.length > 4_000_000 ? text.slice(-2_000_000) : text;
}
