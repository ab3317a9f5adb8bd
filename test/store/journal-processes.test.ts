import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Journal, LogCursor } from '../../src/store/journal.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { aChild, type Child } from '../support/a-child.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

vi.setConfig({ testTimeout: 300_000 });
let folder: Folder;
let path: string;
let journal: Journal;
const children: Child[] = [];

beforeEach(async () => {
  folder = await aFolder();
  path = join(folder.path, 'logs.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) await child[Symbol.asyncDispose]();
  await journal.close();
  await folder[Symbol.asyncDispose]();
});
function aWriter(execArgv: readonly string[] = []): Child {
  const child = aChild(new URL('./processes/journal-process.ts', import.meta.url), [path], execArgv);
  children.push(child);
  return child;
}

test('three processes that open a new file at once and append to one container get seqs without a hole', async () => {
  const writers = [aWriter(), aWriter(), aWriter()];
  const seqs = (
    await Promise.all(writers.map((one) => one.call<number[]>('append', 'a', null, 40, 25)))
  ).flat();
  expect(seqs.toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 3000 }, (_, index) => index + 1),
  );
  journal = await openJournal({ path });
  expect(await journal.state('a')).toMatchObject({ next_seq: 3001 });
  expect((await journal.read('a', 1, 5000)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 3000 }, (_, index) => index + 1),
  );
});

test('once a process opens a container with a newer token, the former writer in another process is fenced', async () => {
  const [former, newer] = [aWriter(), aWriter()];
  await former.call('open', 'a', 1);
  expect(await former.call('append', 'a', 1, 1, 2)).toEqual([1, 2]);
  await newer.call('open', 'a', 2);
  expect(await former.call('append', 'a', 1, 2, 2)).toEqual(['fenced', 'fenced']);
  expect(await newer.call('append', 'a', 2, 1, 2)).toEqual([3, 4]);
  journal = await openJournal({ path });
  expect((await journal.state('a')).next_seq).toBe(5);
});

test('however a writer is killed, cursor and lines agree, nothing acknowledged is lost and the next one goes on', async () => {
  journal = await openJournal({ path });
  let acknowledged = 0;
  for (let token = 1; token <= 4; token++) {
    const writer = aWriter();
    writer.onReport((count) => {
      acknowledged = Math.max(acknowledged, Number(count));
    });
    writer.call('appendForever', 'a', token).catch(() => undefined);
    const goal = acknowledged + 3000 * token;
    await eventually(() => expect(acknowledged).toBeGreaterThan(goal), 240_000);
    await writer.kill('SIGKILL');
    const { cursor, next_seq } = await journal.state('a');
    const stored = (cursor as LogCursor).stdout?.count ?? 0;
    expect(stored).toBe(next_seq - 1);
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect((await journal.lines('a', { tail: 1, limit: 1 })).lines[0]?.line).toBe(`line ${stored}`);
  }
  let expected = 1;
  for (;;) {
    const page = await journal.read('a', expected, 1000);
    if (page.length === 0) break;
    for (const event of page) expect(event).toMatchObject({ seq: expected, line: `line ${expected++}` });
  }
  expect(expected).toBe((await journal.state('a')).next_seq);
});

test('two hundred thousand long lines pass through a process that has memory for a third of them', async () => {
  const writer = aWriter(['--max-old-space-size=40']);
  expect(await writer.call<number>('appendAndCount', 'a', 200, 1000, 500)).toBe(200_000);
  journal = await openJournal({ path });
  expect((await journal.lines('a', { tail: 1, limit: 1 })).lines[0]?.seq).toBe(200_000);
});
