import { mkdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { findFiles, isBelow } from '../../src/registry/find-files.ts';
import { aFolder } from '../support/a-folder.ts';

test('every index below a root is found, but not in examples, packages, hidden folders, links and nested components', async () => {
  await using folder = await aFolder();
  const yes = ['_index.yaml', 'a/_index.yml', 'a/b/c/_index.yaml'];
  const no = [
    'index.yaml',
    'a/_index.json',
    'examples/x/_index.yaml',
    'a/examples/_index.yaml',
    'node_modules/m/_index.yaml',
    '.git/_index.yaml',
    'part/_index.yaml',
    'part/deep/_index.yaml',
  ];
  for (const name of [...yes, ...no, 'package.json', 'part/package.json'])
    await folder.write(name, 'entries: []');
  await mkdir(join(folder.path, 'd', '_index.yaml'), { recursive: true });
  await symlink(join(folder.path, 'a'), join(folder.path, 'linked'));
  await symlink(join(folder.path, '_index.yaml'), join(folder.path, 'd', '_index.yml'));
  const { files, vanished, unreadable } = await findFiles([folder.path]);
  expect(files.map(({ path }) => relative(folder.path, path)).sort()).toEqual([...yes].sort());
  expect([vanished, unreadable]).toEqual([[], []]);
});

test('what is passed by is read when it is named: a folder, a file of any name, a link', async () => {
  await using folder = await aFolder();
  for (const name of [
    'examples/redis/_index.yaml',
    'node_modules/m/_index.yaml',
    'm/_index.yaml',
    'm/package.json',
    'own.yaml',
  ])
    await folder.write(name, 'entries: []');
  await symlink(join(folder.path, 'm'), join(folder.path, 'link'));
  const roots = ['examples/redis', 'node_modules/m', 'm', 'own.yaml', 'link'].map((name) =>
    join(folder.path, name),
  );
  const { files } = await findFiles(roots);
  expect(files.map(({ path, root }) => [relative(folder.path, path), relative(folder.path, root)])).toEqual([
    ['examples/redis/_index.yaml', 'examples/redis'],
    ['link/_index.yaml', 'link'],
    ['m/_index.yaml', 'm'],
    ['node_modules/m/_index.yaml', 'node_modules/m'],
    ['own.yaml', 'own.yaml'],
  ]);
});

test('a file below two roots is found once, under the nearer one', async () => {
  await using folder = await aFolder();
  const file = await folder.write('a/b/_index.yaml', 'entries: []');
  const near = join(folder.path, 'a');
  expect((await findFiles([near, folder.path, near])).files).toEqual([{ path: file, root: near }]);
});

test('a root that is not there is vanished, and the others are read', async () => {
  await using folder = await aFolder();
  const file = await folder.write('a/_index.yaml', 'entries: []');
  const gone = join(folder.path, 'gone');
  const { files, vanished } = await findFiles([gone, join(file, 'below-a-file'), folder.path]);
  expect(vanished.toSorted()).toEqual([join(file, 'below-a-file'), gone].toSorted());
  expect(files).toHaveLength(1);
});

test('a root that is neither file nor folder, and a tree without end, are told and not followed', async () => {
  await using folder = await aFolder();
  await mkdir(join(folder.path, Array(40).fill('deeper').join('/')), { recursive: true });
  const { unreadable } = await findFiles(['/dev/null', folder.path]);
  expect(unreadable.map(({ message }) => message)).toEqual([
    'neither a folder nor a file',
    expect.stringContaining('too deep'),
  ]);
});

test('a path lies below its folder and not below a namesake', () => {
  expect([
    isBelow('/a/b/c', '/a/b'),
    isBelow('/a/b', '/a/b'),
    isBelow('/a/bc', '/a/b'),
    isBelow('/a', '/a/b'),
  ]).toEqual([true, true, false, false]);
});
