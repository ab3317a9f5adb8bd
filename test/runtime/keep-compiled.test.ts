import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { aFolder } from '../support/a-folder.ts';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** What `berth --version` prints, for somebody whose caches are there. */
async function versionWith(caches: string): Promise<string> {
  const { NODE_COMPILE_CACHE: _kept, ...environment } = process.env;
  const { stdout, stderr } = await run(process.execPath, [MAIN, '--version'], {
    env: { ...environment, XDG_CACHE_HOME: caches },
    timeout: 60_000,
  });
  return stdout.trim() + stderr;
}

test('what is compiled is kept in the user’s cache folder', async () => {
  await using folder = await aFolder();
  const caches = `${folder.path}/not-there-yet`;
  expect(await versionWith(caches)).toBe(VERSION);
  expect((await readdir(`${caches}/berth/compiled`, { recursive: true })).length).toBeGreaterThan(50);
});

test('a command runs as well where nothing can be kept, whatever is in the way', async () => {
  await using folder = await aFolder();
  const file = await folder.write('file', '');
  // In the last two a folder can never be made, and the kernel does not say so plainly.
  for (const caches of [file, `${file}/below`, '/proc', '/proc/nobody'])
    expect(await versionWith(caches)).toBe(VERSION);
}, 120_000);
