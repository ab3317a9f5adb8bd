import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { dockerCompose } from '../support/docker-compose.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, rawEngine } from '../support/raw-engine.ts';

const COMPOSE = `
services:
  web:
    image: busybox:latest
    command: sh -c 'cat /run/secrets/token; echo up; exec sleep 600'
    environment: {MODE: "\${SHOP_MODE:-one}"}
    secrets: [{source: token, mode: 0400}]
    depends_on: [db]
    stop_grace_period: 1s
  db:
    image: busybox:latest
    command: sleep 600
    volumes: ["data:/data"]
    stop_grace_period: 1s
  other: {image: busybox:latest, command: sleep 600}
  tools: {image: busybox:latest, command: sleep 600, profiles: [tools]}
volumes: {data: }
secrets: {token: {environment: TOKEN}}
`;

test('a Compose project runs as far as it is asked for, follows its files, is found by Docker’s Compose, and goes with its volumes', {
  timeout: 90_000,
}, async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await using berth = await aBerthFolder(host, { TOKEN: 's3cret' });
  await using _gone = { [Symbol.asyncDispose]: async () => void (await berth.run('down', '--volumes')) };
  const file = join(berth.folder, 'compose.yaml');
  await writeFile(file, COMPOSE);
  const up = berth.start('up', '-f', file, '-p', 'compose-live', 'web', '--json');
  const seen = async (name: string): Promise<RawContainer> => {
    const { status, body } = await engine.ask('GET', `/containers/${name}/json`);
    if (status !== 200) throw new Error(`there is no ${name}: ${up.written.err}`);
    return body as RawContainer;
  };
  const first = await eventually(async () => {
    const web = await seen('compose-live-web-1');
    expect(web.State.Status).toBe('running');
    return web;
  }, 30_000);
  // Only what was named, and what that needs.
  expect((await berth.ps()).map(({ name }) => name).sort()).toEqual([
    'compose-live-db-1',
    'compose-live-web-1',
  ]);
  expect((await seen('compose-live-db-1')).Config.Labels).toMatchObject({
    'com.docker.compose.project': 'compose-live',
    'com.docker.compose.service': 'db',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.project.config_files': file,
  });
  const compose = (...words: readonly string[]): Promise<string> =>
    dockerCompose({ host, folder: berth.folder }, '-p', 'compose-live', ...words);
  // Beside the older engine there is no Compose of its time.
  const { body: version } = await engine.ask('GET', '/version');
  if (Number((version as { readonly ApiVersion: string }).ApiVersion.split('.')[1]) >= 44) {
    expect((await compose('ps', '--services')).trim().split('\n').sort()).toEqual(['db', 'web']);
    expect(await compose('logs', '--no-log-prefix', 'web')).toContain('s3cretup\n');
  }
  const { body } = await engine.ask('GET', '/containers/compose-live-web-1/archive?path=/run/secrets/token');
  // The tar’s header: its name, then its mode.
  expect(String(body).slice(0, 107)).toMatch(/^token\0+0*(?:100)?400\0?$/);

  // What a `.env` says is heard, and changes what it changes alone.
  const db = (await seen('compose-live-db-1')).Id;
  await writeFile(join(berth.folder, '.env'), 'SHOP_MODE=two\n');
  await eventually(async () => {
    const web = await seen('compose-live-web-1');
    expect(web.Config.Env).toContain('MODE=two');
    expect(web.Id).not.toBe(first.Id);
    expect(web.State.Status).toBe('running');
  }, 30_000);
  expect((await seen('compose-live-db-1')).Id).toBe(db);

  // A file that cannot be run changes nothing, and is told.
  await writeFile(
    file,
    COMPOSE.replace('depends_on: [db]', 'depends_on: [db]\n    credential_spec: {file: x}'),
  );
  await eventually(
    () => expect(up.written.out + up.written.err).toContain('credential_spec: is of Windows'),
    30_000,
  );
  expect((await seen('compose-live-db-1')).Id).toBe(db);
  await writeFile(file, COMPOSE);

  expect(await berth.run('down', 'nowhere')).toMatchObject({
    code: 3,
    err: expect.stringContaining('no group nowhere'),
  });
  const down = await berth.run('down', 'compose-live', '--volumes');
  expect(down).toMatchObject({ code: 0, err: '' });
  expect(down.out).toContain('removed compose-live_data');
  expect((await engine.ask('GET', '/volumes/compose-live_data')).status).toBe(404);
  expect((await engine.ask('GET', '/containers/compose-live-web-1/json')).status).toBe(404);
  expect(up.process.exitCode).toBeNull();
  up.kill('SIGTERM');
  expect(await up.ended).toBe(0);

  const refused = await berth.run('up', '-f', file, '--profile', 'gone', 'nobody');
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('services.nobody: there is no such service');
  expect(await readFile(file, 'utf8')).toBe(COMPOSE);
});
