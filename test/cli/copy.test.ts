import { lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { packPath } from '../../src/cli/copy/pack.ts';
import { unpack } from '../../src/cli/copy/unpack.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';

let outside: Folder;
let folder: string;
beforeEach(async () => {
  outside = await aFolder();
  folder = join(outside.path, 'in');
  await mkdir(folder);
  await writeFile(join(outside.path, 'victim'), 'safe');
});
afterEach(() => outside[Symbol.asyncDispose]());

type Entry = Partial<Header> & Pick<Header, 'name'> & { readonly text?: string };

/** An archive of these entries; a text is a file’s content. */
const archive = (...entries: readonly Entry[]) => {
  const tar = pack();
  for (const { text = '', ...headers } of entries) tar.entry(headers, text);
  tar.finalize();
  return tar as AsyncIterable<Uint8Array>;
};
const there = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

test.for<readonly [string, ...Entry[]]>([
  ['a name with ..', { name: 'a/../../victim', text: 'bad' }],
  ['an absolute name', { name: '/tmp/victim', text: 'bad' }],
  ['.. alone', { name: '..', type: 'directory' }],
  [
    'a folder that is a link outside',
    { name: 'd', type: 'symlink', linkname: '..' },
    { name: 'd/victim', text: 'bad' },
  ],
  [
    'a link to a link outside',
    { name: 'a', type: 'symlink', linkname: '/' },
    { name: 'b', type: 'symlink', linkname: 'a' },
    { name: 'b/etc/victim', text: 'bad' },
  ],
  ['a hard link outside', { name: 'h', type: 'link', linkname: '../victim' }, { name: 'h', text: 'bad' }],
  ['an absolute hard link', { name: 'h', type: 'link', linkname: '/etc/passwd' }],
  [
    'a hard link to a link outside',
    { name: 's', type: 'symlink', linkname: '../victim' },
    { name: 'h', type: 'link', linkname: 's' },
  ],
  ['a file in place of a folder', { name: 'd/x', text: 'x' }, { name: 'd', text: 'bad' }],
])('an archive with %s writes nothing outside, and is refused', async ([, ...entries]) => {
  const error = await unpack(archive(...entries), { folder }).catch((one: unknown) => one);
  expect(isContractError(error, 'invalid_input')).toBe(true);
  expect(await readFile(join(outside.path, 'victim'), 'utf8')).toBe('safe');
});

test('a file replaces a link that has its name, and not what that leads to', async () => {
  await symlink('../victim', join(folder, 'file'));
  await unpack(archive({ name: 'file', text: 'new' }), { folder });
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('new');
  expect(await readFile(join(outside.path, 'victim'), 'utf8')).toBe('safe');
});

test('permissions and times come with it, but never setuid; devices are left out and told', async () => {
  const skipped: string[] = [];
  const mtime = new Date('2020-01-02T03:04:05Z');
  const tar = archive(
    { name: 'tool', text: 'x', mode: 0o4755, mtime },
    { name: 'closed', type: 'directory', mode: 0o500 },
    { name: 'closed/file', text: 'y', mode: 0o600 },
    { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
  );
  await unpack(tar, { folder, onSkipped: (path) => skipped.push(path) });
  const tool = await lstat(join(folder, 'tool'));
  expect([tool.mode & 0o7777, tool.mtime]).toEqual([0o755, mtime]);
  expect((await lstat(join(folder, 'closed'))).mode & 0o777).toBe(0o500);
  expect(skipped).toEqual(['null']);
  expect(await there(join(folder, 'null'))).toBe(false);
});

test('what breaks off is refused', async () => {
  const broken = async function* () {
    yield Buffer.alloc(700, 'x');
  };
  const error = await unpack(broken(), { folder }).catch((one: unknown) => one);
  expect(isContractError(error, 'invalid_input')).toBe(true);
});

test('a path goes through an archive unchanged: folders, empty files, links and their names', async () => {
  const from = join(outside.path, 'from');
  await mkdir(join(from, 'sub', 'empty'), { recursive: true });
  await writeFile(join(from, 'sub', 'one'), 'x'.repeat(200_000));
  await writeFile(join(from, 'nothing'), '');
  await symlink('sub/one', join(from, 'link'));
  await unpack(packPath(from, { name: 'as', follow: false, owners: false }), { folder });
  expect(await readFile(join(folder, 'as/sub/one'), 'utf8')).toHaveLength(200_000);
  expect(await readFile(join(folder, 'as/nothing'), 'utf8')).toBe('');
  expect(await readlink(join(folder, 'as/link'))).toBe('sub/one');
  expect((await lstat(join(folder, 'as/sub/empty'))).isDirectory()).toBe(true);
  const missing = unpack(packPath(join(from, 'none'), { name: 'n', follow: false, owners: false }), {
    folder,
  });
  expect(isContractError(await missing.catch((one: unknown) => one), 'invalid_input')).toBe(true);
});
