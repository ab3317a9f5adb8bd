import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aBerthFolder, type BerthFolder, type UpProcess } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { aLockedRegistry, KNOWN, type LockedRegistry } from '../support/locked-registry.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let registry: LockedRegistry;
let berth: BerthFolder;
let up: UpProcess;
let engine: ReturnType<typeof rawEngine>;
const isThere = async (name: string) => (await engine.ask('GET', `/images/${name}/json`)).status === 200;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  registry = await aLockedRegistry(5403);
  folder = await aFolder();
  await mkdir(join(folder.path, 'docker'));
  berth = await aBerthFolder(host, {
    DOCKER_CONFIG: join(folder.path, 'docker'),
    BERTH_REGISTRY: `${registry.name}/team`,
  });
  up = await berth.up();
}, 120_000);

afterAll(async () => {
  await engine.ask('DELETE', `/images/${registry.name}/team/app:1?force=1`);
  await berth[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test('a registry is logged in to, pushed to and pulled from by hand; names without one are of the registry that is configured', async () => {
  const full = `${registry.name}/team/app:1`;
  await engine.ask('POST', `/images/busybox:latest/tag?repo=${registry.name}/team/app&tag=1`);
  const secret = async (text: string): Promise<string> => {
    const path = join(folder.path, 'secret');
    await writeFile(path, `${text}\n`);
    return path;
  };
  const ran: { out: string; err: string }[] = [];
  const run = async (...words: string[]) => {
    const one = await berth.run(...words);
    ran.push(one);
    return one;
  };
  const denied = await run('image', 'push', 'app:1');
  expect(denied).toMatchObject({ code: 8, err: expect.stringContaining('Log in to the registry') });
  const wrong = await berth.runOn(await secret('wr0ng-canary'), 'login', registry.name, '-u', 'me');
  expect(wrong).toMatchObject({ code: 8, out: '' });
  const login = await berth.runOn(
    await secret(KNOWN.password),
    ...['image', 'login', registry.name, '--username', KNOWN.username],
  );
  expect(login).toMatchObject({ code: 0, err: '' });
  expect(await readFile(join(folder.path, 'docker/config.json'), 'utf8')).toContain(registry.name);
  ran.push(wrong, login);

  const pushed = await run('image', 'push', 'app:1');
  expect(pushed).toMatchObject({ code: 0, err: '' });
  const digest = (await registry.digest('team/app', '1')) ?? 'none';
  expect(pushed.out).toContain(`${full}  ${digest}`);
  const listed = await run('image', 'ls', '*/team/app', '--digests');
  expect(listed.out).toContain(digest);
  expect((await run('image', 'inspect', 'app:1')).out).toContain('"architecture"');
  expect((await run('image', 'history', 'app:1', '--json')).code).toBe(0);
  expect((await run('image', 'rm', 'app:1')).code).toBe(0);
  expect(await isThere(full)).toBe(false);
  expect(await isThere('busybox:latest')).toBe(true);
  const never = await run('image', 'pull', 'app:1', '--policy', 'never');
  expect(never).toMatchObject({ code: 8 });

  const pulled = await run('image', 'pull', 'app:1');
  expect(pulled).toMatchObject({ code: 0, err: '' });
  expect(pulled.out).toMatch(/^1: Pulling from team\/app$/m);
  expect(pulled.out).toMatch(new RegExp(`^${full}  sha256:[0-9a-f]{64}  new$`, 'm'));
  expect(await isThere(full)).toBe(true);
  const again = await run('image', 'pull', 'app:1', '--json');
  const lines = again.out.split('\n').filter(Boolean);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ image: full, changed: false, pulled: true });
  expect(lines.slice(0, -1).map((line) => JSON.parse(line).type)).toContain('done');
  const search = await run('image', 'search', '127.0.0.1:1/app');
  expect(search).toMatchObject({ code: 8 });

  // Declared, and wanted by a container.
  await run('image', 'rm', 'app:1');
  await berth.write(
    '_index.yaml',
    `namespace: imgs
entries:
  - name: app
    kind: registry.entry
    meta: { type: docker.image }
    image: app:1
  - name: nowhere
    kind: registry.entry
    meta: { type: docker.image }
    image: ${registry.name}/team/nowhere:1
`,
  );
  expect(await run('validate', berth.registry)).toMatchObject({ code: 0 });
  await eventually(async () => expect(await isThere(full)).toBe(true));
  await eventually(() => expect(`${up.written.out}${up.written.err}`).toContain('nowhere:1'));
  await run('image', 'rm', '--force', 'app:1');
  await berth.write(
    '_index.yaml',
    `namespace: imgs
entries:
  - name: imgs-app
    kind: registry.entry
    meta: { type: docker.container }
    image: app:1
    command: 'true'
`,
  );
  await berth.until('imgs-app', ({ status }) => status === 'stopped');
  const { body } = await engine.ask('GET', '/containers/imgs-app/json');
  expect(body).toMatchObject({ Config: { Image: full } });
  ran.push(up.written);
  expect(JSON.stringify(ran)).not.toMatch(/canary/);
}, 180_000);
