import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { groups as groupsContract } from '../../contracts/groups.ts';
import { images } from '../../contracts/images.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { engineEvents } from '../support/engine-events.ts';
import { eventually } from '../support/eventually.ts';
import { moveATag } from '../support/move-a-tag.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
const docker = () => app.contract.open(containers);
const groups = () => app.contract.open(groupsContract);
const base = { image: 'busybox:latest', stop_timeout: 0, command: 'sleep 600' };
const ofThese = (what: string): string => `127.0.0.1:5000/along/${what}:1`;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
  await docker().create({ ...base, name: 'along_maker' });
  await until('along_maker', 'running');
  for (const what of ['db', 'web', 'lone']) await publish(what, '1');
});
afterAll(async () => {
  for (const id of ['along_app', 'along_cache', 'along_off', 'along_maker'])
    await docker().delete({ id, wait: true, timeout: 0 });
  await groups().teardown({ group: 'along', wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
});

const until = (id: string, status: string) =>
  eventually(async () => expect((await docker().get({ id })).status).toBe(status));
const publish = async (what: string, version: string): Promise<void> => {
  const image = `127.0.0.1:5000/along/${what}:made-${version}`;
  await docker().commit({ id: 'along_maker', image, changes: [`ENV V=${what}${version}`] });
  await app.contract.open(images).push({ image });
  await moveATag(`along/${what}`, `made-${version}`, '1');
};
const versionOf = async (name: string) =>
  (await engine.container(name))?.Config.Env.find((one) => one.startsWith('V='));
const startedAt = async (name: string) => (await engine.container(name))?.State.StartedAt ?? '';
const quick = { monitor: 0.1 };

test('an update of one service brings along what it needs: pulled and rolled, or started, each before what needs it; a dry run touches nothing', async () => {
  await docker().compose({
    name: 'along',
    containers: [
      { ...base, name: 'setup', role: 'init', image: ofThese('db'), command: 'true' },
      { ...base, name: 'extra' },
      { ...base, name: 'db', image: ofThese('db'), depends_on: ['extra'], update_config: quick },
      { ...base, name: 'web', image: ofThese('web'), depends_on: ['db'], update_config: quick },
      { ...base, name: 'aside', image: ofThese('db') },
    ],
  });
  await eventually(async () => expect((await groups().status({ group: 'along' })).ready).toBe(true));
  const [setup, web, aside] = await Promise.all(
    ['along-setup', 'along-web', 'along-aside'].map((name) => engine.container(name)),
  );
  const update = { group: 'along', services: ['web'] };
  expect(await groups().update({ ...update, dry_run: true })).toMatchObject({ changed: [] });
  await publish('db', '2');
  await docker().stop({ id: 'along-extra', wait: true });

  const since = Date.now();
  const dry = await groups().update({ ...update, dry_run: true });
  expect(dry).toMatchObject({ changed: ['db'], started: ['along-extra'] });
  expect((await groups().update({ ...update, dry_run: true, dependencies: false })).changed).toEqual([]);
  expect(await engineEvents(engine, since, /along/)).toEqual([]);
  expect((await groups().update({ ...update, dependencies: false, wait: true })).changed).toEqual([]);
  expect([await versionOf('along-db'), (await docker().get({ id: 'along-extra' })).status]).toEqual([
    'V=db1',
    'stopped',
  ]);

  const done = await groups().update({ ...update, wait: true });
  expect(done).toMatchObject({ state: 'succeeded', changed: ['db'], started: ['along-extra'] });
  expect(await versionOf('along-db')).toBe('V=db2');
  expect((await startedAt('along-extra')) < (await startedAt('along-db'))).toBe(true);
  // What did not change, nobody needs, or has run once, is as it was.
  expect((await engine.container('along-web'))?.Id).toBe(web?.Id);
  expect((await engine.container('along-aside'))?.Id).toBe(aside?.Id);
  expect((await engine.container('along-setup'))?.State).toEqual(setup?.State);

  await publish('db', '3');
  await publish('web', '3');
  expect((await groups().update({ ...update, wait: true })).changed.toSorted()).toEqual(['db', 'web']);
  expect([await versionOf('along-db'), await versionOf('along-web')]).toEqual(['V=db3', 'V=web3']);
  expect((await startedAt('along-db')) < (await startedAt('along-web'))).toBe(true);
  expect((await groups().update({ ...update, wait: true })).changed).toEqual([]);

  // A deploy has its own images, and would wait for what does not run.
  await docker().stop({ id: 'along-db', wait: true });
  const deployed = await groups().deploy({
    group: 'along',
    services: { web: { env: { A: '1' } } },
    wait: true,
  });
  expect(deployed).toMatchObject({ state: 'succeeded', changed: ['web'], started: ['along-db'] });
  expect((await engine.container('along-db'))?.State.Status).toBe('running');
});

test('refresh does the same for a container on its own', async () => {
  await docker().create({ ...base, name: 'along_off' });
  await docker().create({ ...base, name: 'along_cache', image: ofThese('lone') });
  const needs = { along_off: {}, along_cache: {}, 'along-web': {} };
  const { id } = await docker().create({ ...base, name: 'along_app', depends_on: needs });
  await until('along_app', 'running');
  const before = await engine.container('along_app');
  await publish('lone', '2');
  await docker().stop({ id: 'along_off', wait: true });
  await docker().stop({ id: 'along-web', wait: true });

  const since = Date.now();
  const started = ['along-web', 'along_off'];
  const dry = await docker().refresh({ id, dry_run: true });
  expect({ ...dry, started: dry.started.toSorted() }).toEqual({ id, changed: ['along_cache'], started });
  expect(await docker().refresh({ id, dry_run: true, dependencies: false })).toMatchObject({
    changed: [],
    started: [],
  });
  expect(await engineEvents(engine, since, /along/)).toEqual([]);

  const done = await docker().refresh({ id, wait: true });
  expect({ ...done, started: done.started.toSorted() }).toEqual({ id, changed: ['along_cache'], started });
  expect(await versionOf('along_cache')).toBe('V=lone2');
  for (const name of ['along-web', 'along_off'])
    expect((await engine.container(name))?.State.Status).toBe('running');
  expect((await engine.container('along_app'))?.Id).toBe(before?.Id);
  expect(await docker().refresh({ id, wait: true })).toEqual({ id, changed: [], started: [] });
  await expect(docker().refresh({ id: 'along-web' })).rejects.toMatchObject({ code: 'wrong_state' });
});
