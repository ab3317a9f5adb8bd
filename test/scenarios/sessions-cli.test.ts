import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aTerminal, type Terminal } from '../support/a-terminal.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually as within } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => within(check, 30_000);

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;
const create = async (name: string, ...flags: readonly string[]): Promise<void> => {
  const common = ['--image', 'busybox:latest', '--name', name, '--stop_timeout', '1'];
  const { code, err } = await berth.run('call', 'containers', 'create', ...common, ...flags);
  expect(err).toBe('');
  expect(code).toBe(0);
  await berth.until(name, (view) => view.status === 'running');
};
const commandsIn = async (name: string): Promise<readonly string[]> => {
  const { body } = await engine.ask('GET', `/containers/${name}/top?ps_args=-o%20pid,args`);
  return (body as { readonly Processes: readonly (readonly string[])[] }).Processes.map(([, ...words]) =>
    words.join(' '),
  );
};
const shows = (terminal: Terminal, text: string | RegExp): Promise<void> =>
  eventually(() => expect(terminal.shown()).toMatch(text));

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.up();
  await create('cli_exec', '--command', 'sleep 3600');
});
afterAll(() => berth[Symbol.asyncDispose]());

/** A command line with something piped into it. */
const piped = async (input: string, ...words: readonly string[]): Promise<{ code: number; out: string }> => {
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { ...process.env, BERTH_STATE: berth.state },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString('latin1');
  });
  child.stdin.end(input, 'latin1');
  const [code] = await once(child, 'close');
  return { code: Number(code), out };
};

test('a command’s output and exit code are those of the command, and its input can be piped', async () => {
  const words = ['-e', 'ONE=1', '-e', 'TWO=2 3', '-w', '/tmp', '-u', '5', 'cli_exec', '--'];
  const script = 'echo "$ONE $TWO $(pwd) $(id -u)"; echo oops >&2; exit 7';
  expect(await berth.run('exec', ...words, 'sh', '-c', script)).toEqual({
    code: 7,
    out: '1 2 3 /tmp 5\n',
    err: 'oops\n',
  });
  expect(await piped('a\xff\r\nb', 'exec', '-i', 'cli_exec', 'cat')).toEqual({ code: 0, out: 'a\xff\r\nb' });
  const much = await piped('x'.repeat(3_000_000), 'exec', '-i', 'cli_exec', 'wc', '-c');
  expect(much).toEqual({ code: 0, out: '3000000\n' });
  expect((await berth.run('exec', 'cli_exec', 'cat')).code).toBe(0);
  const missing = await berth.run('exec', 'cli_exec', 'nonexistent');
  expect([missing.code, missing.out]).toEqual([127, '']);
  expect(missing.err).toMatch(/^berth: `nonexistent` cannot be run: .*not found.*\n$/);
  expect((await berth.run('exec', 'cli_exec', '/etc/passwd')).code).toBe(126);
  const late = await berth.run('exec', '--timeout', '300ms', 'cli_exec', 'sleep', '901');
  expect(late.code).toBe(124);
  const json = await berth.run('exec', '--json', 'cli_exec', '--', 'sh', '-c', 'echo out; exit 2');
  expect([json.code, JSON.parse(json.out)]).toEqual([
    2,
    expect.objectContaining({ exit_code: 2, stdout: 'out\n', stderr: '' }),
  ]);
  const detached = await berth.run('exec', '-d', 'cli_exec', 'sleep', '902');
  const { body } = await engine.ask('GET', `/exec/${detached.out.trim()}/json`);
  expect(body).toMatchObject({ Running: true });
  expect((await commandsIn('cli_exec')).filter((one) => /^sleep 90/.test(one))).toEqual(['sleep 902']);
});

test('Ctrl-C on a command without a terminal ends it in its container', async () => {
  const running = berth.start('exec', 'cli_exec', '--', 'sh', '-c', 'echo begun; sleep 903; echo not');
  await eventually(() => expect(running.written.out).toBe('begun\n'));
  running.kill('SIGINT');
  expect(await running.ended).toBe(130);
  await eventually(async () =>
    expect((await commandsIn('cli_exec')).filter((one) => one.includes('903'))).toEqual([]),
  );
});

test('exec -it is a usable terminal: sizes, Ctrl-C, an exit code, and the terminal as it was', async () => {
  using terminal = await aTerminal(['exec', '-it', 'cli_exec', '--', 'sh'], {
    state: berth.state,
    columns: 93,
    rows: 27,
  });
  await shows(terminal, /# .*$/);
  terminal.type('stty size; tty\r');
  await shows(terminal, /\n27 93\r\n\/dev\/pts\/0\r\n/);
  await terminal.resize(120, 41);
  await eventually(async () => {
    terminal.type('stty size\r');
    await shows(terminal, /\n41 120\r\n/);
  });
  terminal.type('sleep 904\r');
  await eventually(async () => expect(await commandsIn('cli_exec')).toContain('sleep 904'));
  terminal.type('\x03');
  await eventually(async () => expect(await commandsIn('cli_exec')).not.toContain('sleep 904'));
  terminal.type('echo "still $((40 + 2))"; exit 9\r');
  expect(await terminal.ended).toBe(9);
  expect(terminal.shown()).toContain('still 42\r\n');
  expect(await commandsIn('cli_exec')).not.toContain('sh');
});

test('run -it is the terminal of a new container from its first byte on: prompt, sizes, Ctrl-C, an exit code', async () => {
  const size = { state: berth.state, columns: 93, rows: 27 };
  using terminal = await aTerminal(
    ['run', '-it', '--rm', '--name', 'cli_run', '-e', 'PS1=ready> ', 'busybox:latest', 'sh'],
    size,
  );
  // Nothing was typed: a prompt that came before anybody listened would not come again.
  await shows(terminal, /ready> /);
  await eventually(async () => {
    terminal.type('stty size\r');
    await shows(terminal, /\n27 93\r\n/);
  });
  await terminal.resize(120, 41);
  await eventually(async () => {
    terminal.type('stty size\r');
    await shows(terminal, /\n41 120\r\n/);
  });
  terminal.type('sleep 906\r');
  await eventually(async () => expect(await commandsIn('cli_run')).toContain('sleep 906'));
  terminal.type('\x03');
  await eventually(async () => expect(await commandsIn('cli_run')).not.toContain('sleep 906'));
  terminal.type('exit 9\r');
  expect(await terminal.ended).toBe(9);
  expect(await engine.container('cli_run')).toBeUndefined();
  for (const round of [1, 2, 3]) {
    using brief = await aTerminal(
      ['run', '-it', '--rm', 'busybox:latest', 'sh', '-c', `echo said once ${round}; exit ${round}`],
      size,
    );
    expect(await brief.ended).toBe(round);
    expect(brief.shown()).toBe(`said once ${round}\r\n`);
  }
});

test('run -it is left with its detach keys, and what cannot be started leaves nothing behind', async () => {
  const size = { state: berth.state, columns: 80, rows: 24 };
  using terminal = await aTerminal(
    ['run', '-it', '--name', 'cli_left', '--detach-keys', 'ctrl-a,d', 'busybox:latest', 'sh'],
    size,
  );
  await shows(terminal, /# /);
  terminal.type('\x01d');
  expect(await terminal.ended).toBe(0);
  expect(terminal.shown()).toMatch(/left \S+ running/);
  expect((await engine.container('cli_left'))?.State.Status).toBe('running');
  for (const [image, command, message] of [
    ['busybox:latest', 'nonexistent', /nonexistent/],
    ['nowhere.invalid/none:1', 'sh', /nowhere\.invalid/],
  ] as const) {
    using refused = await aTerminal(['run', '-it', '--rm', '--name', 'cli_never', image, command], size);
    const code = await refused.ended;
    expect(refused.shown()).toMatch(message);
    expect(code).not.toBe(0);
    expect(await engine.container('cli_never')).toBeUndefined();
    expect(
      (await berth.ps()).filter(({ name, status }) => name === 'cli_never' && status !== 'removed'),
    ).toEqual([]);
  }
});

test('detach keys leave a terminal’s command running', async () => {
  using terminal = await aTerminal(['exec', '-it', '--detach-keys', 'ctrl-a,d', 'cli_exec', 'sleep', '905'], {
    state: berth.state,
    columns: 80,
    rows: 24,
  });
  await eventually(async () => expect(await commandsIn('cli_exec')).toContain('sleep 905'));
  terminal.type('\x01');
  terminal.type('d');
  expect(await terminal.ended).toBe(0);
  expect(terminal.shown()).toContain('left it running');
  expect(await commandsIn('cli_exec')).toContain('sleep 905');
});

test('attach is the terminal of the main process, and leaving it leaves it running', async () => {
  await create('cli_shell', '--command', '["sh"]', '--interactive', '--tty');
  const size = { state: berth.state, columns: 84, rows: 26 };
  using first = await aTerminal(['attach', 'cli_shell'], size);
  await eventually(async () => {
    first.type('stty size\r');
    await shows(first, /\n26 84\r\n/);
  });
  first.type('\x10\x11');
  expect(await first.ended).toBe(0);
  expect((await engine.container('cli_shell'))?.State.Status).toBe('running');
  using second = await aTerminal(['attach', 'cli_shell'], size);
  await eventually(async () => {
    second.type('echo $((6 * 7))\r');
    await shows(second, /\n42\r\n/);
  });
  second.type('exit 3\r');
  expect(await second.ended).toBe(3);
  expect((await engine.container('cli_shell'))?.State).toMatchObject({ Status: 'exited', ExitCode: 3 });
});

test('what is piped into an attach is input, and its end is the end where that can be told', async () => {
  await create('cli_wc', '--command', '["wc", "-c"]', '--interactive');
  expect(await piped('four', 'attach', 'cli_wc')).toEqual({ code: 0, out: '4\n' });
  await create('cli_cat', '--command', 'cat', '--interactive', '--restart_policy', 'always');
  const running = berth.start('attach', '--json', 'cli_cat');
  await eventually(async () => {
    await berth.run('call', 'containers', 'stdin', '--container_id', 'cli_cat', '--data', 'hello\n');
    expect(running.written.out).toContain('{"type":"output","stream":"stdout","data":"hello\\n"}\n');
  });
  running.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect((await engine.container('cli_cat'))?.State.Status).toBe('running');
});
