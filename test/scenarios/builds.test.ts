import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { type App, createApp } from '../../src/app.ts';
import { contextEntries } from '../../src/build/context-entries.ts';
import { dockerfile } from '../../src/build/dockerfile.ts';
import { packContext } from '../../src/build/pack-context.ts';
import { connect } from '../../src/connect.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let host: string;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const images = (of: App = app) => of.contract.open('userspace.docker:images');
const labels = { 'berth-test': 'build-scenarios' };

beforeAll(async () => {
  const found = await testEngine();
  host = found.host;
  engine = rawEngine(found.socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: join(folder.path, '.berth') });
}, 120_000);

afterAll(async () => {
  await images().prune({ all: true, labels });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

/** Everything that a topic gets until the one `done`. */
async function heard(topic: string, of: App = app): Promise<BerthEvent[]> {
  const events: BerthEvent[] = [];
  for await (const event of of.process.listen(topic)) {
    events.push(event);
    if (event.type === 'done') break;
  }
  return events;
}
const rawImage = async (name: string) => (await engine.ask('GET', `/images/${name}/json`)).body;

test('a Dockerfile of the library is built with its files; events tell lines and steps, build_status what came of it', async () => {
  await writeFile(join(folder.path, 'greeting.txt'), 'hello\n');
  const made = dockerfile('busybox:latest')
    .copy(join(folder.path, 'greeting.txt'), '/greeting')
    .run('echo building; cat /greeting >&2')
    .command(['cat', '/greeting']);
  const { build_id, names } = await images().build({
    name: 'berth-test/greeter',
    tags: ['1', '1.0'],
    ...made,
    labels,
    no_cache: true,
    stream: { topic: 'greeter.build' },
  });
  expect(names).toEqual(['berth-test/greeter:1', 'berth-test/greeter:1.0']);
  const events = await heard('greeter.build');
  expect(events.every((event) => 'operation_id' in event && event.operation_id === build_id)).toBe(true);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events).toContainEqual(expect.objectContaining({ type: 'log', stream: 'stdout', line: 'building' }));
  expect(events).toContainEqual(expect.objectContaining({ type: 'log', stream: 'stderr', line: 'hello' }));
  const step = { type: 'step', name: expect.stringContaining('RUN echo building'), status: 'done' };
  expect(events).toContainEqual(expect.objectContaining({ ...step, duration_ms: expect.any(Number) }));
  expect(events.at(-1)).toMatchObject({ type: 'done', outcome: 'succeeded' });
  const status = await images().build_status({ build_id, wait: true, tail: 5 });
  expect(status).toMatchObject({ status: 'succeeded', attempt: 1, names });
  expect(status.log).toContain('building');
  for (const name of names)
    expect(await rawImage(name)).toMatchObject({
      Id: status.image_id,
      Config: { Cmd: ['cat', '/greeting'], Labels: labels },
    });
}, 60_000);

test('a context folder is built without what it ignores; secrets are in no layer, no database and, afterwards, no file', async () => {
  const context = join(folder.path, 'context');
  await mkdir(join(context, 'docker'), { recursive: true });
  await writeFile(join(context, 'kept.txt'), 'kept');
  await writeFile(join(context, 'left.txt'), 'left');
  await writeFile(join(context, '.dockerignore'), '*.txt\n!kept.txt\n');
  await writeFile(
    join(context, 'docker/App'),
    'FROM busybox:latest AS one\nARG WHO\nCOPY . /all\nRUN --mount=type=secret,id=token ls /all; echo "$WHO has $(wc -c < /run/secrets/token)"\nFROM one\nRUN exit 5\n',
  );
  const request = { name: 'berth-test/context:2', context, file: 'docker/App', labels, target: 'one' };
  const secrets = [{ id: 'token', value: 's3cret-of-nobody' }];
  const { build_id } = await images().build({ ...request, build_args: { WHO: 'who' }, secrets });
  const status = await images().build_status({ build_id, wait: true });
  expect(status).toMatchObject({ status: 'succeeded' });
  expect(status.log).toEqual(expect.arrayContaining(['kept.txt', 'who has 16']));
  expect(status.log).not.toContain('left.txt');
  expect(await rawImage('berth-test/context:2')).toMatchObject({ Id: status.image_id });
  expect(JSON.stringify(app.house.store.builds.get(build_id))).not.toContain('s3cret-of-nobody');
  expect(await readdir(join(folder.path, '.berth/builds'))).toEqual([]);
}, 60_000);

test('what fails says why: a step with its code, a base image that nobody has, a context that is not there', async () => {
  const failing = async (text: string, builder: 'buildkit' | 'classic') => {
    const topic = `failing.${builder}.${text.length}`;
    const { build_id } = await images().build({
      name: 'berth-test/failing',
      dockerfile: text,
      builder,
      stream: { topic },
    });
    expect((await heard(topic)).at(-1)).toMatchObject({ type: 'done', outcome: 'failed' });
    return await images().build_status({ build_id, wait: true });
  };
  for (const builder of ['buildkit', 'classic'] as const) {
    expect(await failing('FROM busybox:latest\nRUN echo near; exit 3\n', builder)).toMatchObject({
      status: 'failed',
      error: { code: 'image_build_failed', details: { exit_code: 3 } },
    });
    expect(await failing('FROM 127.0.0.1:5000/nobody:1\n', builder)).toMatchObject({
      error: { code: 'image_not_found' },
    });
  }
  expect(await rawImage('berth-test/failing:latest')).toMatchObject({ message: expect.any(String) });
  await expect(images().build({ name: 'x', context: '/nowhere/at/all' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(images().build({ name: 'a:1', tag: '2', dockerfile: 'FROM x' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(images().build_status({ build_id: 'build_01JZX0000000000000000000AA' })).rejects.toMatchObject(
    { code: 'not_found' },
  );
}, 60_000);

test('a context may be a tar, also a packed one, over the socket too', async () => {
  const files = [
    { path: 'sub/File', content: 'FROM busybox:latest\nCOPY word /word\nRUN cat /word\n' },
    { path: 'word', content: 'from a tar\n' },
  ];
  const tar = packContext(await contextEntries({ dockerfile: 'FROM scratch\n', files }));
  const connection = await connect(app.socket ?? '');
  const client = connection.contract.open('userspace.docker:images');
  const packed = Readable.from(tar, { objectMode: false }).pipe(createGzip());
  const { build_id } = await client.build({ name: 'berth-test/tar', file: 'sub/File', tar: packed, labels });
  const status = await client.build_status({ build_id, wait: true });
  await connection.close();
  expect(status).toMatchObject({ status: 'succeeded' });
  expect(await rawImage('berth-test/tar:latest')).toMatchObject({ Id: status.image_id });
  expect(await readdir(join(folder.path, '.berth/builds'))).toEqual([]);
}, 60_000);

test('a build that is stopped has ended, on the engine too', async () => {
  const made = dockerfile('busybox:latest').run('echo begun; exec sleep 345');
  const { build_id } = await images().build({
    name: 'berth-test/stopped',
    ...made,
    builder: 'classic',
    stream: { topic: 'stopped.build' },
  });
  await eventually(async () => {
    expect((await images().build_status({ build_id })).log).toContain('begun');
  });
  const system = app.contract.open('userspace.docker:system');
  expect(await system.stop_operation({ operation_id: build_id })).toEqual({ stopped: true });
  expect((await heard('stopped.build')).at(-1)).toMatchObject({ type: 'done', outcome: 'ended' });
  expect(await images().build_status({ build_id, wait: true })).toMatchObject({
    status: 'failed',
    error: { code: 'aborted' },
  });
  await eventually(async () => {
    const { body } = await engine.ask('GET', '/containers/json');
    expect(JSON.stringify(body)).not.toContain('sleep 345');
  });
}, 60_000);

test('a build whose worker is killed is done by another, and one whose Berth ends by the next; listeners hear one end', async () => {
  await using place = await aFolder();
  const state = join(place.path, '.berth');
  const gate = join(place.path, 'gate');
  await mkdir(gate);
  // It ends only once something lies in the context, which is read anew when it is begun again.
  await writeFile(
    join(gate, 'Dockerfile'),
    'FROM busybox:latest\nCOPY . /gate\nRUN echo looking; test -e /gate/open || sleep 600\n',
  );
  const request = { context: gate, labels, no_cache: true };
  const first = await createApp({ engine: host, state, workers: 1 });
  let build_id: string;
  try {
    ({ build_id } = await images(first).build({
      ...request,
      name: 'berth-test/killed',
      stream: { reply_to: 'builds-test', topic: 'killed.build' },
    }));
    await eventually(async () => {
      expect((await images(first).build_status({ build_id })).log).toContain('looking');
    });
    const [pid = 0] = first.worker_pids();
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      expect(await images(first).build_status({ build_id })).toMatchObject({ attempt: 2 });
    });
  } finally {
    await first.close();
  }
  await writeFile(join(gate, 'open'), '');
  const second = await createApp({ engine: host, state });
  try {
    const status = await images(second).build_status({ build_id, wait: true });
    expect(status).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(await rawImage('berth-test/killed:latest')).toMatchObject({ Id: status.image_id });
    const events: BerthEvent[] = [];
    const ending = new AbortController();
    const target = { reply_to: 'builds-test', topic: 'killed.build', from_seq: 1 };
    for await (const batch of second.listen(target, ending.signal)) {
      events.push(...batch);
      if (events.at(-1)?.type === 'done') ending.abort();
    }
    expect(events.filter(({ type }) => type === 'done')).toEqual([
      expect.objectContaining({ outcome: 'succeeded', attempt: 2 }),
    ]);
  } finally {
    await second.close();
  }
}, 120_000);
