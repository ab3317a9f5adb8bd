import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from '../../src/connect.ts';
import { makeImage } from '../support/a-made-image.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let connection: Connection;
let engine: ReturnType<typeof rawEngine>;
const SIZE = 12_000_000;
const images = () => connection.contract.open('userspace.docker:images');

const idOf = async (name: string): Promise<string | undefined> => {
  const { status, body } = await engine.ask('GET', `/images/${name}/json`);
  return status === 200 ? (body as { Id: string }).Id : undefined;
};

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  for (const name of ['imgfile/one:1', 'imgfile/two:1'])
    await makeImage(engine, name, [`LABEL of=${name}`], Buffer.alloc(SIZE, name));
  berth = await aBerthFolder(host);
  await berth.up();
  connection = await connect(join(berth.state, 'berth.sock'));
}, 120_000);

afterAll(async () => {
  for (const name of ['imgfile/one:1', 'imgfile/two:1', 'imgfile/made:1', 'imgfile/called:1'])
    await engine.ask('DELETE', `/images/${name}?force=1`);
  await connection.close();
  await berth[Symbol.asyncDispose]();
}, 120_000);

test('images go into a file and come back from it, by the command line and by standard input', async () => {
  const [one, two] = [await idOf('imgfile/one:1'), await idOf('imgfile/two:1')];
  const file = join(berth.folder, 'both.tar');
  const saved = await berth.run('image', 'save', '-o', file, 'imgfile/one:1', 'imgfile/two:1', '--json');
  expect(saved).toMatchObject({ code: 0 });
  expect(JSON.parse(saved.out)).toMatchObject({ file, size: (await stat(file)).size });
  expect((await stat(file)).size).toBeGreaterThan(2 * SIZE);
  await images().delete({ image: 'imgfile/one:1' });
  await images().delete({ image: 'imgfile/two:1' });
  expect(await idOf('imgfile/one:1')).toBeUndefined();
  const loaded = await berth.runOn(file, 'image', 'load');
  expect(loaded).toMatchObject({ code: 0 });
  expect(loaded.out.split('\n').filter(Boolean).toSorted()).toEqual(['imgfile/one:1', 'imgfile/two:1']);
  expect([await idOf('imgfile/one:1'), await idOf('imgfile/two:1')]).toEqual([one, two]);
  await images().delete({ image: 'imgfile/two:1' });
  expect(await berth.run('image', 'load', '-i', file)).toMatchObject({ code: 0 });
  expect(await idOf('imgfile/two:1')).toBe(two);

  const absent = await berth.run('image', 'save', '-o', join(berth.folder, 'none.tar'), 'imgfile/none:1');
  expect(absent).toMatchObject({ code: 8, out: '' });
  expect(absent.err).toContain('imgfile/none:1');
  expect((await readdir(berth.folder)).filter((name) => name.includes('none'))).toEqual([]);
  expect(await berth.run('image', 'load', '-i', join(berth.folder, 'none.tar'))).toMatchObject({ code: 2 });
  const odd = join(berth.folder, 'odd.tar');
  await writeFile(odd, Buffer.alloc(5_000_000, 'no tar'));
  await expect(images().load({ tar: createReadStream(odd) })).rejects.toMatchObject({
    code: 'engine_refused',
  });
}, 120_000);

test('over the socket the bytes come as they are read; whoever stops reading, or has nothing to give, ends it', async () => {
  const { images: names, tar } = await images().save({ images: ['imgfile/one:1'] });
  expect(names).toEqual(['imgfile/one:1']);
  for await (const chunk of tar) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  const entries: string[] = [];
  const unpack = extract();
  unpack.on('entry', ({ name }, stream, next) => {
    entries.push(name);
    stream.on('end', () => next());
    stream.resume();
  });
  const again = await images().save({ images: ['imgfile/one:1'] });
  await new Promise((resolve, reject) => {
    unpack.on('finish', () => resolve(undefined));
    unpack.on('error', reject);
    Readable.from(again.tar, { objectMode: false }).on('error', reject).pipe(unpack);
  });
  expect(entries).toContain('manifest.json');
  await expect(images().save({ images: ['imgfile/none:1'] })).rejects.toMatchObject({
    code: 'image_not_found',
  });
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000);
    throw new Error('the disk went away');
  }
  await expect(images().load({ tar: broken() })).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('the disk went away'),
  });
  await expect(images().import({ tar: broken(), image: 'imgfile/broken:1' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  expect(await idOf('imgfile/broken:1')).toBeUndefined();
  const caller = new AbortController();
  const begun = pack();
  begun.entry({ name: 'endless', size: 1e12 });
  const header = (await once(begun.pipe(new PassThrough()), 'data'))[0] as Buffer;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield header;
    for (let count = 0; ; count++) {
      if (count === 20) caller.abort();
      yield Buffer.alloc(65_536);
    }
  }
  await expect(images().load({ tar: endless() }, { signal: caller.signal })).rejects.toMatchObject({
    code: 'aborted',
  });
}, 120_000);

test('a root file system becomes an image, with what it runs; a call may carry bytes, too', async () => {
  const root = join(berth.folder, 'root.tar');
  const tar = pack();
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\n');
  tar.finalize();
  await writeFile(root, tar.pipe(new PassThrough()));
  const made = await berth.run(
    ...['image', 'import', root, 'imgfile/made:1', '-c', 'CMD ["/hello"]', '-m', 'by hand'],
  );
  expect(made).toEqual({ code: 0, out: 'imgfile/made:1\n', err: '' });
  const { body } = await engine.ask('GET', '/images/imgfile/made:1/json');
  expect(body).toMatchObject({ Config: { Cmd: ['/hello'] }, Comment: 'by hand' });
  const called = await berth.runOn(root, 'call', 'images', 'import', '--image', 'imgfile/called:1');
  expect(called).toMatchObject({ code: 0 });
  expect(JSON.parse(called.out)).toMatchObject({ id: await idOf('imgfile/called:1') });
  await using server = createServer((request, response) => {
    if (request.url === '/root.tar') return createReadStream(root).pipe(response);
    return response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const http = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetched = await images().import_remote({
    ...{ image: 'imgfile/fetched:1', remote: `${http}/root.tar`, changes: ['CMD ["/far"]'] },
  });
  expect((await engine.ask('GET', '/images/imgfile/fetched:1/json')).body).toMatchObject({
    Id: fetched.id,
    Config: { Cmd: ['/far'] },
  });
  expect(await berth.run('image', 'import', `${http}/root.tar`, 'imgfile/far:1')).toMatchObject({ code: 0 });
  expect(await idOf('imgfile/far:1')).toBeDefined();
  await expect(
    images().import_remote({ image: 'imgfile/none:1', remote: `${http}/none.tar` }),
  ).rejects.toMatchObject({ code: 'engine_refused' });
  const odd = images().import({
    ...{ image: 'imgfile/odd:1', tar: createReadStream(root), changes: ['NONSENSE'] },
  });
  await expect(odd).rejects.toMatchObject({ code: 'engine_refused' });
  expect(await idOf('imgfile/odd:1')).toBeUndefined();
}, 120_000);
