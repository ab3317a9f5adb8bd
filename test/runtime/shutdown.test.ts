import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';

interface Dying {
  readonly process: ChildProcess;
  readonly exit: Promise<unknown[]>;
  out(): string;
  err(): string;
}

async function dying(): Promise<Dying> {
  const child = fork(new URL('processes/dying-process.ts', import.meta.url), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exit = once(child, 'exit');
  let out = '';
  let err = '';
  child.stdout?.on('data', (part: Buffer) => {
    out += part.toString();
  });
  child.stderr?.on('data', (part: Buffer) => {
    err += part.toString();
  });
  child.send({ id: 1, method: 'ready', args: [] });
  await once(child, 'message');
  return { process: child, exit, out: () => out, err: () => err };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the first %s asks the process to end, the second ends it at once',
  async (name) => {
    const one = await dying();
    one.process.kill(name);
    await eventually(() => expect(one.out()).toBe('asked to end\n'));
    expect(one.process.exitCode).toBeNull();
    one.process.kill(name);
    expect(await one.exit).toEqual([130, null]);
  },
);

test.each([
  ['throw', 'in time'],
  ['reject', 'in time'],
  ['throw', 'never'],
  ['reject', 'throws'],
])(
  'a defect (%s) is logged, what is held is let go once (%s), and the process ends with 1',
  async (how, release) => {
    const one = await dying();
    one.process.send({ id: 2, method: 'fall', args: [how, release] });
    expect(await one.exit).toEqual([1, null]);
    await eventually(() => expect(one.out()).toBe('released\n'));
    expect(one.err()).toContain('a defect');
  },
);
