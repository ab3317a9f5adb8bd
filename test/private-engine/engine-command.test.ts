import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { commandOf } from '../../src/private-engine/engine-process.ts';
import { endLeftovers, unmountBelow } from '../../src/private-engine/leftovers.ts';
import { stopEngine } from '../../src/private-engine/stop-engine.ts';
import { aFolder } from '../support/a-folder.ts';
import { theLab } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface Status {
  readonly installed: boolean;
  readonly running: boolean;
  readonly version?: string;
  readonly host?: string;
  readonly pid?: number;
}

/** `berth engine …` on a folder, in a network namespace of its own: the engine uses the bridge and the rules of where it runs. */
async function berthEngine(
  folder: string,
  ...words: string[]
): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const child = spawn('unshare', ['--net', process.execPath, MAIN, 'engine', ...words], {
    cwd: folder,
    env: { ...process.env, BERTH_ENGINE_FOLDER: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<unknown[]>,
  ]);
  return { code, out, err };
}

/** A folder in which the engine of this run is installed. */
async function anInstalledFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const { installed } = await theLab();
  const folder = await aFolder();
  symlinkSync(installed.bin, join(folder.path, 'bin'));
  symlinkSync(join(installed.folder, 'installed.json'), join(folder.path, 'installed.json'));
  return {
    path: folder.path,
    [Symbol.asyncDispose]: async () => {
      const state = join(folder.path, 'state');
      await stopEngine(state, join(folder.path, 'docker.sock'));
      await endLeftovers(state);
      await unmountBelow(folder.path);
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('what is not installed cannot be started, and the message says what to type', async () => {
  await using folder = await aFolder();
  const { out } = await berthEngine(folder.path, 'status', '--json');
  expect(JSON.parse(out)).toEqual({ installed: false, running: false });
  const { code, err } = await berthEngine(folder.path, 'start');
  expect(code).toBe(ERRORS.engine_unreachable.exit);
  expect(err).toContain('berth engine install');
});

test('a started engine outlives the command, is found again, and ends with its containers at stop', async () => {
  await using folder = await anInstalledFolder();
  const socket = join(folder.path, 'docker.sock');
  const started = await berthEngine(folder.path, 'start', '--json');
  expect(started.err).toContain('berth engine stop');
  const status = JSON.parse(started.out) as Status;
  expect(status).toMatchObject({ installed: true, running: true, host: `unix://${socket}` });
  expect((await rawEngine(socket).ask('GET', '/version')).body).toMatchObject({
    ApiVersion: expect.any(String),
  });

  expect(JSON.parse((await berthEngine(folder.path, 'start', '--json')).out)).toEqual(status);
  expect(JSON.parse((await berthEngine(folder.path, 'status', '--json')).out)).toEqual(status);

  const stopped = JSON.parse((await berthEngine(folder.path, 'stop', '--json')).out) as Status;
  expect(stopped).toMatchObject({ installed: true, running: false });
  expect(stopped.pid).toBeUndefined();
  expect(commandOf(status.pid ?? 0)).toEqual([]);
  expect(existsSync(socket)).toBe(false);
  expect((await berthEngine(folder.path, 'stop')).code).toBe(0);
});
