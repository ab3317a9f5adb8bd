import { afterAll, beforeAll, expect, test } from 'vitest';
import { chain } from '../support/a-chain.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;

const startedAt = async (name: string): Promise<string> =>
  (await engine.container(name))?.State.StartedAt ?? '';
const finishedAt = async (name: string): Promise<string> =>
  ((await engine.container(name))?.State as { FinishedAt?: string } | undefined)?.FinishedAt ?? '';

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.write('_index.yaml', chain());
});
afterAll(() => berth[Symbol.asyncDispose]());

test('up --wait starts a chain in its order and all else at once, says who waits for whom, and ends when all is well', async () => {
  const { code, out, err } = await berth.run('up', berth.registry, '--wait', '--timeout', '120s');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^dep-web: waiting, waits for .*dep-migrate to end with exit code 0/m);
  expect(out).toMatch(/^dep-web: waiting, waits for dep-db to be healthy \(/m);
  expect(out).toMatch(/^dep-migrate: stopped, exit code 0$/m);
  const [migrate, db, web, free, calm] = await Promise.all(
    ['dep-migrate', 'dep-db', 'dep-web', 'dep-free', 'dep-calm'].map(startedAt),
  );
  expect([migrate, db, web]).toEqual([migrate, db, web].toSorted());
  expect([db, calm]).toEqual([db, calm].toSorted());
  // What needs nobody does not wait for the init.
  expect((free ?? '') < (await finishedAt('dep-migrate'))).toBe(true);
  expect((await finishedAt('dep-migrate')) <= (db ?? '')).toBe(true);
});
