import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import { lockDaemon, runningDaemon } from '../../src/runtime/daemon-lock.ts';
import { holdFile } from '../../src/store/hold-file.ts';
import { aChild, type Child } from '../support/a-child.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';

let folder: Folder;
let path: string;
beforeEach(async () => {
  folder = await aFolder();
  path = join(folder.path, 'daemon.json');
});
afterEach(() => folder[Symbol.asyncDispose]());

const child = (): Child => aChild(new URL('processes/lock-process.ts', import.meta.url), []);
const refused = (): unknown => {
  try {
    lockDaemon(path, holdFile).release();
  } catch (error) {
    return error;
  }
  return undefined;
};

test('a second daemon is refused with the first one’s pid', async () => {
  await using first = child();
  await first.call('lock', path);
  const error = refused();
  expect(error).toBeInstanceOf(ContractError);
  expect(error).toMatchObject({
    code: 'daemon_running',
    message: expect.stringContaining(String(first.pid)),
    details: { pid: first.pid },
  });
  expect(runningDaemon(path)?.pid).toBe(first.pid);
});

test('so is one in the same process, and a release lets the next one in', () => {
  const lock = lockDaemon(path, holdFile);
  expect(refused()).toMatchObject({ code: 'daemon_running' });
  lock.release();
  expect(runningDaemon(path)).toBeUndefined();
  expect(refused()).toBeUndefined();
});

test('what a killed daemon left is taken over', async () => {
  await using first = child();
  await first.call('lock', path);
  await first.kill('SIGKILL');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: first.pid });
  expect(runningDaemon(path)).toBeUndefined();
  expect(refused()).toBeUndefined();
});

test('a pid that another process has got since does not count, nor does a file that is damaged', () => {
  writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'long ago' }));
  expect(runningDaemon(path)).toBeUndefined();
  writeFileSync(path, '{');
  expect(runningDaemon(path)).toBeUndefined();
  expect(refused()).toBeUndefined();
});

test('of eight that come at once over what a dead one left, exactly one has it', async () => {
  writeFileSync(path, JSON.stringify({ pid: 1, started: 'long ago' }));
  const children = Array.from({ length: 8 }, child);
  try {
    const outcomes = await Promise.all(
      children.map((one) =>
        one.call('lock', path).then(
          () => 'has it',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'has it')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'daemon_running')).toHaveLength(7);
  } finally {
    await Promise.all(children.map((one) => one[Symbol.asyncDispose]()));
  }
});

test('a child of the holder holds nothing: the lock ends with the holder', async () => {
  await using first = child();
  await first.call('lock', path);
  const pid = await first.call<number>('spawnChild');
  const gone = once(first.process, 'exit');
  await first.kill('SIGKILL');
  await gone;
  try {
    expect(refused()).toBeUndefined();
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});
