import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningEntry } from '../../src/registry/clashes.ts';
import type { KeptFile } from '../../src/registry/entry-files.ts';
import { holdCause } from '../../src/registry/hold.ts';
import { type Scan, type ScanRequest, scan } from '../../src/registry/scan.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { anEntry, anIndex } from './an-index.ts';

let folder: Folder;
let kept: Map<string, KeptFile>;
beforeEach(async () => {
  folder = await aFolder();
  kept = new Map();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** A scan whose readings are kept, as a sync does. */
async function scanned(more: Partial<ScanRequest> = {}): Promise<Scan> {
  const result = await scan({
    roots: [folder.path],
    environment: {},
    kept: [...kept.values()],
    running: [],
    now: 1,
    ...more,
  });
  for (const file of result.put) kept.set(file.path, file);
  for (const path of result.forget) kept.delete(path);
  return result;
}
const wanted = ({ entries }: Scan): unknown[] => entries.map(({ id, spec }) => [id, spec.image]).sort();
const file = (name: string): string => join(folder.path, name);
const row = (id: string, name: string, source: string): RunningEntry => ({
  id,
  name,
  entry_source: file(source),
});

describe('the last good reading', () => {
  test('stays of a file that does not parse, also when nothing but the kept readings is known; mending it goes on', async () => {
    await folder.write(
      'a/_index.yaml',
      anIndex('a', anEntry('one', 'image: x:1'), anEntry('two', 'image: x:1')),
    );
    await folder.write('b/_index.yaml', anIndex('b', anEntry('three', 'image: x:1')));
    await scanned();
    await folder.write('a/_index.yaml', 'entries: [');
    await folder.write('b/_index.yaml', anIndex('b', anEntry('three', 'image: x:2')));
    for (const _again of [1, 2]) {
      const broken = await scanned();
      expect(wanted(broken)).toEqual([
        ['a:one', 'x:1'],
        ['a:two', 'x:1'],
        ['b:three', 'x:2'],
      ]);
      expect(broken.problems).toMatchObject([{ file: file('a/_index.yaml'), line: 1 }]);
    }
    await folder.write('a/_index.yaml', anIndex('a', anEntry('two', 'image: x:3')));
    expect(wanted(await scanned())).toEqual([
      ['a:two', 'x:3'],
      ['b:three', 'x:2'],
    ]);
  });

  test('stays of a wrong entry, while the others of its file change and go', async () => {
    await folder.write(
      '_index.yaml',
      anIndex('n', anEntry('bad', 'image: x:1'), anEntry('gone'), anEntry('good', 'image: x:1')),
    );
    await scanned();
    await folder.write(
      '_index.yaml',
      anIndex('n', anEntry('bad', 'imagee: x:2'), anEntry('good', 'image: x:2')),
    );
    expect(wanted(await scanned())).toEqual([
      ['n:bad', 'x:1'],
      ['n:good', 'x:2'],
    ]);
    expect(wanted(await scanned())).toEqual([
      ['n:bad', 'x:1'],
      ['n:good', 'x:2'],
    ]);
  });

  test('stays of every missing entry while one cannot be told by its name', async () => {
    await folder.write(
      '_index.yaml',
      anIndex('n', anEntry('one', 'image: x:1'), anEntry('two', 'image: x:1')),
    );
    await scanned();
    await folder.write(
      '_index.yaml',
      anIndex('n', anEntry('two', 'image: x:2'), anEntry('on e', 'image: x:2')),
    );
    expect(wanted(await scanned())).toEqual([
      ['n:one', 'x:1'],
      ['n:two', 'x:2'],
    ]);
  });

  test('stays of a file that is being written', async () => {
    const path = await folder.write('_index.yaml', anIndex('n', anEntry('one'), anEntry('two')));
    await scanned();
    await folder.write('_index.yaml', anIndex('n', anEntry('one')));
    const result = await scanned({ unsettled: new Set([path]) });
    expect([result.entries.length, result.problems]).toEqual([2, []]);
    expect((await scanned()).entries).toHaveLength(1);
  });

  test('that this version cannot read removes nothing', async () => {
    const path = await folder.write('_index.yaml', 'entries: [');
    kept.set(path, { path, root: folder.path, content_hash: '', entries: '[{"future":1}]', read_at: 1 });
    const result = await scanned();
    expect(result.put).toEqual([]);
    expect(holdCause(result.hold, row('n:aa', 'aa', '_index.yaml'))).toBe('its file has an error');
  });

  test('that says nothing new is not written again', async () => {
    await folder.write('_index.yaml', anIndex('n', anEntry('one')));
    expect((await scanned()).put).toHaveLength(1);
    await folder.write('_index.yaml', `${anIndex('n', anEntry('one'))}# a remark\n`);
    expect((await scanned()).put).toEqual([]);
  });
});

describe('what is gone', () => {
  test('a deleted file takes its entries with it, and a renamed one keeps them', async () => {
    await folder.write('a/_index.yaml', anIndex('a', anEntry('one')));
    await folder.write('b/_index.yaml', anIndex('b', anEntry('two')));
    await scanned();
    await rename(file('b'), file('c'));
    await folder.remove('a');
    const result = await scanned();
    expect(wanted(result)).toEqual([['b:two', undefined]]);
    expect([...kept.keys()]).toEqual([file('c/_index.yaml')]);
    expect(holdCause(result.hold, row('a:one', 'one', 'a/_index.yaml'))).toBeUndefined();
  });

  test('a vanished root changes nothing and is told; when it is back, what it says counts', async () => {
    const roots = [file('one'), file('two')];
    await folder.write('one/_index.yaml', anIndex('one', anEntry('aa')));
    await folder.write('two/_index.yaml', anIndex('two', anEntry('bb'), anEntry('cc')));
    await scanned({ roots });
    await rename(file('two'), file('away'));
    const result = await scanned({ roots });
    expect(wanted(result)).toHaveLength(3);
    expect(result.vanished).toEqual([file('two')]);
    expect(result.problems).toMatchObject([
      {
        file: file('two'),
        message: 'there is no such registry folder or file; what it declared before stays as it is',
      },
    ]);
    expect(holdCause(result.hold, row('two:xx', 'xx', 'two/sub/_index.yaml'))).toBe(
      'its registry folder is not there',
    );
    await folder.write('two/_index.yaml', anIndex('two', anEntry('cc')));
    expect(wanted(await scanned({ roots }))).toEqual([
      ['one:aa', undefined],
      ['two:cc', undefined],
    ]);
  });

  test('a root that never was there is told without a word of what it declared', async () => {
    expect((await scanned({ roots: [file('nowhere')] })).problems).toMatchObject([
      { file: file('nowhere'), message: 'there is no such registry folder or file' },
    ]);
  });

  test('a root that is not named now keeps its rows as they are, with a warning, until it is named again', async () => {
    await folder.write('one/_index.yaml', anIndex('one', anEntry('aa')));
    await folder.write('two/_index.yaml', anIndex('two', anEntry('bb')));
    await scanned({ roots: [file('one')] });
    const result = await scanned({ roots: [file('two')] });
    expect(wanted(result)).toEqual([['two:bb', undefined]]);
    expect(holdCause(result.hold, row('one:aa', 'aa', 'one/_index.yaml'))).toBe(
      'its folder is not among those named now',
    );
    expect(result.problems).toMatchObject([
      {
        level: 'warning',
        file: file('one'),
        message: expect.stringMatching(/^1 entry declared below it/),
      },
    ]);
    await folder.write('one/_index.yaml', 'entries: []');
    const again = await scanned({ roots: [folder.path] });
    expect(holdCause(again.hold, row('one:aa', 'aa', 'one/_index.yaml'))).toBeUndefined();
  });

  test('a file whose own root is not named now is forgotten when it is deleted below one that is', async () => {
    await folder.write('one/_index.yaml', anIndex('one', anEntry('aa')));
    await scanned({ roots: [file('one')] });
    await folder.remove('one/_index.yaml');
    expect((await scanned({ roots: [folder.path] })).forget).toEqual([file('one/_index.yaml')]);
  });
});

describe('a clash', () => {
  const both = async (second = anEntry('redis')): Promise<void> => {
    await folder.write('a/_index.yaml', anIndex('a', anEntry('redis')));
    await folder.write('b/_index.yaml', anIndex('b', second));
  };

  test('of two namespaces with one short name is an error at both that names both, and neither is acted on', async () => {
    await both();
    const { entries, problems } = await scanned();
    expect(entries).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'name_conflict', entry: 'a:redis', file: file('a/_index.yaml'), line: 4 },
      { code: 'name_conflict', entry: 'b:redis', file: file('b/_index.yaml'), line: 4 },
    ]);
    expect(problems[0]?.message).toContain(`b:redis, at ${file('b/_index.yaml')}:4`);
    expect(problems[0]?.message).toContain('container_name');
  });

  test('leaves the one that runs, and its changes count', async () => {
    await both();
    const { entries, problems, hold } = await scanned({
      running: [row('b:redis', 'redis', 'b/_index.yaml')],
    });
    expect(entries.map(({ id }) => id)).toEqual(['b:redis']);
    expect(problems).toMatchObject([
      { entry: 'a:redis', message: expect.stringContaining('that one runs and stays') },
    ]);
    expect(holdCause(hold, row('a:redis', 'other', 'a/_index.yaml'))).toContain('clashes');
  });

  test('is none when a `container_name` tells them apart', async () => {
    await both(anEntry('redis', 'container_name: redis-b'));
    expect(await scanned()).toMatchObject({ entries: [{}, {}], problems: [] });
  });

  test('of ids leaves the one whose file declared the running row', async () => {
    await folder.write('a/_index.yaml', anIndex('n', anEntry('xx', 'image: a')));
    await folder.write('b/_index.yaml', anIndex('n', anEntry('xx', 'image: b')));
    expect(wanted(await scanned({ running: [row('n:xx', 'xx', 'b/_index.yaml')] }))).toEqual([['n:xx', 'b']]);
    const fresh = await scanned();
    expect([fresh.entries, fresh.problems.length]).toEqual([[], 2]);
  });

  test('within one file keeps the running row as it is', async () => {
    await folder.write('_index.yaml', anIndex('n', anEntry('xx', 'image: a'), anEntry('xx', 'image: b')));
    const running = row('n:xx', 'xx', '_index.yaml');
    const { entries, problems, hold } = await scanned({ running: [running] });
    expect([entries, problems.length]).toEqual([[], 2]);
    expect(holdCause(hold, running)).toContain('clashes');
  });

  test('of images is none when both want it so, and is one when they differ, however it is written', async () => {
    const anImage = (name: string, text: string): string =>
      `  - { name: ${name}, kind: registry.entry, meta: { type: docker.image }, ${text} }\n`;
    const two = async (first: string, second: string) => {
      await folder.write('a/_index.yaml', `namespace: a\nentries:\n${anImage('one', first)}`);
      await folder.write('b/_index.yaml', `namespace: b\nentries:\n${anImage('two', second)}`);
      return await scanned();
    };
    const alike = await two('image: redis', 'image: docker.io/library/redis:latest');
    expect([alike.problems, alike.resources.map(({ id }) => id)]).toEqual([[], ['a:one', 'b:two']]);
    const { problems, resources } = await two('image: redis, platform: linux/arm64', 'image: "redis:latest"');
    expect(resources).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'name_conflict', entry: 'a:one', message: expect.stringContaining('`redis:latest`') },
      { code: 'name_conflict', entry: 'b:two' },
    ]);
  });

  test('with the last good entry of a broken file counts too', async () => {
    await both(anEntry('other'));
    await scanned();
    await folder.write('a/_index.yaml', 'entries: [');
    await folder.write('b/_index.yaml', anIndex('b', anEntry('redis')));
    const { entries, problems } = await scanned({ running: [row('a:redis', 'redis', 'a/_index.yaml')] });
    expect(entries.map(({ id }) => id)).toEqual(['a:redis']);
    expect(problems.map(({ code }) => code)).toEqual(['invalid_registry', 'name_conflict']);
  });
});

describe('reading', () => {
  test('a file that is no UTF-8, too large or a folder away is a problem and harms no other', async () => {
    await folder.write('a/_index.yaml', new Uint8Array([0xff, 0xfe, 0x61, 0]));
    await folder.write('b/_index.yaml', '#'.repeat(1024 * 1024 + 1));
    await folder.write('c/_index.yaml', `\uFEFF${anIndex('c', anEntry('good'))}`);
    const { entries, problems } = await scanned();
    expect(entries.map(({ id }) => id)).toEqual(['c:good']);
    expect(problems.map(({ message }) => message)).toEqual([
      'is not UTF-8 text',
      'is larger than 1 MiB; split it',
    ]);
  });

  test('a change is seen although the size is the same and it was just read', async () => {
    const cache = new Map();
    const path = await folder.write('_index.yaml', anIndex('n', anEntry('xx', 'image: a')));
    for (const image of ['b', 'c', 'd', 'e']) {
      await scanned({ cache, now: Date.now() });
      await writeFile(path, anIndex('n', anEntry('xx', `image: ${image}`)));
      expect(wanted(await scanned({ cache, now: Date.now() }))).toEqual([['n:xx', image]]);
    }
  });

  test('a file that has not changed is not read again, and one that is gone is not remembered', async () => {
    const cache = new Map();
    await folder.write('a/_index.yaml', anIndex('a', anEntry('xx')));
    await folder.write('b/_index.yaml', anIndex('b', anEntry('yy')));
    const later = Date.now() + 60_000;
    const first = await scanned({ cache, now: later });
    const second = await scanned({ cache, now: later });
    expect(second.entries[0]).toBe(first.entries[0]);
    await folder.remove('b');
    await scanned({ cache, now: later });
    expect([...cache.keys()]).toEqual([file('a/_index.yaml')]);
  });
});
