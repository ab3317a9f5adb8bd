import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { unrunnable } from '../../src/engine/exec-failures.ts';
import type { OutputPiece, Session } from '../../src/engine/port/session-calls.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { eventually } from '../support/eventually.ts';

let mine: EngineUnderTest;
beforeAll(async () => {
  mine = await aDockerEngine('docker-sessions');
});
afterAll(() => mine[Symbol.asyncDispose]());

const { signal } = new AbortController();
const request = { env: {}, privileged: false, tty: false, stdin: false, output: true };
const textOf = (pieces: readonly OutputPiece[], stream: OutputPiece['stream']): string =>
  Buffer.concat(pieces.filter((one) => one.stream === stream).map(({ data }) => data)).toString('latin1');
const allOf = async ({ output }: Session, pieces: OutputPiece[] = []): Promise<OutputPiece[]> => {
  for await (const batch of output) pieces.push(...batch);
  return pieces;
};
const aSleeper = async (short: string, spec: object = {}): Promise<string> => {
  const id = await mine.create(short, { spec: { command: 'sleep 600', ...spec } });
  await mine.engine.containers.start(id);
  return id;
};

test('what a command reads and says arrives byte by byte, also after the end of its input', async () => {
  const { sessions } = mine.engine;
  const id = await aSleeper('bytes');
  const command = ['sh', '-c', 'cat; echo end >&2; exit 3'];
  const { exec_id } = await sessions.prepare(id, { ...request, command, stdin: true });
  const session = await sessions.run(exec_id, { tty: false }, signal);
  const every = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
  await session.write(every);
  await session.end();
  const pieces = await allOf(session);
  expect(textOf(pieces, 'stdout')).toBe(every.toString('latin1'));
  expect(textOf(pieces, 'stderr')).toBe('end\n');
  expect(await sessions.state(exec_id)).toMatchObject({
    running: false,
    exit_code: 3,
    container_id: id,
    command,
  });
  await expect(session.write(every)).rejects.toSatisfy((error: unknown) =>
    isContractError(error, 'wrong_state'),
  );
});

test.each([
  ['/nonexistent', {}, 'command_not_found'],
  ['nonexistent', {}, 'command_not_found'],
  ['/etc/passwd', {}, 'command_not_runnable'],
  ['true', { work_dir: '/etc/passwd' }, 'command_not_runnable'],
  ['true', { user: 'nobody-of-that-name' }, 'command_not_runnable'],
] as const)('%s %o cannot be run, and that is known: %s', async (word, more, code) => {
  const { sessions } = mine.engine;
  const id = await aSleeper(`unrunnable_${word.replaceAll('/', '-')}_${Object.keys(more)}`);
  const { exec_id } = await sessions.prepare(id, { ...request, ...more, command: [word] });
  const said = textOf(await allOf(await sessions.run(exec_id, { tty: false }, signal)), 'stdout');
  const after = await sessions.state(exec_id);
  if (after === undefined) throw new Error('the engine does not know it');
  expect(unrunnable(after, said)).toMatchObject({ code });
  const detached = await sessions.prepare(id, { ...request, ...more, command: [word] });
  await expect(sessions.runDetached(detached.exec_id, { tty: false })).rejects.toSatisfy((error: unknown) =>
    isContractError(error, code),
  );
});

test('127 of a shell is its own result', async () => {
  const { sessions } = mine.engine;
  const id = await aSleeper('shell');
  const { exec_id } = await sessions.prepare(id, { ...request, command: ['sh', '-c', 'nonexistent'] });
  await allOf(await sessions.run(exec_id, { tty: false }, signal));
  const after = await sessions.state(exec_id);
  expect(after?.exit_code).toBe(127);
  expect(after && unrunnable(after, '')).toBeUndefined();
});

test('an attach to the main process writes what it is given and nothing else, and ends with the process', async () => {
  const { sessions, containers } = mine.engine;
  const id = await mine.create('attached', { spec: { command: ['sh', '-c', 'cat'], interactive: true } });
  await containers.start(id);
  const reader = await sessions.attach(id, { stdin: false, stdout: true, stderr: true, tty: false }, signal);
  const writer = await sessions.attach(id, { stdin: true, stdout: false, stderr: false, tty: false }, signal);
  const reading = allOf(reader);
  const ended = allOf(writer);
  await writer.write(Buffer.from('one\n'));
  await writer.write(Buffer.from('\x10\x11two\n'));
  await eventually(async () => {
    const lines: string[] = [];
    for await (const batch of containers.logs(id, { follow: false, tty: false }, signal))
      lines.push(...batch.map(({ data }) => data.toString()));
    expect(lines).toEqual(['one', '\x10\x11two']);
  });
  await containers.stop(id, { timeout: 0 });
  expect(textOf(await reading, 'stdout')).toBe('one\n\x10\x11two\n');
  expect(await ended).toEqual([]);
});

test('a terminal has the size that it is given', async () => {
  const { sessions } = mine.engine;
  const id = await aSleeper('sized');
  const { exec_id } = await sessions.prepare(id, {
    ...request,
    command: ['sh', '-c', 'read _; stty size; read _; stty size'],
    tty: true,
    stdin: true,
  });
  const session = await sessions.run(exec_id, { tty: true, size: { columns: 91, rows: 17 } }, signal);
  const pieces: OutputPiece[] = [];
  const reading = allOf(session, pieces);
  await sessions.resizeExec(exec_id, { columns: 101, rows: 31 });
  await session.write(Buffer.from('\n'));
  await eventually(() => expect(textOf(pieces, 'stdout')).toContain('101'));
  await sessions.resizeExec(exec_id, { columns: 102, rows: 32 });
  await session.write(Buffer.from('\n'));
  expect(
    textOf(await reading, 'stdout')
      .trim()
      .split(/\s*\n\s*/),
  ).toEqual(['31 101', '32 102']);
});

const commandsIn = async (id: string): Promise<readonly string[]> =>
  (await mine.engine.containers.top(id, '-o pid,args')).processes.map(([, ...args]) => args.join(' '));

test.each([
  ['by root', {}, ''],
  ['by somebody', { user: '1000:1000' }, ''],
  ['in a terminal', { tty: true }, ''],
  ['privileged', { privileged: true }, ''],
  ['whose shell is not there', {}, 'mv /bin/sh /bin/hidden'],
] as const)('of what is ended %s nothing is left, and nothing else is ended', async (_, more, before) => {
  const { sessions, containers } = mine.engine;
  const id = await aSleeper(`ended_${Object.keys(more)}_${before.length}`);
  const bystander = await sessions.prepare(id, { ...request, command: ['sleep', '501'] });
  await sessions.runDetached(bystander.exec_id, { tty: false });
  const script = `
    sleep 601 &
    (sleep 602 &)
    env -i sleep 603 &
    (env -i sleep 604 &)
    trap '' TERM INT HUP
    setsid sleep 605 &
    ${before}
    while :; do sleep 606; done`;
  const begun = async (): Promise<readonly string[]> =>
    (await commandsIn(id)).filter((words) => /^sleep 60[1-6]$/.test(words));
  const mark = `mark-${Math.random()}`;
  const asked = { ...request, ...more, command: ['sh', '-c', script], mark };
  const probe = await sessions.prepare(id, { ...asked, command: ['true'] });
  const said = textOf(await allOf(await sessions.run(probe.exec_id, { tty: asked.tty }, signal)), 'stdout');
  // An older engine asks for capabilities that the machine itself may lack.
  if (said.includes('unable to apply caps')) return;
  const { exec_id } = await sessions.prepare(id, asked);
  const session = await sessions.run(exec_id, { tty: asked.tty }, signal);
  const reading = allOf(session);
  await eventually(async () => expect(await begun()).toHaveLength(6));
  const user = 'user' in more ? more.user : undefined;
  expect(await sessions.endExec(id, { exec_id, mark, user, privileged: asked.privileged })).toBe(true);
  await reading;
  expect(await commandsIn(id)).toEqual(expect.arrayContaining(['sleep 600', 'sleep 501']));
  expect(await begun()).toEqual([]);
  expect(await sessions.state(exec_id)).toMatchObject({ running: false, exit_code: 137 });
  expect(await sessions.endExec(id, { exec_id, mark, user, privileged: asked.privileged })).toBe(true);
  expect((await containers.inspect(id))?.state).toBe('running');
});
