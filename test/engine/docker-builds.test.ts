import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { type ContextSource, contextEntries } from '../../src/build/context-entries.ts';
import { type Dockerfile, dockerfile } from '../../src/build/dockerfile.ts';
import { sharedApart } from '../../src/build/folder-of.ts';
import { packContext } from '../../src/build/pack-context.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { BuildOptions, BuildProgress } from '../../src/engine/port/build-calls.ts';
import { aFolder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

let engine: Engine;
let raw: ReturnType<typeof rawEngine>;
const signal = new AbortController().signal;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = openEngine(host);
  raw = rawEngine(socket_path);
  await needImages('busybox:latest');
}, 120_000);
afterAll(async () => {
  for (const { id } of await engine.images.list({ labels: { 'berth-test': 'builds' } }))
    await engine.images.remove(id, { force: true });
  await engine.close();
});

/** What the builder told, as text: `step name status`, `stdout line`. */
async function built(
  made: Dockerfile | ContextSource,
  options: Partial<BuildOptions> = {},
  ending: AbortSignal = signal,
): Promise<{ image_id: string; told: string[] }> {
  const told: string[] = [];
  const context = await contextEntries(made);
  const onProgress = async (progress: readonly BuildProgress[]): Promise<void> => {
    for (const one of progress) {
      if (one.type === 'log') told.push(`${one.stream}: ${one.data}`);
      if (one.type === 'step') told.push(`${one.status}: ${one.name}`);
    }
  };
  const all = {
    names: ['berth-test/built:1'],
    dockerfile: context.dockerfile,
    labels: { 'berth-test': 'builds' },
    onProgress,
    ...options,
  };
  try {
    const { image_id } = await engine.builds.run(
      { ...all, context: packContext(context), apart: sharedApart(context) },
      ending,
    );
    return { image_id, told };
  } catch (error) {
    throw Object.assign(error as Error, { told });
  }
}

describe.each(['buildkit', 'classic'] as const)('the %s builder', (builder) => {
  test('builds what it is told, tells steps and lines, and uses its cache', async () => {
    const made = dockerfile('busybox:latest')
      .arg('WHO', 'nobody')
      .run(`echo "hello $WHO ${builder}"; echo oops >&2; printf unended`)
      .write('/a/b', 'text')
      .env({ A: 'x "y" $HOME' }, { literal: true })
      .command(['cat', '/a/b']);
    const options = {
      builder,
      names: ['berth-test/built:1', 'berth-test/built:2'],
      build_args: { WHO: 'world' },
      no_cache: true,
    };
    const { image_id, told } = await built(made, options);
    expect(told).toContain(`stdout: hello world ${builder}`);
    expect(told).toContain('stderr: oops');
    expect(told).toContain('stdout: unended');
    expect(told.some((line) => /^started: .*RUN echo/.test(line))).toBe(true);
    expect(told.some((line) => /^done: .*RUN echo/.test(line))).toBe(true);
    for (const name of options.names) {
      const { body } = await raw.ask('GET', `/images/${name}/json`);
      expect(body).toMatchObject({
        Id: image_id,
        Config: { Cmd: ['cat', '/a/b'], Labels: { 'berth-test': 'builds' } },
      });
      expect((body as { Config: { Env: string[] } }).Config.Env).toContain('A=x "y" $HOME');
    }
    const again = await built(made, { ...options, no_cache: false });
    expect(again.image_id).toBe(image_id);
    expect(again.told.some((line) => /^cached: .*RUN echo/.test(line))).toBe(true);
  }, 120_000);

  test('a Dockerfile that is a text is none of the files that a step can copy; the rest is there as it was', async () => {
    await using folder = await aFolder();
    const write = async (path: string, text: string, mode = 0o644) => {
      await mkdir(dirname(join(folder.path, path)), { recursive: true });
      await writeFile(join(folder.path, path), text, { mode });
    };
    await write('a/b', 'x'.repeat(300_000));
    await write('a-b', 'script', 0o755);
    await write('a.txt', 'left out');
    await write('empty', '');
    await write('.dockerignore', '*.txt\n');
    await symlink('a/b', join(folder.path, 'link'));
    const text = `FROM busybox:latest
COPY . /all
RUN cd /all; find . | sort; stat -c '%a %n' a-b; readlink link; wc -c < a/b; echo end`;
    const { told } = await built({ dockerfile: text, context: folder.path }, { builder, no_cache: true });
    const lines = told.flatMap((line) => (line.startsWith('stdout: ') ? [line.slice(8)] : []));
    const end = lines.indexOf('end');
    expect(lines.slice(lines.indexOf('.'), end + 1)).toEqual(
      // Lines of the find, sorted by the shell of the image.
      [
        '.',
        './.dockerignore',
        './a',
        './a-b',
        './a/b',
        './empty',
        './link',
        '755 a-b',
        'a/b',
        '300000',
        'end',
      ],
    );
  }, 60_000);

  test('says which step failed, and with which code', async () => {
    const failing = built(dockerfile('busybox:latest').run(`echo before-${builder}; exit 3`), { builder });
    await expect(failing).rejects.toSatisfy((error) => isContractError(error, 'image_build_failed'));
    const error = await failing.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ details: { exit_code: 3 } });
    const { told } = error as { told: string[] };
    expect(told).toContain(`stdout: before-${builder}`);
    expect(told.some((line) => /^failed: .*exit 3/.test(line))).toBe(true);
  }, 60_000);

  test('says so when there is no such base image, and when the Dockerfile is wrong', async () => {
    await expect(built(dockerfile('127.0.0.1:5000/none:1'), { builder })).rejects.toMatchObject({
      code: 'image_not_found',
    });
    await expect(
      built({ dockerfile: 'FROM busybox:latest\nFLY away\n', files: [] } as unknown as Dockerfile, {
        builder,
      }),
    ).rejects.toMatchObject({ code: 'image_build_failed' });
  }, 60_000);

  test('ends at once when it is aborted, and with what the context failed by', async () => {
    const ending = new AbortController();
    const building = built(
      dockerfile('busybox:latest').run(`echo waiting-${builder}; sleep 300`),
      {
        builder,
        onProgress: async (progress) => {
          if (progress.some((one) => one.type === 'log' && String(one.data).startsWith('waiting')))
            ending.abort();
        },
      },
      ending.signal,
    );
    await expect(building).rejects.toMatchObject({ code: 'aborted' });
    const context = await contextEntries({
      dockerfile: 'FROM busybox:latest',
      files: [{ path: 'x', from: '/etc/hostname' }],
    });
    const lost = context.entries.map((entry) =>
      entry.kind === 'file' ? { ...entry, from: '/nowhere' } : entry,
    );
    await expect(
      engine.builds.run(
        { names: [], builder, context: packContext({ entries: lost }), onProgress: async () => undefined },
        signal,
      ),
    ).rejects.toThrow('/nowhere cannot be built in: it is not there');
  }, 60_000);
});

test('BuildKit is handed secrets, which are in no layer, over a build longer than its patience', async () => {
  const made = dockerfile('busybox:latest').run(
    'sleep 12; test "$(cat /run/secrets/token)" = s3cret && echo got it',
    { mounts: ['type=secret,id=token,required=true'] },
  );
  const secrets = { token: Buffer.from('s3cret') };
  const { told } = await built(made, { builder: 'buildkit', secrets, no_cache: true });
  expect(told).toContain('stdout: got it');
  await expect(built(made, { builder: 'buildkit', no_cache: true })).rejects.toMatchObject({
    code: 'image_build_failed',
  });
}, 60_000);
