import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { killQuietly } from './processes.ts';
import { type Outcome, readReport } from './report.ts';

const GRACE_MS = 20_000;

export interface VitestRun {
  readonly root: string;
  /** Where its JSON goes. */
  readonly report: string;
  readonly files: readonly string[];
  readonly full: boolean;
  /** One file at a time, nothing beside it. */
  readonly alone: boolean;
  readonly lab: Lab | undefined;
  /** Ends it, and whatever its tests started. */
  readonly signal: AbortSignal;
}

/** Run vitest, inside the lab’s network namespace when there is a lab, and read what came of it. */
export function runVitest(run: VitestRun): Promise<Outcome> {
  const { root, report, lab, signal } = run;
  rmSync(report, { force: true });
  const words = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...(run.alone ? ['--maxWorkers=1', '--no-file-parallelism'] : []),
    ...run.files,
  ];
  const [program, args] =
    lab === undefined
      ? [process.execPath, words]
      : ['nsenter', [`--net=${lab.netns}`, process.execPath, ...words]];
  // A group of its own: it is ended together with all that its tests started.
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: environmentFor(run),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const group = -(child.pid ?? 0);
  const end = (): void => {
    killQuietly(group, 'SIGTERM');
    setTimeout(() => killQuietly(group, 'SIGKILL'), GRACE_MS).unref();
  };
  return new Promise((done, failed) => {
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    child.once('error', failed);
    child.once('close', (code) => {
      signal.removeEventListener('abort', end);
      done(readReport(report, root, code));
    });
  });
}

/** Nothing of the user’s own engine or Berth reaches the tests. */
function environmentFor({ root, full, lab }: VitestRun): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DOCKER_|BERTH_)/.test(name) || name.startsWith('BERTH_TEST_'),
  );
  return {
    // The command line is begun hundreds of times: half of that is reading the same sources.
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
    ...Object.fromEntries(kept),
    BERTH_TEST_FULL: full ? '1' : '',
    // A code that a method does not declare fails whatever test meets it.
    BERTH_STRICT_ERRORS: '1',
    ...(lab && {
      BERTH_TEST_ENGINE: `unix://${lab.socket}`,
      BERTH_TEST_LAB: JSON.stringify({ installed: lab.installed, folder: lab.folder }),
    }),
  };
}
