import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { aFolder } from '../support/a-folder.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = ['quickstart-web', 'quickstart-visitor', 'quickstart-clock'];

test('a fresh clone in an empty folder needs `npm run quickstart` and nothing else, and `berth down` ends it', {
  timeout: 600_000,
}, async () => {
  await using folder = await aFolder();
  const clone = `${folder.path}/berth`;
  // What git has or would take, so that work that is not committed is tested too.
  const copy =
    'mkdir "$1" && git ls-files -co --exclude-standard -z | tar --null -T - -cf - | tar xf - -C "$1"';
  await run('sh', ['-c', copy, 'sh', clone], { cwd: ROOT });
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  const { BERTH_STATE: _, ...rest } = process.env;
  // The packages that this checkout was installed from are in npm's cache; the lab has no other network.
  const env = { ...rest, DOCKER_HOST: host, NO_COLOR: '1', npm_config_offline: 'true' };
  const child = spawn('npm', ['run', 'quickstart'], { cwd: clone, env, stdio: 'pipe', detached: true });
  const ended = once(child, 'exit');
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      out += String(data);
    });
  try {
    const failed = ended.then(() => {
      throw new Error(`it ended: ${out}`);
    });
    const shown = eventually(() => {
      expect(out).toMatch(/^quickstart-web +\S+ +running for .*->8080\/tcp/m);
      expect(out).toMatch(/^quickstart-clock +\| it is \d\d:\d\d:\d\d$/m);
    }, 300_000);
    await Promise.race([shown, failed]);
    failed.catch(() => undefined);
    // As Ctrl-C in a terminal does: to everybody in the foreground.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await ended;
    expect(out).toMatch(/The containers keep running; `berth down` removes them\./);
    for (const name of NAMES) expect((await engine.container(name))?.State.Status).toBe('running');
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
  }
  await run('npm', ['run', '--silent', 'berth', 'down'], { cwd: clone, env });
  for (const name of NAMES) expect(await engine.container(name)).toBeUndefined();
});
