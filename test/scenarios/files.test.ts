import { join } from 'node:path';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
let id: string;
const docker = () => app.contract.open(containers);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: join(folder.path, 'state') });
  const script = 'mkdir /data; echo inside > /data/one; ln -s /data /shortcut; sleep 600';
  ({ id } = await docker().create({
    image: 'busybox:latest',
    name: 'fi_box',
    command: ['sh', '-c', script],
    stop_timeout: 0,
  }));
  await eventually(async () =>
    expect((await docker().stat_archive({ id, path: '/shortcut' })).type).toBe('symlink'),
  );
});
afterAll(async () => {
  for (const one of (await docker().list({})).containers) await docker().delete({ id: one.id, wait: true });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const refused = (call: Promise<unknown>, code: ErrorCode) =>
  expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));
/** Names in a tar, and the texts of its files. */
const read = async (tar: AsyncIterable<Uint8Array>): Promise<Record<string, string>> => {
  const entries = extract();
  const feeding = (async () => {
    for await (const chunk of tar)
      if (!entries.write(chunk))
        await new Promise((resolve) => entries.once('drain', () => resolve(undefined)));
    entries.end(undefined);
  })();
  const seen: Record<string, string> = {};
  for await (const entry of entries) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(Buffer.from(part as Uint8Array));
    seen[entry.header.name] = Buffer.concat(parts).toString();
  }
  await feeding;
  return seen;
};
const archive = (files: Readonly<Record<string, string>>): AsyncIterable<Uint8Array> => {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  return tar as AsyncIterable<Uint8Array>;
};
/** As a process inside sees it. */
const inside = async (path: string): Promise<unknown> => {
  const { status } = await engine.ask('HEAD', `/containers/fi_box/archive?path=${encodeURIComponent(path)}`);
  return status;
};

test('an archive goes in and comes out again', async () => {
  expect(
    await docker().put_archive({ id, path: '/data', tar: archive({ 'sub/two': 'second', three: '' }) }),
  ).toEqual({ id, path: '/data' });
  expect(await inside('/data/sub/two')).toBe(200);
  const { stat, tar } = await docker().get_archive({ id: 'fi_box', path: '/data' });
  expect(stat).toMatchObject({ name: 'data', type: 'directory' });
  expect(await read(tar)).toMatchObject({
    'data/one': 'inside\n',
    'data/sub/two': 'second',
    'data/three': '',
  });
  await refused(docker().put_archive({ id, path: '/nowhere', tar: archive({ a: '' }) }), 'not_found');
  await refused(docker().put_archive({ id, path: '/data/one', tar: archive({ a: '' }) }), 'engine_refused');
  await refused(docker().get_archive({ id, path: '/nowhere' }), 'not_found');
  await refused(docker().put_archive({ id: 'nobody', path: '/', tar: archive({ a: '' }) }), 'not_found');
});

test('a tar that breaks off or is none is refused, and what breaks it is said', async () => {
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(512, 1);
    throw new Error('the disk is gone');
  };
  await refused(docker().put_archive({ id, path: '/data', tar: broken() }), 'invalid_input');
  const garbage = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(2048, 'x');
  };
  await refused(docker().put_archive({ id, path: '/data', tar: garbage() }), 'engine_refused');
});

test('nothing is written where the container may not be written', async () => {
  const made = await docker().create({
    image: 'busybox:latest',
    name: 'fi_closed',
    read_only: true,
    command: 'sleep 600',
    stop_timeout: 0,
  });
  await eventually(async () => expect((await docker().get({ id: made.id })).status).toBe('running'));
  await refused(docker().put_archive({ id: made.id, path: '/', tar: archive({ a: '' }) }), 'engine_refused');
  await docker().delete({ id: made.id, wait: true });
});

test('export is the whole file system, read no faster than it is taken', async () => {
  const { tar } = await docker().export({ id });
  const names = Object.keys(await read(tar));
  expect(names).toEqual(expect.arrayContaining(['data/one', 'bin/sh']));
  for (const name of ['data/one', 'bin/sh']) expect(await inside(`/${name}`)).toBe(200);
  // Left after the first bytes, it leaves no connection behind.
  const again = await docker().export({ id });
  for await (const chunk of again.tar) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});

test('a reader that is aborted ends at once', async () => {
  const ending = new AbortController();
  const { tar } = await docker().get_archive({ id, path: '/' }, { signal: ending.signal });
  const reading = (async () => {
    for await (const _ of tar) ending.abort();
  })();
  await refused(reading, 'aborted');
});

test('what is not ours is read and not written', async () => {
  await engine.ask('POST', '/containers/create?name=fi_foreign', { Image: 'busybox:latest', Cmd: ['true'] });
  const { tar } = await docker().get_archive({ id: 'fi_foreign', path: '/etc/passwd' });
  expect(Object.keys(await read(tar))).toEqual(['passwd']);
  await refused(docker().put_archive({ id: 'fi_foreign', path: '/', tar: archive({ a: '' }) }), 'not_ours');
  await engine.ask('DELETE', '/containers/fi_foreign?force=1');
});
