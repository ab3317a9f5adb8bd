import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import { engineEnvironment } from '../../src/private-engine/engine-environment.ts';
import { commandOf, engineOf } from '../../src/private-engine/engine-process.ts';
import { startEngine } from '../../src/private-engine/start-engine.ts';
import { aFolder } from '../support/a-folder.ts';
import { type OwnEngine, ownEngine, theLab } from '../support/own-engine.ts';

const MINUTES = 60_000;
let own: OwnEngine;

beforeAll(async () => {
  own = await ownEngine();
}, 5 * MINUTES);

afterAll(() => own?.[Symbol.asyncDispose](), 3 * MINUTES);

test('started twice, the one that runs is answered', async () => {
  const pid = own.pid();
  await own.start();
  expect(own.pid()).toBe(pid);
});

test('stopped and started again, it is another process on the same state', async () => {
  const pid = own.pid();
  await own.stop();
  expect(engineOf(own.state, own.socket_path)).toBeUndefined();
  expect(commandOf(pid)).toEqual([]);
  await own.stop();
  await own.start();
  expect(own.pid()).not.toBe(pid);
});

test('a pid file that names another program by now is no engine, and does not keep one from starting', async () => {
  await own.stop();
  writeFileSync(join(own.state, 'dockerd.pid'), String(process.pid));
  expect(engineOf(own.state, own.socket_path)).toBeUndefined();
  await own.start();
  expect(own.pid()).not.toBe(process.pid);
});

test('an engine that dies at its start is told with the last lines of this start’s log', async () => {
  await own.stop();
  const failure = await startAgain(['--storage-driver=nosuch']);
  expect(failure).toMatchObject({ code: 'engine_failed', next: `Read ${join(own.state, 'dockerd.log')}.` });
  expect(failure?.message).toMatch(/dockerd ended with 1: .*graphdriver/);
  await own.start();
  await own.stop();
  const other = await startAgain(['--no-such-word']);
  expect(other?.message).toContain('unknown flag: --no-such-word');
  expect(other?.message).not.toContain('graphdriver');
  await own.start();
});

test('a folder too deep for unix sockets is refused before anything is started', async () => {
  await using folder = await aFolder();
  const deep = join(folder.path, 'x'.repeat(80));
  const { installed } = await theLab();
  const starting = startEngine({ installed, state: deep, socket: join(folder.path, 's'), environment: {} });
  await expect(starting).rejects.toMatchObject({ code: 'invalid_config' });
});

test('nothing that steers a docker client reaches the engine, and its own programs come first', () => {
  const environment = engineEnvironment(
    { bin: '/engine/bin', libraries: '/engine/lib' },
    {
      DOCKER_HOST: 'tcp://elsewhere:2375',
      DOCKER_CONTEXT: 'x',
      PATH: '/usr/bin',
      HTTP_PROXY: 'http://proxy',
    },
  );
  expect(Object.keys(environment).filter((name) => name.startsWith('DOCKER'))).toEqual([]);
  expect(environment['PATH']?.split(':').slice(0, 2)).toEqual(['/engine/bin', '/usr/bin']);
  expect(environment).toMatchObject({ LD_LIBRARY_PATH: '/engine/lib', HTTP_PROXY: 'http://proxy' });
});

test('the engine’s log is for its owner only', () => {
  expect(statSync(join(own.state, 'dockerd.log')).mode & 0o777).toBe(0o600);
});

async function startAgain(words: readonly string[]): Promise<ContractError | undefined> {
  const { installed } = await theLab();
  return startEngine({
    installed,
    state: own.state,
    socket: own.socket_path,
    environment: process.env,
    words: [...own.network, ...words],
  }).then(
    () => undefined,
    (error: unknown) => (error instanceof ContractError ? error : undefined),
  );
}
