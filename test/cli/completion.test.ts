import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type BashShell, bashShell } from '../support/shell.ts';

let shell: BashShell;
beforeAll(async () => {
  shell = await bashShell({ BERTH_STATE: '/nowhere/state', DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  await mkdir(join(shell.folder, 'registry'));
  await writeFile(join(shell.folder, 'readme.txt'), '');
});
afterAll(() => shell[Symbol.asyncDispose]());

test.each<[string, readonly string[]]>([
  ['berth net', ['network']],
  ['berth network ', ['ls', 'create', 'inspect', 'rm', 'connect', 'disconnect', 'prune']],
  ['berth network p', ['prune']],
  ['berth network create --int', ['--internal']],
  ['berth stop --t', ['--timeout']],
  ['berth completion ', ['bash', 'zsh', 'fish']],
  ['berth call vol', ['volumes']],
  ['berth call volumes pr', ['prune']],
  ['berth call volumes prune --dry', ['--dry_run']],
  ['berth up r', ['readme.txt', 'registry']],
])('behind `%s` Tab offers what could come', async (line, expected) => {
  expect((await shell.tab(line)).toSorted()).toEqual(expected.toSorted());
});

test.each(['berth start ', 'berth network create ', 'berth nonsense ', 'berth --state /nowhere stop x'])(
  'behind `%s` Tab offers nothing, and nothing is said, where nobody can be asked',
  async (line) => {
    expect(await shell.tab(line)).toEqual([]);
  },
);

test('a bash at a terminal completes at Tab', async () => {
  const bash = spawn('script', ['-qfec', 'bash --norc --noprofile -i', '/dev/null'], {
    cwd: shell.folder,
    env: { ...shell.environment, PS1: '> ', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  bash.stdout.on('data', (part: Buffer) => {
    said += part.toString();
  });
  const ended = new Promise((resolve) => bash.once('close', resolve));
  try {
    bash.stdin.write('eval "$(berth completion bash)"; echo ready-$((40+2))\n');
    await eventually(() => expect(said).toContain('ready-42'));
    bash.stdin.write('berth netw\t');
    await eventually(() => expect(said).toContain('berth network '));
    bash.stdin.write('dis\t--help\n');
    await eventually(() => expect(said).toContain('Usage: berth network disconnect'));
  } finally {
    bash.stdin.end('exit\n');
    await ended;
  }
}, 60_000);
