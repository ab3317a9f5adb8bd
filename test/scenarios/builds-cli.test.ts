import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;
const rawImage = async (name: string) => (await engine.ask('GET', `/images/${name}/json`)).body;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.up();
}, 120_000);
afterAll(() => berth[Symbol.asyncDispose]());

test('berth build shows lines and steps, names the image, and says of a failure what failed', async () => {
  const context = join(berth.folder, 'app');
  await berth.write('../app/Dockerfile', 'FROM busybox:latest\nARG WHO\nRUN echo "it is $WHO"\n');
  await writeFile(join(context, 'token'), 'abc');
  await writeFile(
    join(context, 'Other'),
    'FROM busybox:latest\nRUN --mount=type=secret,id=token test "$(cat /run/secrets/token)" = abc\n',
  );
  const names = ['-t', 'clibuild/app:1', '-t', 'clibuild/other:2'];
  const { code, out, err } = await berth.run(
    'build',
    ...names,
    '--build-arg',
    'WHO=me',
    '--no-cache',
    context,
  );
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('| it is me\n');
  expect(out).toMatch(/done .*RUN echo "it is me" \d+\.\ds\n/);
  const last = out.trim().split('\n').at(-1) ?? '';
  const id = last.split('  ')[1];
  expect(last).toBe(`clibuild/app:1 clibuild/other:2  ${id}`);
  for (const name of ['clibuild/app:1', 'clibuild/other:2'])
    expect(await rawImage(name)).toMatchObject({ Id: id });

  const secret = ['--secret', `id=token,src=${join(context, 'token')}`];
  const quiet = await berth.run(
    'image',
    'build',
    '-q',
    '-t',
    'clibuild/secret',
    '-f',
    'Other',
    ...secret,
    context,
  );
  expect([quiet.code, quiet.err]).toEqual([0, '']);
  expect(await rawImage('clibuild/secret:latest')).toMatchObject({ Id: quiet.out.trim() });

  await writeFile(join(context, 'Wrong'), 'FROM busybox:latest\nRUN echo nearly && exit 7\n');
  const failed = await berth.run('build', '--json', '-t', 'clibuild/wrong', '-f', 'Wrong', context);
  expect(failed.code).toBe(8);
  const events = failed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toContainEqual(expect.objectContaining({ type: 'log', line: 'nearly' }));
  expect(events.filter(({ type }) => type === 'done')).toEqual([
    expect.objectContaining({
      outcome: 'failed',
      error: expect.objectContaining({ code: 'image_build_failed' }),
    }),
  ]);
  expect(failed.err).toContain('exit code: 7');
}, 120_000);

test('Ctrl-C ends the build on the engine', async () => {
  await berth.write('../slow/Dockerfile', 'FROM busybox:latest\nRUN echo begun; exec sleep 347\n');
  const slow = ['-t', 'clibuild/slow', '--builder', 'classic', join(berth.folder, 'slow')];
  const building = berth.start('build', ...slow);
  await eventually(() => expect(building.written.out).toContain('| begun'));
  building.kill('SIGINT');
  expect(await building.ended).not.toBe(0);
  await eventually(async () => {
    const { body } = await engine.ask('GET', '/containers/json');
    expect(JSON.stringify(body)).not.toContain('sleep 347');
  });
}, 60_000);
