import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = z
  .object({ version: z.string(), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));

let project: Folder;
let berth: string;

// A project of somebody’s own, in another folder: the packed package, what it depends on, and nothing else.
beforeAll(async () => {
  project = await aFolder();
  const modules = join(project.path, 'node_modules');
  berth = join(modules, 'berth');
  await mkdir(berth, { recursive: true });
  const npm = ['pack', '--silent', '--offline', '--no-update-notifier', '--pack-destination', project.path];
  await run('npm', npm, { cwd: ROOT });
  await run('tar', ['xzf', `berth-${PACKAGE.version}.tgz`, '-C', berth, '--strip-components=1'], {
    cwd: project.path,
  });
  for (const name of [...Object.keys(PACKAGE.dependencies), '@types/node']) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await project.write('package.json', '{ "name": "somebodys", "type": "module", "private": true }');
  await mkdir(join(project.path, 'registry'));
});

afterAll(() => project[Symbol.asyncDispose]());

const command = (...words: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [join(berth, 'dist/src/cli/main.js'), ...words], { cwd: project.path });

test('the package holds compiled code with types, examples and texts, and no tests or sources', async () => {
  const files = (await readdir(berth, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(berth.length + 1));
  expect(files).toEqual(
    expect.arrayContaining([
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'package.json',
      'dist/src/cli/main.js',
      'dist/src/worker/main.js',
      'dist/src/index.d.ts',
      'dist/contracts/index.d.ts',
      'registry/berth.schema.json',
      'registry/examples/quickstart/_index.yaml',
    ]),
  );
  expect(files.filter((name) => /(^|\/)test\/|\.test\.|(?<!\.d)\.ts$/.test(name))).toEqual([]);
});

test('`berth` runs from the compiled code: its version, its help, and its own examples are valid', async () => {
  expect((await command('--version')).stdout.trim()).toBe(PACKAGE.version);
  expect((await command('--help')).stdout).toContain('berth up');
  const { stdout } = await command('validate', join(berth, 'registry/examples'), '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [],
    entries: expect.arrayContaining([expect.objectContaining({ id: 'quickstart:quickstart-web' })]),
  });
});

test('`berth/contracts` needs nothing but zod', async () => {
  const script = "import { containers } from 'berth/contracts'; console.log(containers.id);";
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: project.path,
  });
  expect(stdout.trim()).toBe('userspace.docker:containers');
  const folder = join(berth, 'dist/contracts');
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.js')) continue;
    const imports = (await readFile(join(folder, file), 'utf8')).matchAll(/from '([^'.][^']*)'/g);
    for (const [, name] of imports) expect([file, name]).toEqual([file, 'zod']);
  }
});

test('the README’s example has types under tsc, and runs as it stands', async () => {
  const { host } = await testEngine();
  await needImages('alpine:latest');
  const [, example = ''] =
    /```ts\n([\s\S]*?)```/.exec(await readFile(join(berth, 'README.md'), 'utf8')) ?? [];
  expect(example).toContain('createApp');
  await project.write(
    'app.ts',
    example.replace("name: 'my-container'", "name: 'package-test'").replaceAll('my.events', 'package.events'),
  );
  await project.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'esnext',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ['node'],
      },
      include: ['app.ts'],
    }),
  );
  const types = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project.path]).catch(
    (error: unknown) => error,
  );
  expect(types).toMatchObject({ stdout: '' });
  const { stdout } = await run(process.execPath, ['app.ts'], {
    cwd: project.path,
    env: { ...process.env, DOCKER_HOST: host },
  });
  expect(stdout).toContain('stdout: hello\n');
  expect(stdout).toMatch(/status: stopped\n$/);
}, 300_000);
