import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ByteStream, isByteStream } from '../../contracts/byte-stream.ts';
import { containers } from '../../contracts/containers.ts';
import { EXAMPLES } from '../../contracts/examples.ts';
import { groups } from '../../contracts/groups.ts';
import { images } from '../../contracts/images.ts';
import { networks } from '../../contracts/networks.ts';
import { volumes } from '../../contracts/volumes.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { type OwnEngine, ownEngine } from '../support/own-engine.ts';

let engine: OwnEngine;
let folder: Folder;
let app: App;

beforeAll(async () => {
  engine = await ownEngine();
  folder = await aFolder();
  app = await createApp({ engine: engine.host, state: folder.path });
}, 120_000);

afterAll(async () => {
  await app.close();
  await engine[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
}, 120_000);

/** What the examples speak of is there, whatever the one before has done to it. */
async function prepare(): Promise<void> {
  const docker = app.contract.open(containers);
  const base = { image: 'busybox:latest', if_exists: 'reuse' } as const;
  const { id } = await docker.create({
    ...base,
    // An `update` has made it another one.
    if_exists: 'replace',
    name: 'cache',
    command: ['sh', '-c', 'trap : HUP; while sleep 1; do :; done'],
    interactive: true,
  });
  await docker.unpause({ id }).catch(() => undefined);
  await docker.start({ id, wait: true });
  const asked = { id, stream: { topic: 'cache.events' }, from_seq: 1 };
  await app.house.call(
    { contract_id: containers.id, method: 'subscribe', input: asked },
    { self: 'reference' },
  );
  await docker.create({ ...base, name: 'shell', command: ['sh'], interactive: true, tty: true });
  await docker.start({ id: 'shell', wait: true });
  const old = await docker.create({ ...base, name: 'old', command: 'echo old' });
  await docker.wait({ id: old.id });
  const stack = app.contract.open(groups);
  const { groups: known } = await stack.list({});
  if (known.some(({ group }) => group === 'stack')) await stack.start({ group: 'stack' });
  else
    await docker.compose({
      name: 'stack',
      containers: [
        {
          image: 'busybox:latest',
          name: 'web',
          command: 'sleep 600',
          replicas: 1,
          env: { VERSION: '1' },
          stop_timeout: 0,
        },
      ],
    });
  await app.contract.open(networks).create({ name: 'back' });
  await app.contract.open(volumes).create({ name: 'data' });
  for (const target of ['example/busybox:stable', 'localhost:5000/example/busybox:stable'])
    await app.contract.open(images).tag({ image: 'busybox:latest', target });
}

/** Reads the bytes of an answer that has some. */
async function drained(answer: unknown): Promise<void> {
  if (typeof answer !== 'object' || answer === null || !('tar' in answer) || !isByteStream(answer.tar))
    return;
  let size = 0;
  for await (const bytes of answer.tar) size += bytes.length;
  expect(size).toBeGreaterThan(0);
}

/** What those are given that take bytes. */
const TARS: Readonly<Record<string, () => Promise<ByteStream>>> = {
  load: async () => (await app.contract.open(images).save({ images: ['busybox:latest'] })).tar,
  import: async () => aTar(),
  put_archive: async () => aTar(),
};

async function* aTar(): AsyncGenerator<Uint8Array> {
  const packing = pack();
  packing.entry({ name: 'bin/app', mode: 0o755 }, '#!/bin/sh\n');
  packing.finalize();
  for await (const bytes of packing) yield Buffer.from(bytes as Uint8Array);
}

/** The engine makes up their ids. */
async function anExec(): Promise<{ readonly exec_id: string }> {
  const { exec_id = '' } = await app.contract
    .open(containers)
    .exec({ id: 'cache', args: ['sleep', '600'], tty: true, detach: true });
  return { exec_id };
}

const CALLS = Object.entries(EXAMPLES).flatMap(([id, methods]) =>
  Object.entries(methods).map(([name, input]) => ({ id, name, input })),
);

test.each(CALLS)(
  'the reference’s example of $id $name does what it says on a real engine',
  {
    timeout: 120_000,
  },
  async ({ id, name, input }) => {
    await prepare();
    // Its answer is checked against the contract at the door.
    const tar = TARS[name];
    const whole = {
      ...Object(input),
      ...(tar !== undefined && { tar: await tar() }),
      ...(name.startsWith('exec_') && (await anExec())),
    };
    const call = app.house.call({ contract_id: id, method: name, input: whole }, { self: 'reference' });
    // The tests reach no registry that can be searched.
    if (id === images.id && name === 'search')
      await expect(call).rejects.toMatchObject({ code: 'image_registry_unreachable' });
    else if (id === images.id && name === 'import_remote')
      await expect(call).rejects.toMatchObject({ code: 'engine_refused' });
    // A build's id is its own.
    else if (id === images.id && name === 'build_status')
      await expect(call).rejects.toMatchObject({ code: 'not_found' });
    else await drained(await call);
    expect(app.house.store.containers.present().length).toBeGreaterThan(0);
  },
);
