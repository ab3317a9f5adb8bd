import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { JoinedSession, SessionEvent } from '../../contracts/session-wire.ts';
import { system } from '../../contracts/system.ts';
import { type App, createApp } from '../../src/app.ts';
import { type Connection, connect } from '../../src/connect.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually as within } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let socket: Connection;
let host: string;
let engine: ReturnType<typeof rawEngine>;
const made: string[] = [];
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => within(check, 15_000);
const docker = () => app.contract.open(containers);

beforeAll(async () => {
  const found = await testEngine();
  host = found.host;
  engine = rawEngine(found.socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
  socket = await connect(app.socket ?? '');
});
afterAll(async () => {
  for (const id of made) await docker().delete({ id, wait: true, timeout: 0 });
  await socket.close();
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const aRunning = async (name: string, more: object = {}): Promise<string> => {
  const input = { image: 'busybox:latest', name, command: 'sleep 600', stop_timeout: 1, ...more };
  const { id } = await docker().create(input);
  made.push(id);
  await eventually(async () => expect((await docker().get({ id })).status).toBe('running'));
  return id;
};
const refused = (call: Promise<unknown>, code: ErrorCode) =>
  expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));
/** What runs in it, as the engine lists it. */
const commandsIn = async (name: string): Promise<readonly string[]> => {
  const { body } = await engine.ask('GET', `/containers/${name}/top?ps_args=-o%20pid,args`);
  return (body as { readonly Processes: readonly (readonly string[])[] }).Processes.map(([, ...words]) =>
    words.join(' '),
  );
};
const rawExec = async (exec_id: string) =>
  (await engine.ask('GET', `/exec/${exec_id}/json`)).body as {
    readonly Running: boolean;
    readonly ExitCode: number | null;
    readonly ProcessConfig: { readonly user?: string; readonly privileged?: boolean };
  };
const logOf = async (id: string): Promise<readonly string[]> =>
  (await docker().logs({ id, limit: 1000 })).lines.map(({ line }) => line);
const outputOf = (events: readonly SessionEvent[]): string =>
  Buffer.concat(events.flatMap((one) => (one.type === 'output' ? [one.data] : []))).toString();
/** Reads it to its end, into `events` as they come. */
const reading = (session: JoinedSession): { events: SessionEvent[]; ended: Promise<void> } => {
  const events: SessionEvent[] = [];
  const ended = (async () => {
    for await (const event of session.events) events.push(event);
  })();
  ended.catch(() => undefined);
  return { events, ended };
};

test('exec answers with exactly what a command said, and how it ended', async () => {
  const id = await aRunning('exec_plain', { env: { OWN: 'own' } });
  const answer = await docker().exec({
    id,
    command: 'echo "$OWN $MORE $(id -u):$(id -g)"; pwd; printf "\\n\\nlast" >&2; exit 3',
    env: { MORE: 'more' },
    work_dir: '/tmp',
    user: '7:8',
  });
  expect(answer).toEqual({
    container_id: id,
    exec_id: expect.stringMatching(/^[0-9a-f]{64}$/),
    exit_code: 3,
    stdout: 'own more 7:8\n/tmp\n',
    stderr: '\n\nlast',
  });
  expect(await rawExec(answer.exec_id ?? '')).toMatchObject({ Running: false, ExitCode: 3 });
  expect(await docker().exec_inspect({ exec_id: answer.exec_id ?? '' })).toMatchObject({
    container_id: id,
    managed: true,
    running: false,
    exit_code: 3,
    user: '7:8',
  });
  const bytes = Buffer.from([0, 255, 10, 200, 13, 10]);
  const copied = await docker().exec({ id, args: ['cat'], stdin_bytes: bytes.toString('base64') });
  expect(copied).toMatchObject({ exit_code: 0, stdout_bytes: bytes.toString('base64') });
  expect((await docker().exec({ id, args: ['cat'], stdin: 'ä\n' })).stdout_bytes).toBeUndefined();
  expect(await docker().exec({ id, args: ['tty'], tty: true })).toMatchObject({ stdout: '/dev/pts/0\r\n' });
  const status = ['cat', '/proc/self/status'];
  const privileged = await docker()
    .exec({ id, args: status, privileged: true })
    .then(
      ({ stdout = '' }) => stdout,
      (error: unknown) => String(error),
    );
  // An older engine asks for capabilities that the machine itself may lack.
  expect(privileged).toMatch(/CapEff:\s+0000003f|CapEff:\s+000001ff|unable to apply caps/);
  const much = await docker().exec({ id, command: 'yes äb | head -c 9000000; echo all >&2' });
  expect([much.truncated, much.stdout_bytes, much.stderr]).toEqual([true, undefined, 'all\n']);
  expect(Buffer.byteLength(much.stdout ?? '')).toBe(8 * 1024 * 1024);
});

test('what cannot be run has a code of its own; what a shell cannot find is its result', async () => {
  const id = await aRunning('exec_unrunnable');
  await refused(docker().exec({ id, args: ['nonexistent'] }), 'command_not_found');
  await refused(docker().exec({ id, args: ['/etc/passwd'] }), 'command_not_runnable');
  await refused(docker().exec({ id, args: ['nonexistent'], detach: true }), 'command_not_found');
  expect(await docker().exec({ id, command: 'nonexistent; exit' })).toMatchObject({ exit_code: 127 });
  await docker().stop({ id, wait: true });
  await refused(docker().exec({ id, args: ['true'] }), 'wrong_state');
  const { body } = await engine.ask('POST', '/containers/create?name=exec_foreign', {
    Image: 'busybox:latest',
    Cmd: ['sleep', '600'],
  });
  expect(body).toHaveProperty('Id');
  await engine.ask('POST', '/containers/exec_foreign/start');
  await refused(docker().exec({ id: 'exec_foreign', args: ['true'] }), 'not_ours');
  await refused(docker().attach({ id: 'exec_foreign' }), 'not_ours');
  await refused(docker().stdin({ container_id: 'exec_foreign', data: 'x' }), 'not_ours');
  await refused(docker().resize({ id: 'exec_foreign', columns: 80, rows: 24 }), 'not_ours');
  await engine.ask('DELETE', '/containers/exec_foreign?force=1');
});

test('what takes too long, or whose caller gives up, is ended in its container with all that it began', async () => {
  const id = await aRunning('exec_ended');
  const command = "trap '' TERM INT; sleep 701 & (sleep 702 &); while :; do sleep 703; done";
  const begun = async () => (await commandsIn('exec_ended')).filter((words) => /^sleep 70[123]$/.test(words));
  const failure = await docker()
    .exec({ id, command, timeout: 1.5 })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(failure).toMatchObject({ code: 'timed_out', details: { ended: true } });
  expect(await begun()).toEqual([]);
  for (const one of [docker(), socket.contract.open(containers)]) {
    const caller = new AbortController();
    const ended = refused(one.exec({ id, command }, { signal: caller.signal }), 'aborted');
    await eventually(async () => expect((await begun()).length).toBeGreaterThanOrEqual(3));
    caller.abort();
    await ended;
    await eventually(async () => expect(await begun()).toEqual([]));
  }
  const detached = await docker().exec({ id, args: ['sleep', '704'], detach: true });
  expect(detached.exit_code).toBeUndefined();
  expect(await rawExec(detached.exec_id ?? '')).toMatchObject({ Running: true });
});

test('a command for a target tells its lines and its end there', async () => {
  const id = await aRunning('exec_streamed');
  const listened: object[] = [];
  const { operation_id, exec_id } = await docker().exec({
    id,
    command: 'echo one; echo two >&2; printf "\\377three"; exit 4',
    stream: { reply_to: app.process.self(), topic: 'exec.events' },
  });
  for await (const event of app.process.listen('exec.events')) {
    listened.push(event);
    if (event.type === 'done') break;
  }
  expect(listened).toHaveLength(4);
  expect(listened).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ operation_id, type: 'log', stream: 'stdout', line: 'one' }),
      expect.objectContaining({ operation_id, type: 'log', stream: 'stderr', line: 'two' }),
      expect.objectContaining({ type: 'log', bytes: Buffer.from('\xffthree', 'latin1').toString('base64') }),
    ]),
  );
  expect(listened.at(-1)).toMatchObject({ type: 'done', outcome: 'failed', exit_code: 4 });
  expect(await rawExec(exec_id ?? '')).toMatchObject({ Running: false, ExitCode: 4 });
});

test('a session talks with a command over the socket: input, size, exit code', async () => {
  const id = await aRunning('exec_session');
  const over = socket.contract.open(containers);
  const script =
    'until stty size 2>/dev/null | grep 97; do :; done; read line; stty size; read line; stty size; echo "got $line"; exit 5';
  const { session_id = '' } = await over.exec({
    id,
    command: script,
    tty: true,
    session: true,
    size: { columns: 97, rows: 21 },
  });
  const session = socket.join(session_id);
  const { events, ended } = reading(session);
  await eventually(() => expect(outputOf(events)).toContain('21 97'));
  await session.resize({ columns: 111, rows: 33 });
  await session.write(Buffer.from('first\r'));
  await eventually(() => expect(outputOf(events)).toContain('33 111'));
  const ready = events[0];
  const exec_id = ready?.type === 'ready' ? (ready.exec_id ?? '') : '';
  expect(await docker().exec_resize({ exec_id, columns: 112, rows: 34 })).toEqual({
    exec_id,
    columns: 112,
    rows: 34,
  });
  await session.write(Buffer.from('hello\r'));
  await ended;
  expect(outputOf(events)).toContain('34 112\r\ngot hello\r\n');
  expect(events.at(-1)).toEqual({ type: 'exit', exit_code: 5 });
  expect(await rawExec(exec_id)).toMatchObject({ Running: false, ExitCode: 5 });
  await refused(reading(socket.join(session_id)).ended, 'not_found');
});

test('leaving a session by its keys leaves the command running; going without them ends it', async () => {
  const id = await aRunning('exec_left');
  const begun = async () => (await commandsIn('exec_left')).filter((words) => /^sleep 80[12]$/.test(words));
  const joined = async (words: string) => {
    const { session_id = '' } = await docker().exec({
      id,
      args: ['sleep', words],
      tty: true,
      session: true,
    });
    const session = socket.join(session_id);
    return { session, ...reading(session) };
  };
  const left = await joined('801');
  await eventually(async () => expect(await begun()).toEqual(['sleep 801']));
  await left.session.write(Buffer.from('\x10'));
  await left.session.write(Buffer.from('\x11'));
  await left.ended;
  expect(left.events.at(-1)).toEqual({ type: 'detached' });
  const gone = await joined('802');
  await eventually(async () => expect(await begun()).toEqual(['sleep 801', 'sleep 802']));
  gone.session.close();
  await eventually(async () => expect(await begun()).toEqual(['sleep 801']));
});

test('input is written in order, once for each name, and never silently nowhere', async () => {
  const id = await aRunning('stdin_open', { command: 'cat', interactive: true, stdin_once: false });
  for (const data of ['one\n', 'two\n']) await docker().stdin({ container_id: id, data });
  const named = { container_id: id, data: 'three\n', operation_id: 'op-1' };
  expect(await docker().stdin(named)).toEqual({ container_id: id, written: 6, duplicate: false });
  expect(await docker().stdin(named)).toEqual({ container_id: id, written: 6, duplicate: true });
  await refused(docker().stdin({ ...named, data: 'other' }), 'invalid_input');
  expect(await docker().stdin_status({ operation_id: 'op-1' })).toMatchObject({
    ...{ operation_id: 'op-1', container_id: id, state: 'delivered' },
  });
  await refused(docker().stdin_status({ operation_id: 'op-2' }), 'not_found');
  await Promise.all(
    Array.from({ length: 200 }, (_, at) => docker().stdin({ container_id: 'stdin_open', data: `${at}\n` })),
  );
  await docker().stdin({ container_id: id, bytes: Buffer.from([0xff, 0x10, 0x11, 10]).toString('base64') });
  await eventually(async () => expect(await logOf(id)).toHaveLength(204));
  const lines = await logOf(id);
  expect(lines.slice(0, 203)).toEqual([
    'one',
    'two',
    'three',
    ...Array.from({ length: 200 }, (_, at) => String(at)),
  ]);
  await refused(docker().stdin({ container_id: id, end: true }), 'unsupported');
  // Another Berth on the same folder knows what was written, and its input is still open.
  await socket.close();
  await app.close();
  app = await createApp({ engine: host, state: folder.path });
  socket = await connect(app.socket ?? '');
  expect(await docker().stdin(named)).toMatchObject({ duplicate: true });
  await docker().stdin({ container_id: id, data: 'after\n' });
  await eventually(async () => expect((await logOf(id)).at(-1)).toBe('after'));
  await docker().restart({ id, wait: true, timeout: 0 });
  await docker().stdin({ container_id: id, data: 'again\n' });
  await eventually(async () => expect((await logOf(id)).at(-1)).toBe('again'));
  expect((await engine.container('stdin_open'))?.State.Status).toBe('running');
  const deaf = await aRunning('stdin_none');
  await refused(docker().stdin({ container_id: deaf, data: 'x' }), 'unsupported');
  await refused(docker().attach({ id: deaf, stdin: true }), 'unsupported');
  await docker().stop({ id, wait: true, timeout: 0 });
  await refused(docker().stdin({ container_id: id, data: 'x' }), 'wrong_state');
});

test('the input of what is never restarted can be ended, and its end is seen', async () => {
  const { id } = await docker().create({
    image: 'busybox:latest',
    name: 'stdin_ends',
    args: ['wc', '-c'],
    interactive: true,
  });
  made.push(id);
  await eventually(async () => expect((await docker().get({ id })).status).toBe('running'));
  await docker().stdin({ container_id: id, data: 'x'.repeat(1_000_000) });
  await docker().stdin({ container_id: id, data: 'y', end: true });
  expect(await docker().wait({ id })).toMatchObject({ exit_code: 0 });
  expect(await logOf(id)).toEqual(['1000001']);
  expect((await engine.container('stdin_ends'))?.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
});

test('attach shows the main process to several, takes input, resizes, and leaves it running', async () => {
  const id = await aRunning('attach_tty', { command: ['sh'], interactive: true, tty: true });
  const join = async () => {
    const { session_id, ...answer } = await docker().attach({ id, size: { columns: 90, rows: 20 } });
    expect(answer).toEqual({ container_id: id, tty: true, stdin: true, stdin_ends: true });
    const session = socket.join(session_id);
    const read = reading(session);
    await eventually(() => expect(read.events[0]).toEqual({ type: 'ready' }));
    return { session, ...read };
  };
  const one = await join();
  const other = await join();
  await one.session.write(Buffer.from('stty size\r'));
  for (const { events } of [one, other])
    await eventually(() => expect(outputOf(events)).toContain('\n20 90\r\n'));
  expect(await docker().resize({ id, columns: 92, rows: 22 })).toEqual({ id, columns: 92, rows: 22 });
  await docker().stdin({ container_id: id, data: 'stty size\n' });
  for (const { events } of [one, other])
    await eventually(() => expect(outputOf(events)).toContain('\n22 92\r\n'));
  await other.session.detach();
  await other.ended;
  expect(other.events.at(-1)).toEqual({ type: 'detached' });
  expect((await engine.container('attach_tty'))?.State.Status).toBe('running');
  await one.session.write(Buffer.from('exit 6\r'));
  await one.ended;
  expect(one.events.at(-1)).toEqual({ type: 'exit', exit_code: 6 });
  expect((await engine.container('attach_tty'))?.State).toMatchObject({ Status: 'exited', ExitCode: 6 });
  await refused(docker().attach({ id }), 'wrong_state');
  const plain = await aRunning('attach_plain');
  await refused(docker().resize({ id: plain, columns: 80, rows: 24 }), 'unsupported');
});

test('attach gives what was said before when asked to, and only the streams that are wanted', async () => {
  const script = 'echo before; echo bad >&2; read _; echo after; echo worse >&2; read _';
  const id = await aRunning('attach_before', { command: ['sh', '-c', script], interactive: true });
  await eventually(async () => expect((await docker().logs({ id })).lines).toHaveLength(2));
  const asked = [
    [{ logs: true }, 'after\nbad\nbefore\nworse'],
    [{ logs: true, stderr: false }, 'after\nbefore'],
    [{ logs: true, stdout: false }, 'bad\nworse'],
    [{ stderr: false }, 'after'],
    [{ stdout: false, stderr: false, logs: true }, ''],
  ] as const;
  const all = await Promise.all(
    asked.map(async ([how, wanted]) => {
      const { session_id } = await docker().attach({ id, ...how });
      const read = reading(socket.join(session_id));
      await eventually(() => expect(read.events[0]).toEqual({ type: 'ready' }));
      return { ...read, wanted };
    }),
  );
  await docker().stdin({ container_id: id, data: '\n' });
  await eventually(async () => expect((await docker().logs({ id })).lines).toHaveLength(4));
  await docker().stdin({ container_id: id, data: '\n' });
  for (const { events, ended, wanted } of all) {
    await ended;
    expect(outputOf(events).trim().split('\n').toSorted().join('\n')).toBe(wanted);
    expect(events.at(-1)).toEqual({ type: 'exit', exit_code: 0 });
  }
  expect((await engine.container('attach_before'))?.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
});

test('attached to before its start, a container is heard from its first byte to its exit code', async () => {
  const { id } = await docker().create({
    image: 'busybox:latest',
    name: 'attach_early',
    args: ['sh', '-c', 'echo first; read line; echo "$line"; exit 5'],
    interactive: true,
    start: false,
  });
  made.push(id);
  const { session_id } = await docker().attach({ id, before_start: true });
  await refused(docker().attach({ id }), 'wrong_state');
  const session = socket.join(session_id);
  const read = reading(session);
  await eventually(() => expect(read.events[0]).toEqual({ type: 'ready' }));
  expect((await engine.container('attach_early'))?.State.Status).toBe('created');
  await docker().start({ id, wait: true });
  await session.write(Buffer.from('second\n'));
  await read.ended;
  expect(outputOf(read.events)).toBe('first\nsecond\n');
  expect(read.events.at(-1)).toEqual({ type: 'exit', exit_code: 5 });
});

test('who attaches and does not read holds up no container, and is told what is missing', async () => {
  const id = await aRunning('attach_slow', {
    command: 'read _; yes 0123456789 | head -n 300000; echo written; read _; echo end',
    interactive: true,
    stdin_once: false,
  });
  const { session_id } = await docker().attach({ id });
  const session = app.join(session_id);
  const iterator = session.events[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toEqual({ type: 'ready' });
  await session.write(Buffer.from('\n'));
  await eventually(async () => expect((await docker().logs({ id, tail: 1 })).lines[0]?.line).toBe('written'));
  await session.write(Buffer.from('\n'));
  const events: SessionEvent[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) events.push(next.value);
  const missed = events
    .flatMap((one) => (one.type === 'gap' ? [one.bytes] : []))
    .reduce((sum, one) => sum + one, 0);
  expect(missed).toBeGreaterThan(1_000_000);
  expect(missed + outputOf(events).length).toBe(3_300_000 + 'written\nend\n'.length);
  expect(events.at(-1)).toEqual({ type: 'exit', exit_code: 0 });
});

test('no session leaves a connection behind, however it ended', async () => {
  const id = await aRunning('sockets', { command: 'cat', interactive: true, tty: true });
  const once = async (): Promise<void> => {
    await docker().exec({ id, args: ['true'] });
    const caller = new AbortController();
    const given_up = refused(
      docker().exec({ id, args: ['sleep', '600'] }, { signal: caller.signal }),
      'aborted',
    );
    await eventually(async () => expect(await commandsIn('sockets')).toContain('sleep 600'));
    caller.abort();
    await given_up;
    await refused(docker().exec({ id, args: ['nonexistent'] }), 'command_not_found');
    const { session_id } = await docker().attach({ id });
    const session = socket.join(session_id);
    const read = reading(session);
    await eventually(() => expect(read.events.length).toBeGreaterThan(0));
    session.close();
    await refused(read.ended, 'aborted');
    await eventually(async () => expect(await commandsIn('sockets')).not.toContain('sleep 600'));
  };
  const open = (): number => process.getActiveResourcesInfo().filter((one) => one === 'PipeWrap').length;
  await once();
  const before = open();
  for (let round = 0; round < 9; round++) await once();
  // A few connections for queries are kept and used again.
  await eventually(() => expect(open()).toBeLessThanOrEqual(before + 8));
});

test('who sends more than is read is told so, and can give up', async () => {
  const id = await aRunning('stdin_unread', { interactive: true });
  const caller = new AbortController();
  const data = 'x'.repeat(1024 * 1024);
  const sent = Array.from({ length: 8 }, (_, at) =>
    docker()
      .stdin({ container_id: id, data, operation_id: `unread-${at}` }, { signal: caller.signal })
      .then(
        () => 'written',
        (error: unknown) => (isContractError(error) ? error.code : String(error)),
      ),
  );
  await eventually(() => refused(docker().stdin({ container_id: id, data }), 'wrong_state'));
  const states = () =>
    Promise.all(
      sent.map((_, at) =>
        docker()
          .stdin_status({ operation_id: `unread-${at}` })
          .then(
            ({ state }): string => state,
            (error: unknown) => (isContractError(error) ? error.code : String(error)),
          ),
      ),
    );
  // Others wait for the one that is being written.
  const during = await eventually(async () => {
    const now = await states();
    expect(now).toContain('dispatched');
    return now;
  });
  caller.abort();
  const codes = await Promise.all(sent);
  expect(new Set(codes)).toContain('aborted');
  expect((await states())[during.indexOf('dispatched')]).toBe('uncertain');
  expect(new Set(codes).size).toBeLessThanOrEqual(2);
  expect((await engine.container('stdin_unread'))?.State.Status).toBe('running');
});

test('a command whose caller gives up while it begins, or whose Berth ends, is ended all the same', async () => {
  const id = await aRunning('exec_begun');
  const begun = async () => (await commandsIn('exec_begun')).filter((words) => words === 'sleep 1001');
  await Promise.all(
    Array.from({ length: 16 }, async (_, at) => {
      const call = docker().exec({ id, args: ['sleep', '1001'] }, { signal: AbortSignal.timeout(at * 12) });
      await refused(call, 'aborted');
    }),
  );
  await eventually(async () => expect(await begun()).toEqual([]));
  const running = docker().exec({ id, args: ['sleep', '1001'] });
  const ended = refused(running, 'aborted');
  const { operation_id } = await docker().exec({
    id,
    args: ['sleep', '1001'],
    stream: { topic: 'exec.begun' },
  });
  await eventually(async () => expect(await begun()).toHaveLength(2));
  await app.contract.open(system).stop_operation({ operation_id: operation_id ?? '' });
  await eventually(async () => expect(await begun()).toHaveLength(1));
  await socket.close();
  await app.close();
  await ended;
  expect(await begun()).toEqual([]);
  app = await createApp({ engine: host, state: folder.path });
  socket = await connect(app.socket ?? '');
});
