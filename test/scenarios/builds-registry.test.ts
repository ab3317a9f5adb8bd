import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { makeImage } from '../support/a-made-image.ts';
import { testEngine } from '../support/engine.ts';
import { aLockedRegistry, KNOWN, type LockedRegistry } from '../support/locked-registry.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let registry: LockedRegistry;
let engine: ReturnType<typeof rawEngine>;
const images = () => app.contract.open('userspace.docker:images');
const config = () => join(folder.path, 'docker', 'config.json');

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  registry = await aLockedRegistry(5402);
  folder = await aFolder();
  await mkdir(join(folder.path, 'docker'));
  app = await createApp({
    engine: host,
    state: join(folder.path, 'state'),
    config: readConfig({ ...process.env, DOCKER_CONFIG: join(folder.path, 'docker') }),
  });
}, 120_000);

afterAll(async () => {
  await app.close();
  for (const name of await readdir(join(folder.path, 'state'), { recursive: true })) {
    const text = await readFile(join(folder.path, 'state', name), 'latin1').catch(() => '');
    expect(text.includes(KNOWN.password), name).toBe(false);
  }
  await registry[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
}, 120_000);

test.each(['buildkit', 'classic'] as const)(
  'a base image of a registry with a password is had by %s with the call’s or the configured credentials, and not without',
  { timeout: 120_000 },
  async (builder) => {
    const base = `${registry.name}/builds/${builder}:1`;
    await makeImage(engine, base, ['LABEL base=locked']);
    await images().push({ image: base, auth: KNOWN });
    const gone = async (): Promise<void> => {
      for (const name of [base, `builds-registry/${builder}`])
        await images().delete({ image: name, force: true });
    };
    const built = async (auth?: Record<string, typeof KNOWN>) => {
      await gone();
      const request = {
        name: `builds-registry/${builder}`,
        dockerfile: `FROM ${base}\nLABEL made=${Math.random()}\n`,
      };
      const { build_id } = await images().build({ ...request, builder, ...(auth && { auth }) });
      return await images().build_status({ build_id, wait: true });
    };
    expect(await built()).toMatchObject({ status: 'failed', error: { code: 'image_denied' } });
    expect(await built({ [registry.name]: KNOWN })).toMatchObject({ status: 'succeeded' });
    const auth = Buffer.from(`${KNOWN.username}:${KNOWN.password}`).toString('base64');
    await writeFile(config(), JSON.stringify({ auths: { [registry.name]: { auth } } }));
    const { image_id } = await built();
    await writeFile(config(), '{}');
    expect((await engine.ask('GET', `/images/builds-registry/${builder}:latest/json`)).body).toMatchObject({
      Id: image_id,
      Config: { Labels: { base: 'locked' } },
    });
    await gone();
  },
);
