import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { type ContextSource, contextEntries } from '../../src/build/context-entries.ts';
import { dockerfile } from '../../src/build/dockerfile.ts';
import { contextHash, packContext } from '../../src/build/pack-context.ts';
import { aFolder } from '../support/a-folder.ts';

async function aContext(files: Readonly<Record<string, string>>) {
  const folder = await aFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return folder;
}

/** What the tar holds: `path`, `path -> link`, `path = text`. */
async function unpacked(source: ContextSource): Promise<string[]> {
  const lines: string[] = [];
  const tar = extract();
  const context = await contextEntries(source);
  Readable.from(packContext(context)).pipe(tar);
  for await (const entry of tar) {
    const { name, type, linkname, uid, gid, mtime } = entry.header;
    expect({ uid, gid, mtime }).toEqual({ uid: 0, gid: 0, mtime: new Date(0) });
    let text = '';
    for await (const part of entry) text += String(part);
    lines.push(type === 'file' ? `${name} = ${text}` : type === 'symlink' ? `${name} -> ${linkname}` : name);
  }
  return lines;
}

test('a context is packed in order, links as links, without what .dockerignore leaves out, but with what it takes back', async () => {
  await using folder = await aContext({
    Dockerfile: 'FROM x',
    '.dockerignore': '# ours\nnode_modules\n**/*.log\n!keep/this.log\nsecret/*\n!secret/not.txt\n\ndocs\n',
    'b/two.txt': '2',
    'a.txt': '1',
    'node_modules/x/index.js': 'x',
    'deep/er/x.log': 'x',
    'keep/this.log': 'kept',
    'secret/key': 'k',
    'secret/not.txt': 'n',
    'docs/a/b.md': 'd',
  });
  await symlink('b/two.txt', join(folder.path, 'link'));
  await symlink('/nowhere', join(folder.path, 'dangling'));
  expect(await unpacked({ context: folder.path })).toEqual([
    expect.stringContaining('.dockerignore = # ours'),
    'Dockerfile = FROM x',
    'a.txt = 1',
    'b/',
    'b/two.txt = 2',
    'dangling -> /nowhere',
    'deep/',
    'deep/er/',
    'keep/',
    'keep/this.log = kept',
    'link -> b/two.txt',
    'secret/',
    'secret/not.txt = n',
  ]);
});

test('a Dockerfile is sent though it is left out, has rules of its own, and may be a text beside another', async () => {
  await using folder = await aContext({
    Dockerfile: 'FROM x',
    '.dockerignore': '*',
    'sub/Other': 'FROM y',
    'sub/Other.dockerignore': '*\n!a',
    a: '1',
  });
  expect(await unpacked({ context: folder.path })).toEqual(['Dockerfile = FROM x']);
  expect(await unpacked({ context: folder.path, file: 'sub/Other' })).toEqual([
    'a = 1',
    'sub/',
    'sub/Other = FROM y',
  ]);
  await writeFile(join(folder.path, '.dockerignore'), 'sub');
  const beside = { context: folder.path, dockerfile: 'FROM z' };
  const { dockerfile: path, entries, apart } = await contextEntries(beside);
  expect(path).toBe('.berth.Dockerfile');
  // For a builder that gets all of it as one, the rules leave the text out of what a step can copy.
  expect(await unpacked(beside)).toContain('.dockerignore = sub\n.berth.Dockerfile\n');
  expect(apart?.entries.map((entry) => entry.path)).toEqual(['.dockerignore', 'Dockerfile', 'a']);
  expect(entries.map((entry) => entry.path)).toEqual([
    '.berth.Dockerfile',
    '.dockerignore',
    'Dockerfile',
    'a',
  ]);
});

test('what a Dockerfile of the library adds is in the context', async () => {
  await using folder = await aContext({ 'files/one': '1', 'files/in/two': '2' });
  const made = dockerfile('alpine').copy(join(folder.path, 'files'), '/x').write('/y/z', 'text');
  expect(await unpacked(made)).toEqual([
    '.dockerignore = .dockerignore\nDockerfile\n',
    `Dockerfile = FROM alpine\nCOPY ["added/0/files","/x"]\nCOPY ["added/1/z","/y/z"]\n`,
    'added/',
    'added/0/',
    'added/0/files/',
    'added/0/files/in/',
    'added/0/files/in/two = 2',
    'added/0/files/one = 1',
    'added/1/',
    'added/1/z = text',
  ]);
});

test('its hash changes with texts, names and modes, and with no time', async () => {
  await using folder = await aContext({ Dockerfile: 'FROM x', a: '1' });
  const hash = async (more: ContextSource = {}) =>
    await contextHash(await contextEntries({ context: folder.path, ...more }));
  const first = await hash();
  await utimes(join(folder.path, 'a'), 1000, 1000);
  expect(await hash()).toBe(first);
  await chmod(join(folder.path, 'a'), 0o755);
  const second = await hash();
  await writeFile(join(folder.path, 'a'), '2');
  const third = await hash();
  expect(new Set([first, second, third, await hash({ dockerfile: 'FROM y' })]).size).toBe(4);
});

test('what is not there is said by its path', async () => {
  await using folder = await aContext({ a: '1' });
  const { path } = folder;
  await expect(contextEntries({ context: path })).rejects.toThrow(
    `${path}/Dockerfile cannot be built in: it is not there`,
  );
  await expect(contextEntries({ context: `${path}/a`, dockerfile: 'FROM x' })).rejects.toThrow(
    'is no folder',
  );
  await expect(
    contextEntries({ dockerfile: 'FROM x', files: [{ path: 'b', from: `${path}/b` }] }),
  ).rejects.toThrow(`${path}/b cannot be built in`);
});

test('a file that gets smaller meanwhile ends the packing with its name, and so does whoever reads no further', async () => {
  await using folder = await aContext({
    Dockerfile: 'FROM x',
    a: 'x'.repeat(3_000_000),
    b: 'y'.repeat(3_000_000),
  });
  const context = await contextEntries({ context: folder.path });
  const reading = packContext(context);
  await reading.next();
  await writeFile(join(folder.path, 'b'), 'short');
  const rest = async () => {
    for await (const part of reading) expect(part.length).toBeGreaterThan(0);
  };
  await expect(rest()).rejects.toThrow('b changed while it was being built in');
  const again = packContext(await contextEntries({ context: folder.path }));
  await again.next();
  await again.return(undefined);
});
