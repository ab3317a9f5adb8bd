import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { holdLock } from '../../src/private-engine/hold-lock.ts';
import { aFolder } from '../support/a-folder.ts';

const MODULE = fileURLToPath(new URL('../../src/private-engine/hold-lock.ts', import.meta.url));

test('one holds at a time, with no overlap', async () => {
  await using folder = await aFolder();
  const path = join(folder.path, 'lock');
  let inside = 0;
  const seen: number[] = [];
  const visit = async (): Promise<void> => {
    await using _lock = await holdLock(path);
    inside += 1;
    seen.push(inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all([visit(), visit(), visit(), visit()]);
  expect(seen).toEqual([1, 1, 1, 1]);
});

test('a killed process loses its lock', async () => {
  await using folder = await aFolder();
  const path = join(folder.path, 'lock');
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { holdLock } = await import(${JSON.stringify(MODULE)}); await holdLock(${JSON.stringify(path)}); console.log('held');`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  const waiting = holdLock(path);
  child.kill('SIGKILL');
  await using lock = await waiting;
  expect(lock).toBeDefined();
});

test('who gives up waiting gets aborted, and stands in nobody’s way', async () => {
  await using folder = await aFolder();
  const path = join(folder.path, 'lock');
  const ending = new AbortController();
  {
    await using _lock = await holdLock(path);
    const waiting = holdLock(path, ending.signal).catch((error: unknown) => error);
    ending.abort();
    expect(isContractError(await waiting, 'aborted')).toBe(true);
  }
  await using lock = await holdLock(path);
  expect(lock).toBeDefined();
});

test('a file that cannot be made is told as such', async () => {
  const refused = await holdLock('/nowhere/at/all').catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'engine_failed', message: '/nowhere/at/all cannot be locked' });
});
