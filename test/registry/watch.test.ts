import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scan } from '../../src/registry/scan.ts';
import { type WatchTiming, watchRegistry } from '../../src/registry/watch.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';
import { anEntry, anIndex } from './an-index.ts';

const NEVER = 3_600_000;

interface Watching {
  /** The ids of each rescan, and how many files were being written. */
  readonly seen: { readonly ids: readonly string[]; readonly unsettled: number }[];
  readonly errors: unknown[];
  /** What is in the environment of its entries. */
  env(): unknown;
  last(): readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Watches folders as a supervisor does. `act` stands for what it does with a scan. */
function watching(
  roots: readonly string[],
  timing: Partial<WatchTiming> = {},
  act: () => boolean = () => false,
): Watching {
  const seen: Watching['seen'] = [];
  const errors: unknown[] = [];
  let env: unknown;
  const rescan = async (unsettled: ReadonlySet<string>): Promise<boolean> => {
    const { entries, named } = await scan({
      roots,
      unsettled,
      environment: {},
      kept: [],
      running: [],
      now: Date.now(),
    });
    env = Object.assign({}, ...entries.map(({ spec }) => spec.env));
    watch.alsoWatch(named);
    seen.push({ ids: entries.map(({ id }) => id).sort(), unsettled: unsettled.size });
    return act();
  };
  const watch = watchRegistry(roots, rescan, { timing, onError: (error) => errors.push(error) });
  return {
    seen,
    errors,
    env: () => env,
    last: () => seen.at(-1)?.ids ?? [],
    [Symbol.asyncDispose]: watch.close,
  };
}
const write = (folder: Folder, name: string, ...entries: string[]): Promise<string> =>
  folder.write(
    name,
    anIndex('n', ...entries.map((entry) => anEntry(entry.length > 1 ? entry : entry.repeat(2)))),
  );

test('a rescan comes at once, and after a file is written, made in a new folder, renamed or deleted, with no fallback', async () => {
  await using folder = await aFolder();
  await write(folder, '_index.yaml', 'a');
  await using watch = watching([folder.path], { fallback: NEVER });
  await eventually(() => expect(watch.last()).toEqual(['n:aa']));
  await write(folder, '_index.yaml', 'a', 'b');
  await eventually(() => expect(watch.last()).toEqual(['n:aa', 'n:bb']));
  await write(folder, 'new/deep/_index.yaml', 'c');
  await eventually(() => expect(watch.last()).toEqual(['n:aa', 'n:bb', 'n:cc']));
  await rename(join(folder.path, 'new/deep/_index.yaml'), join(folder.path, 'new/deep/_index.yml.tmp'));
  await eventually(() => expect(watch.last()).toEqual(['n:aa', 'n:bb']));
  await folder.remove('_index.yaml');
  await eventually(() => expect(watch.last()).toEqual([]));
  expect(watch.errors).toEqual([]);
});

test('without one event of the file system a change is seen by the fallback', async () => {
  await using folder = await aFolder();
  const root = join(folder.path, 'later');
  await using watch = watching([root], { fallback: 50 });
  await eventually(() => expect(watch.seen.length).toBeGreaterThan(2));
  await write(folder, 'later/_index.yaml', 'a');
  await eventually(() => expect(watch.last()).toEqual(['n:aa']));
});

test('a root that is removed and made again is watched again', async () => {
  await using folder = await aFolder();
  const root = join(folder.path, 'root');
  await write(folder, 'root/_index.yaml', 'a');
  await using watch = watching([root], { fallback: 200 });
  await eventually(() => expect(watch.last()).toEqual(['n:aa']));
  await folder.remove('root');
  await eventually(() => expect(watch.last()).toEqual([]));
  await write(folder, 'root/_index.yaml', 'b');
  await eventually(() => expect(watch.last()).toEqual(['n:bb']));
  await write(folder, 'root/_index.yaml', 'c');
  await eventually(() => expect(watch.last()).toEqual(['n:cc']));
});

test('a file written piece by piece is not read before it is whole', async () => {
  await using folder = await aFolder();
  const file = await folder.write('_index.yaml', anIndex('n', anEntry('e0')));
  await using watch = watching([folder.path], { settle: 2000, patience: NEVER });
  let pieces = 1;
  await new Promise<void>((resolve) => {
    const writing = setInterval(() => {
      appendFileSync(file, anEntry(`e${pieces}`));
      pieces += 1;
      if (pieces < 50) return;
      clearInterval(writing);
      resolve();
    }, 20);
  });
  await eventually(() => expect(watch.last()).toHaveLength(50));
  expect(watch.seen.filter(({ ids }) => ids.length < 50)).toEqual([]);
});

test('a file that never rests does not keep the others from being read', async () => {
  await using folder = await aFolder();
  const restless = await write(folder, 'restless/_index.yaml', 'a');
  await write(folder, 'calm/_index.yaml', 'b');
  const writing = setInterval(() => void writeFile(restless, anIndex('n', anEntry(`a${Date.now()}`))), 10);
  try {
    await using watch = watching([folder.path], { settle: 500, patience: 1500 });
    await eventually(() => expect(watch.seen).toContainEqual({ ids: ['n:bb'], unsettled: 1 }));
  } finally {
    clearInterval(writing);
  }
});

test('a rescan that fails or asks for another is called again soon, and the failure is told', async () => {
  await using folder = await aFolder();
  let calls = 0;
  await using watch = watching([folder.path], { fallback: NEVER, soon: 10 }, () => {
    calls += 1;
    if (calls === 1) throw new Error('the database is busy');
    return calls < 4;
  });
  await eventually(() => expect(calls).toBeGreaterThan(3));
  expect(watch.errors).toMatchObject([{ message: 'the database is busy' }]);
});

test('ten thousand events are a few rescans', async () => {
  await using folder = await aFolder();
  await using watch = watching([folder.path], { fallback: NEVER });
  await eventually(() => expect(watch.seen.length).toBeGreaterThan(0));
  const file = await write(folder, '_index.yaml', 'a');
  for (let i = 0; i < 10_000; i += 1) await writeFile(file, anIndex('n', anEntry('aa')));
  await write(folder, '_index.yaml', 'last');
  await eventually(() => expect(watch.last()).toEqual(['n:last']));
  expect(watch.seen.length).toBeLessThan(100);
});

test('a file of variables that an entry names wakes, wherever it is, when it is written, replaced, removed or comes later', async () => {
  await using folder = await aFolder();
  await using elsewhere = await aFolder();
  const file = await elsewhere.write('secret/app.env', 'LEVEL=one\n');
  const named = (...files: string[]): Promise<string> =>
    folder.write('_index.yaml', anIndex('n', anEntry('aa', `env_file: [${files.join(', ')}]`)));
  await named(file);
  await using watch = watching([folder.path], { fallback: NEVER });
  await eventually(() => expect(watch.env()).toEqual({ LEVEL: 'one' }));
  await elsewhere.write('secret/app.env', 'LEVEL=two\n');
  await eventually(() => expect(watch.env()).toEqual({ LEVEL: 'two' }));
  await elsewhere.write('secret/app.env.new', 'LEVEL=three\n');
  await rename(`${file}.new`, file);
  await eventually(() => expect(watch.env()).toEqual({ LEVEL: 'three' }));
  await elsewhere.remove('secret/app.env');
  await eventually(() => expect(watch.last()).toEqual([]));
  await elsewhere.write('secret/app.env', 'LEVEL=four\n');
  await eventually(() => expect(watch.env()).toEqual({ LEVEL: 'four' }));
  const other = await elsewhere.write('other/b.env', 'MORE=yes\n');
  await named(file, other);
  await eventually(() => expect(watch.env()).toEqual({ LEVEL: 'four', MORE: 'yes' }));
  await elsewhere.write('other/b.env', 'MORE=no\n');
  await eventually(() => expect(watch.env()).toEqual({ LEVEL: 'four', MORE: 'no' }));
  expect(watch.errors).toEqual([]);
});

test('what is not named any more is not watched any more, and nothing is left when the watching ends', async () => {
  await using folder = await aFolder();
  // As the kernel counts them.
  const watchers = (): number =>
    readdirSync('/proc/self/fdinfo')
      .flatMap((fd) => linesOf(`/proc/self/fdinfo/${fd}`))
      .filter((line) => line.startsWith('inotify')).length;
  const before = watchers();
  {
    await using watch = watching([folder.path], { fallback: 20, soon: 10 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const file = await folder.write(`${name}/vars.env`, `NAME=${name}\n`);
      await folder.write('_index.yaml', anIndex('n', anEntry('aa', `env_file: ${file}`)));
      await eventually(() => expect(watch.env()).toEqual({ NAME: name }));
    }
    expect(watchers()).toBeGreaterThan(before);
    await folder.write('_index.yaml', anIndex('n', anEntry('aa')));
    await eventually(() => expect(watch.env()).toEqual({}));
  }
  await eventually(() => expect(watchers()).toBe(before));
});

/** None when it is closed by now. */
function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
