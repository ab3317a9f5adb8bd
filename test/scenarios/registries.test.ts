import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OperationEvent } from '../../contracts/operation-events.ts';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { createLog } from '../../src/runtime/log.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { makeImage } from '../support/a-made-image.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { aLockedRegistry, KNOWN, type LockedRegistry } from '../support/locked-registry.ts';
import { rawEngine } from '../support/raw-engine.ts';

const WRONG = { username: 'me', password: 'wr0ng-canary' } as const;
let folder: Folder;
let docker_config: string;
let app: App;
let registry: LockedRegistry;
let engine: ReturnType<typeof rawEngine>;
const images = () => app.contract.open('userspace.docker:images');
const isThere = async (name: string) => (await engine.ask('GET', `/images/${name}/json`)).status === 200;
const gone = (name: string) => engine.ask('DELETE', `/images/${name}?force=1`);
const configure = (config: object) => writeFile(join(docker_config, 'config.json'), JSON.stringify(config));
const inline = ({ username, password }: typeof KNOWN | typeof WRONG) => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
});

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  registry = await aLockedRegistry(5401);
  folder = await aFolder();
  docker_config = join(folder.path, 'docker');
  await mkdir(docker_config);
  // Helpers are found by name alone.
  process.env['PATH'] = `${folder.path}:${process.env['PATH']}`;
  app = await createApp({
    engine: host,
    state: join(folder.path, 'state'),
    workers: 1,
    config: readConfig({ ...process.env, DOCKER_CONFIG: docker_config }),
    log: createLog('trace'),
  });
}, 120_000);

beforeEach(() => rm(join(docker_config, 'config.json'), { force: true }));

afterAll(async () => {
  await app.close();
  // Nothing that Berth keeps has a secret in it.
  const state = join(folder.path, 'state');
  for (const name of await readdir(state, { recursive: true })) {
    const text = await readFile(join(state, name), 'latin1').catch(() => '');
    for (const secret of [KNOWN.password, WRONG.password, inline(KNOWN).auth])
      expect(text.includes(secret), name).toBe(false);
  }
  await registry[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
}, 120_000);

/** The events of one call to their `done`. */
async function told(work: (topic: string) => Promise<unknown>): Promise<readonly OperationEvent[]> {
  const topic = `registries.${Math.random()}`;
  const events: OperationEvent[] = [];
  const ending = new AbortController();
  const listening = (async () => {
    for await (const event of app.process.listen(topic, { signal: ending.signal })) {
      if ('operation_id' in event) events.push(event);
      if (event.type === 'done') return;
    }
  })();
  await Promise.allSettled([work(topic), listening]);
  ending.abort();
  return events;
}

test('a private image is pushed and pulled with the credentials of the call, and with no others', async () => {
  const image = `${registry.name}/team/called`;
  await makeImage(engine, `${image}:1`, [], Buffer.alloc(3_000_000, 'berth'));
  for (const auth of [undefined, WRONG]) {
    const refused = images().push({ image, tag: '1', ...(auth && { auth }) });
    await expect(refused).rejects.toMatchObject({ code: 'image_denied' });
    await expect(refused).rejects.not.toThrow(/canary/);
  }
  let pushed: Awaited<ReturnType<ReturnType<typeof images>['push']>> | undefined;
  const pushing = await told(async (topic) => {
    pushed = await images().push({ image, tag: '1', auth: KNOWN, stream: { topic } });
  });
  expect(pushed?.digest).toBe(await registry.digest('team/called', '1'));
  expect(pushing.at(-1)).toMatchObject({
    type: 'done',
    outcome: 'succeeded',
    operation_id: pushed?.operation_id,
  });
  expect(pushing.some((event) => event.type === 'progress' && event.layer !== undefined)).toBe(true);
  await expect(images().push({ image: `${image}:none`, auth: KNOWN })).rejects.toMatchObject({
    code: 'image_not_found',
  });

  await gone(`${image}:1`);
  await expect(images().pull({ image, tag: '1', policy: 'never' })).rejects.toMatchObject({
    code: 'image_not_found',
  });
  for (const auth of [undefined, WRONG]) {
    const refused = images().pull({ image: `${image}:1`, ...(auth && { auth }) });
    await expect(refused).rejects.toMatchObject({ code: 'image_denied' });
    await expect(refused).rejects.not.toThrow(/canary/);
  }
  const failing = await told((topic) =>
    images().pull({ image: `${image}:1`, auth: WRONG, stream: { topic } }),
  );
  expect(failing).toMatchObject([{ type: 'done', outcome: 'failed', error: { code: 'image_denied' } }]);
  expect(JSON.stringify(failing)).not.toContain('canary');
  expect(await isThere(`${image}:1`)).toBe(false);

  const pulling = await told((topic) => images().pull({ image, tag: '1', auth: KNOWN, stream: { topic } }));
  expect(await isThere(`${image}:1`)).toBe(true);
  const totals = pulling.filter((event) => event.type === 'progress' && event.layer === undefined);
  expect(totals.at(-1)).toMatchObject({ image: `${image}:1`, current: expect.any(Number) });
  expect(pulling.at(-1)).toMatchObject({ type: 'done', outcome: 'succeeded' });
  const again = await images().pull({ image, tag: '1', policy: 'missing' });
  expect(again).toMatchObject({ pulled: false, changed: false, image: `${image}:1` });
  expect(await images().pull({ image, tag: '1', auth: KNOWN })).toMatchObject({
    pulled: true,
    changed: false,
  });
  await expect(images().pull({ image: `${image}:1`, tag: '2' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
}, 120_000);

test('who we are is known from a login, from Docker’s configuration and from its helpers; a container’s image is pulled so too', async () => {
  const image = `${registry.name}/team/known:1`;
  const containers = app.contract.open('userspace.docker:containers');
  await needImages('busybox:latest');
  await engine.ask('POST', `/images/busybox:latest/tag?repo=${registry.name}/team/known&tag=1`);
  await expect(images().login({ registry: registry.name, ...WRONG })).rejects.toMatchObject({
    code: 'image_denied',
  });
  expect(await images().login({ registry: registry.name, ...KNOWN, save: false })).toMatchObject({
    saved: 'no',
  });
  await expect(images().push({ image })).rejects.toMatchObject({ code: 'image_denied' });
  await configure({ psFormat: 'kept', auths: { 'other.test': {} } });
  expect(await images().login({ registry: registry.name, ...KNOWN })).toEqual({
    registry: registry.name,
    username: KNOWN.username,
    saved: 'file',
  });
  expect(JSON.parse(await readFile(join(docker_config, 'config.json'), 'utf8'))).toEqual({
    psFormat: 'kept',
    auths: { 'other.test': {}, [registry.name]: inline(KNOWN) },
  });
  await images().push({ image });

  const script = join(folder.path, 'docker-credential-berthtest');
  await writeFile(
    script,
    `#!/bin/sh\nread -r key\n[ "$1 $key" = "get ${registry.name}" ] || { echo "credentials not found in native keychain"; exit 1; }\necho '{"Username":"${KNOWN.username}","Secret":"${KNOWN.password}"}'\n`,
  );
  await chmod(script, 0o755);
  for (const config of [
    { auths: { [`http://${registry.name}/v2/`]: inline(KNOWN) } },
    { credHelpers: { [registry.name]: 'berthtest' } },
    { credsStore: 'berthtest', auths: { [registry.name]: {} } },
  ]) {
    await gone(image);
    await configure(config);
    expect(await images().pull({ image })).toMatchObject({ pulled: true, changed: true });
    expect(await isThere(image)).toBe(true);
  }

  await gone(image);
  const { id } = await containers.create({ image, name: 'registries-private', command: 'true' });
  try {
    await eventually(async () => expect((await containers.get({ id })).status).toBe('stopped'));
    expect(await isThere(image)).toBe(true);
  } finally {
    await containers.delete({ id, wait: true });
  }
  await configure({ credHelpers: { [registry.name]: 'berth-is-not-there' } });
  await expect(images().pull({ image })).rejects.toMatchObject({ code: 'credentials_failed' });
  await writeFile(join(docker_config, 'config.json'), '{"auths": "s3cret-canary');
  await expect(images().pull({ image })).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(images().pull({ image })).rejects.not.toThrow(/canary/);
}, 120_000);

test('a registry that limits, hangs, fails or is not there is told apart; a search asks what can be searched', async () => {
  let answer: RequestListener = (_, response) => void response.end('{}');
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const image = `${at}/odd/app:1`;
    const failing = async (code: string, input: object = {}) => {
      await expect(images().pull({ image, ...input })).rejects.toMatchObject({ code });
      expect(await isThere(image)).toBe(false);
    };
    answer = (_, response) => {
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] }));
    };
    await failing('image_rate_limited');
    answer = () => undefined;
    await failing('image_stalled', { stall_timeout: '100ms' });
    server.closeAllConnections();
    answer = (_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
    };
    await failing('image_not_found');
    const unreachable = images().pull({ image: '127.0.0.1:1/odd/app:1' });
    await expect(unreachable).rejects.toMatchObject({ code: 'image_registry_unreachable' });

    const asked: string[] = [];
    answer = ({ url = '' }, response) => {
      asked.push(url);
      response.setHeader('content-type', 'application/json');
      if (!url.startsWith('/v1/search')) return void response.end('{}');
      const one = (name: string, star_count: number) => ({
        ...{ name, star_count, description: `all of ${name}`, is_official: star_count > 10 },
      });
      const results = [one('red', 3), one('redder', 30)];
      response.end(JSON.stringify({ query: 'red', num_results: 2, results }));
    };
    const { results } = await images().search({ term: `${at}/red`, limit: 7 });
    expect(results).toEqual([
      { name: 'red', description: 'all of red', stars: 3, official: false },
      { name: 'redder', description: 'all of redder', stars: 30, official: true },
    ]);
    expect(asked.at(-1)).toMatch(/q=red.*n=7|n=7.*q=red/);
    const starred = await images().search({ term: `${at}/red`, stars: 10 });
    expect(starred.results.map(({ name }) => name)).toEqual(['redder']);
    const raw = await engine.ask('GET', `/images/search?term=${at}/red`);
    expect(raw.body).toHaveLength(2);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await expect(images().search({ term: '127.0.0.1:1/red' })).rejects.toMatchObject({
    code: 'image_registry_unreachable',
  });
}, 120_000);
