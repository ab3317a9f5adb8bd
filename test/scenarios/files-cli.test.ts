import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: RawEngine;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  await berth.write('_index.yaml', 'version: "1.0"\nnamespace: files\nentries: []\n');
  await berth.up();
  const script =
    'mkdir -p /data/sub; echo one > /data/one; ln -s one /data/link; ln -s /data /short; echo up; sleep 600';
  const { code, err } = await berth.run(
    'run',
    '-d',
    '--name',
    'fc_box',
    'busybox:latest',
    'sh',
    '-c',
    script,
  );
  expect(code, err).toBe(0);
  await eventually(async () => expect((await berth.run('logs', 'fc_box')).out).toBe('up\n'));
  await mkdir(join(berth.folder, 'from/deep'), { recursive: true });
  await writeFile(join(berth.folder, 'from/file'), 'content');
  await writeFile(join(berth.folder, 'from/deep/er'), 'x'.repeat(300_000));
  await symlink('file', join(berth.folder, 'from/link'));
}, 120_000);
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await engine.ask('DELETE', '/images/files/cli:1');
});

const here = (path: string): string => join(berth.folder, path);
const cp = async (...words: string[]): Promise<void> => {
  const ran = await berth.run('cp', ...words);
  expect(ran.code, ran.err).toBe(0);
};
/** As the engine tells it of that path. */
const isThere = async (path: string): Promise<boolean> =>
  (await engine.ask('HEAD', `/containers/fc_box/archive?path=${encodeURIComponent(path)}`)).status === 200;

test('cp takes a file out under its name, under another, and into a folder', async () => {
  await cp('fc_box:/data/one', 'renamed');
  expect(await readFile(here('renamed'), 'utf8')).toBe('one\n');
  await mkdir(here('folder'));
  await cp('fc_box:/data/one', 'folder');
  await cp('fc_box:data/one', 'folder/two');
  expect((await readdir(here('folder'))).toSorted()).toEqual(['one', 'two']);
  const none = await berth.run('cp', 'fc_box:/data/one', 'nowhere/');
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('there is no folder nowhere/')]);
});

test('cp takes a folder out: as a new one, into one that is there, or its content alone', async () => {
  await cp('fc_box:/data', 'new');
  expect((await readdir(here('new'))).toSorted()).toEqual(['link', 'one', 'sub']);
  expect(await readlink(here('new/link'))).toBe('one');
  await mkdir(here('into'));
  await cp('fc_box:/data', 'into');
  await cp('fc_box:/data/.', 'into');
  expect((await readdir(here('into'))).toSorted()).toEqual(['data', 'link', 'one', 'sub']);
  await mkdir(here('root'));
  await cp('fc_box:/', 'root');
  expect(await readdir(here('root'))).toEqual(expect.arrayContaining(['bin', 'data']));
  await cp('fc_box:/short', 'as-link');
  expect((await lstat(here('as-link'))).isSymbolicLink()).toBe(true);
  await cp('-L', 'fc_box:/short', 'followed');
  expect(await readFile(here('followed/one'), 'utf8')).toBe('one\n');
  const onto = await berth.run('cp', 'fc_box:/data', 'renamed');
  expect([onto.code, onto.err]).toEqual([2, expect.stringContaining('cannot be copied onto')]);
});

test('cp puts files and folders in, by the same rules', async () => {
  await cp('from/file', 'fc_box:/data');
  await cp('from/file', 'fc_box:/data/other');
  await cp('from', 'fc_box:/data');
  await cp('from', 'fc_box:/fresh');
  await cp('from/.', 'fc_box:/data/sub');
  await cp('from/file', 'fc_box:/short/through');
  for (const path of ['file', 'other', 'from/deep/er', 'sub/deep/er', 'sub/link', 'through'])
    expect(await isThere(`/data/${path}`), path).toBe(true);
  expect(await isThere('/fresh/deep/er')).toBe(true);
  expect(await isThere('/fresh/from')).toBe(false);
  await cp('fc_box:/fresh/deep/er', 'back');
  expect(await readFile(here('back'), 'utf8')).toHaveLength(300_000);
  for (const [from, to] of [
    ['from', 'fc_box:/data/file'],
    ['from/file', 'fc_box:/nowhere/'],
    ['from/file', 'fc_box:/nowhere/deep/file'],
    ['nothing', 'fc_box:/data'],
    ['from', 'from'],
    ['fc_box:/data', 'fc_box:/other'],
  ] as const) {
    const ran = await berth.run('cp', from, to);
    expect([from, to, ran.code === 0]).toEqual([from, to, false]);
    expect(ran.err).toMatch(/^berth: .+\n$/);
  }
});

test('cp of - is a tar on standard output and from standard input; export is one of everything', async () => {
  await cp('fc_box:/data/one', 'plain');
  const { code } = await berth.run('export', '-o', 'all.tar', 'fc_box');
  expect(code).toBe(0);
  expect((await lstat(here('all.tar'))).size).toBeGreaterThan(100_000);
  const piped = await berth.run('cp', 'fc_box:/data/one', '-');
  expect(piped.out.slice(0, 3)).toBe('one');
  await writeFile(here('one.tar'), piped.out);
  const into = await berth.runOn(here('one.tar'), 'cp', '-', 'fc_box:/data/sub');
  expect(into.code, into.err).toBe(0);
  expect(await isThere('/data/sub/one')).toBe(true);
});

test('diff, commit, update and cleanup say what they did', async () => {
  expect((await berth.run('diff', 'fc_box')).out.split('\n')).toContain('A /data');
  const committed = await berth.run('commit', '-m', 'kept', 'fc_box', 'files/cli:1');
  expect(committed.out).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect((await engine.ask('GET', '/images/files/cli:1/json')).body).toMatchObject({ Comment: 'kept' });
  const updated = await berth.run('update', '-m', '80m', '--restart', 'always', 'fc_box');
  expect(updated.code, updated.err).toBe(0);
  expect(await engine.container('fc_box')).toMatchObject({
    HostConfig: { Memory: 80 * 1024 * 1024, RestartPolicy: { Name: 'always' } },
  });
  await berth.run('run', '--name', 'fc_done', 'busybox:latest', 'true');
  expect((await berth.run('cleanup', '--dry-run')).out).toBe('fc_done\n');
  expect((await berth.run('cleanup')).out).toBe('fc_done\n');
  expect(await engine.container('fc_done')).toBeUndefined();
});
