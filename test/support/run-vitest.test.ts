import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandOf } from '../../src/private-engine/engine-process.ts';
import { aFolder, type Folder } from './a-folder.ts';
import { eventually } from './eventually.ts';
import { failedFiles, judge, type Outcome } from './lab/report.ts';
import { runVitest } from './lab/run-vitest.ts';

const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const NEVER = new AbortController().signal;

async function aProject(files: Readonly<Record<string, string>>): Promise<Folder> {
  const folder = await aFolder();
  symlinkSync(PACKAGES, join(folder.path, 'node_modules'));
  for (const [name, text] of Object.entries(files))
    await folder.write(name, `import { expect, test } from 'vitest';\n${text}\n`);
  return folder;
}

function run(root: string, files: readonly string[], signal = NEVER): Promise<Outcome> {
  const report = join(root, 'report.json');
  return runVitest({ root, report, files, full: false, alone: true, lab: undefined, signal });
}

test('a test that fails once is told apart from one that fails always', async () => {
  await using project = await aProject({
    'flaky.test.ts': `import { existsSync, writeFileSync } from 'node:fs';
test('once', () => { const before = existsSync('mark'); writeFileSync('mark', ''); expect(before).toBe(true); });`,
    'broken.test.ts': `test('always', () => { expect(1).toBe(2); });`,
    'good.test.ts': `test('never', () => { expect(1).toBe(1); });`,
  });
  const first = await run(project.path, []);
  expect([...failedFiles(first)].sort()).toEqual(['broken.test.ts', 'flaky.test.ts']);
  expect(judge(first, await run(project.path, failedFiles(first)))).toEqual({
    passed: 2,
    failures: ['broken.test.ts > always'],
    flaky: ['flaky.test.ts > once'],
  });
});

test('an error that no test catches fails the run', async () => {
  await using project = await aProject({
    'stray.test.ts': `test('fine', () => { setTimeout(() => { throw new Error('stray'); }, 0); return new Promise((done) => setTimeout(done, 50)); });`,
  });
  expect(judge(await run(project.path, [])).failures).toEqual([
    'vitest ended with 1, although no test failed',
  ]);
});

test('interrupted, it ends with what its tests started', async () => {
  await using project = await aProject({
    'long.test.ts': `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
test('long', { timeout: 600_000 }, async () => {
  const child = spawn('sleep', ['600']);
  writeFileSync('pid', String(child.pid));
  await new Promise((done) => setTimeout(done, 600_000));
});`,
  });
  const ending = new AbortController();
  const ended = run(project.path, [], ending.signal);
  const pid = await eventually(() => Number(readFileSync(join(project.path, 'pid'), 'utf8')));
  expect(commandOf(pid)).toContain('sleep');
  ending.abort();
  expect((await ended).broken).toContain('wrote no report');
  await eventually(() => expect(commandOf(pid)).toEqual([]));
});
