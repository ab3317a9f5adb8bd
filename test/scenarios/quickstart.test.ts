import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const NAMES = ['quickstart-web', 'quickstart-visitor', 'quickstart-clock'];

test('quickstart makes its image, shows a table with ports and prefixed lines, and leaves the containers to `down`', async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await engine.ask('DELETE', '/images/berth/quickstart:latest');
  await using berth = await aBerthFolder(host);

  const running = berth.start('quickstart');
  const { written } = running;
  const seen = (what: RegExp): Promise<void> =>
    eventually(() => {
      if (running.process.exitCode !== null) throw new Error(`it ended: ${written.out}${written.err}`);
      expect(written.out).toMatch(what);
    });
  await seen(/^Found a Docker Engine by DOCKER_HOST/m);
  await seen(
    /^(Making the image berth\/quickstart:latest here|There is no static busybox .* berth\/quickstart:latest)/m,
  );
  await seen(/^NAME +IMAGE +STATUS +PORTS +ID$/m);
  await seen(
    /^quickstart-web +berth\/quickstart:latest +running for .* 0\.0\.0\.0:\d+->8080\/tcp +quickstart:quickstart-web$/m,
  );
  await seen(/^quickstart-clock +\| it is \d\d:\d\d:\d\d$/m);
  // One reaches the other by its name.
  await seen(/^quickstart-visitor +\| Hello from Berth$/m);

  running.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect(written.out).toMatch(/The containers keep running; `berth down` removes them\.\n$/);
  for (const name of NAMES) expect((await engine.container(name))?.State.Status).toBe('running');
  expect((await berth.run('ps')).out).toMatch(/quickstart-web .* running for/);

  const down = await berth.run('down');
  expect([down.code, down.out.trim().split('\n').sort()]).toEqual([
    0,
    NAMES.map((name) => `removed ${name}`).sort(),
  ]);
  for (const name of NAMES) expect(await engine.container(name)).toBeUndefined();
  expect((await engine.ask('GET', '/networks/quickstart-net')).status).toBe(404);
}, 300_000);
