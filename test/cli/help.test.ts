import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram, runCommandLine } from '../../src/cli/program.ts';
import type { Deps } from '../../src/cli/session.ts';
import { anIo } from '../support/an-io.ts';

// Help asks the house for nothing: each call of it fails.
const deps = new Proxy({} as Deps, {
  get: (_, name) => {
    throw new Error(`help asked for ${String(name)}`);
  },
});

test('each command’s help, and that of each command below it, has an example that begins with its name', async () => {
  const { signal } = new AbortController();
  for (const words of everyCommand(createProgram({ io: anIo(), deps, signal }, '0', () => undefined))) {
    const io = anIo();
    expect(await runCommandLine([...words, '--help'], { io, deps, signal }, '0'), words.join(' ')).toBe(0);
    const [, examples = ''] = io.written.out.split(/\nExamples?:\n/);
    expect(examples, `berth ${words.join(' ')} --help`).toMatch(
      words[0] === 'quickstart' ? /npm run quickstart/ : new RegExp(`berth ${words.join(' ')}\\b`),
    );
  }
});

test('the help of a contract’s method lists its fields, with what they mean', async () => {
  const io = anIo();
  const { signal } = new AbortController();
  expect(await runCommandLine(['call', 'containers', 'create', '--help'], { io, deps, signal }, '0')).toBe(0);
  for (const field of ['--image', '--ports', '--restart_policy', '--if_exists', '--stream'])
    expect(io.written.out).toContain(field);
});

test('a status that is none is wrong usage, and what may be given is said', async () => {
  const io = anIo();
  const { signal } = new AbortController();
  expect(await runCommandLine(['ps', '--status', 'nonsense'], { io, deps, signal }, '0')).toBe(2);
  expect(io.written.err).toMatch(/pending.*running.*removed/);
});

test('the methods of the contracts are listed without a state folder, as text and as JSON', async () => {
  const io = anIo();
  const { signal } = new AbortController();
  expect(await runCommandLine(['call', '--json'], { io, deps, signal }, '0')).toBe(0);
  expect(JSON.parse(io.written.out)).toContainEqual(
    expect.objectContaining({ contract: 'userspace.docker:containers', method: 'create' }),
  );
});

function everyCommand(command: Command, before: readonly string[] = []): readonly (readonly string[])[] {
  return command.commands.flatMap((one) => {
    const words = [...before, one.name()];
    return [words, ...everyCommand(one, words)];
  });
}
