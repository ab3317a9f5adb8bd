import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installEngine, installedEngine } from '../../src/private-engine/install-engine.ts';
import { runCommand } from '../../src/private-engine/run-command.ts';
import { aFolder } from '../support/a-folder.ts';
import { theLab } from '../support/own-engine.ts';

test('what is installed is not installed again, and nothing is said', async () => {
  const { installed } = await theLab();
  const said: string[] = [];
  const again = await installEngine({
    folder: installed.folder,
    lane: 'new',
    say: (line) => said.push(line),
  });
  expect(again).toEqual(installed);
  expect(said).toEqual([]);
});

test('it has its own dockerd, containerd, runc, init, proxy, iptables and a static busybox', async () => {
  const { installed } = await theLab();
  const programs = ['dockerd', 'containerd', 'runc', 'docker-init', 'docker-proxy', 'iptables', 'busybox'];
  expect(programs.filter((name) => !existsSync(join(installed.bin, name)))).toEqual([]);
  expect(await runCommand(join(installed.bin, 'dockerd'), ['--version'])).toContain(installed.version);
});

test('an installation that was broken off is none', async () => {
  await using folder = await aFolder();
  mkdirSync(join(folder.path, 'root/usr/sbin'), { recursive: true });
  expect(installedEngine(folder.path)).toBeUndefined();
  writeFileSync(join(folder.path, 'installed.json'), '{"version":"1"}');
  expect(installedEngine(folder.path)).toBeUndefined();
});

// The network namespace of the tests reaches nothing.
test('packages that cannot be fetched are told in one line with what to mend, and nothing counts as installed', async () => {
  await using folder = await aFolder();
  const said: string[] = [];
  const installing = installEngine({
    folder: folder.path,
    lane: 'new',
    say: (line) => said.push(line),
  });
  await expect(installing).rejects.toMatchObject({
    code: 'engine_failed',
    message: expect.stringMatching(
      /^the package sources of this machine name no mirror of \w+ \w+ that answers/,
    ),
    next: expect.stringContaining('apt-get update'),
  });
  expect(said.join('\n')).toContain('the system itself is left as it is');
  expect(installedEngine(folder.path)).toBeUndefined();
});

test('given up, an installation ends as aborted', async () => {
  await using folder = await aFolder();
  const ending = new AbortController();
  const installing = installEngine({
    folder: folder.path,
    lane: 'new',
    say: () => ending.abort(),
    signal: ending.signal,
  });
  await expect(installing).rejects.toMatchObject({ code: 'aborted' });
});
