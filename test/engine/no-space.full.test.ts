import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { type OwnEngine, ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

const BIG = '127.0.0.1:5000/berth-test/big:1';
const MB = 1024 * 1024;
let disk = '';
let own: OwnEngine | undefined;
let engine: Engine;

beforeAll(async () => {
  await needImages('busybox:latest');
  const large = openEngine((await testEngine()).host);
  await large.images.import(aTar(80 * MB), BIG, {});
  await large.images.push(BIG, {});
  await large.images.remove(BIG, { force: true });
  await large.close();
  disk = await mkdtemp(join(tmpdir(), 'small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'none', disk]);
  own = await ownEngine({ words: [`--data-root=${disk}`] });
  engine = openEngine(own.host);
}, 180_000);
afterAll(async () => {
  await engine?.close();
  await own?.[Symbol.asyncDispose]();
  if (disk === '') return;
  execFileSync('umount', ['-R', '-l', disk]);
  await rm(disk, { recursive: true, force: true });
}, 120_000);

/** A root file system that packs badly. */
async function* aTar(size: number): AsyncGenerator<Uint8Array> {
  const packing = pack();
  packing.entry({ name: 'noise' }, randomBytes(size));
  packing.finalize();
  for await (const bytes of packing) yield Buffer.from(bytes as Uint8Array);
}

test('a pull that the disk has no room for is no_space, leaves no image, and lets smaller ones be pulled', async () => {
  const raw = rawEngine(own?.socket_path ?? '');
  await expect(engine.images.pull(BIG, {})).rejects.toMatchObject({ code: 'no_space' });
  expect((await raw.ask('GET', `/images/${BIG}/json`)).status).toBe(404);
  await engine.images.pull('busybox:latest', {});
  expect((await raw.ask('GET', '/images/busybox:latest/json')).status).toBe(200);
}, 120_000);

test('neither has an import room there', async () => {
  await expect(engine.images.import(aTar(80 * MB), 'berth-test/imported:1', {})).rejects.toMatchObject({
    code: 'no_space',
  });
}, 120_000);
