import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { fishShell } from '../support/fish-shell.ts';
import { zshShell } from '../support/zsh-shell.ts';

let berth: BerthFolder;
let variables: Readonly<Record<string, string>>;

beforeAll(async () => {
  const { host } = await testEngine();
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  variables = { BERTH_STATE: berth.state, DOCKER_HOST: host };
  await berth.write('_index.yaml', 'namespace: tab\nentries: []\n');
  await berth.up();
  for (const name of ['tab-one', 'tab-two'])
    await berth.run('create', '--name', name, 'busybox:latest', 'sleep', '1000');
}, 120_000);
afterAll(() => berth[Symbol.asyncDispose]());

test('a real fish completes names, commands, options and files', async () => {
  await using fish = await fishShell(variables);
  const words = async (line: string) => [...(await fish.tab(line)).keys()];
  expect(await words('berth stop tab-')).toEqual(['tab-one', 'tab-two']);
  expect(await words('berth stop tab-one tab-')).toEqual(['tab-two']);
  expect(await words('berth image rm busybox:')).toContain('busybox:latest');
  expect(await fish.tab('berth network p')).toEqual(
    new Map([['prune', 'Remove our networks that nothing uses.']]),
  );
  expect(await words('berth network create --int')).toEqual(['--internal']);
  expect(await words('berth up b')).toEqual(['berth']);
}, 120_000);

test('a real zsh at a terminal completes names, commands, options and files', async () => {
  await using zsh = await zshShell(variables);
  const line = async (typed: string) => (await zsh.tab(typed)).line;
  expect(await line('berth stop ta')).toBe('berth stop tab-');
  expect((await zsh.tab('berth stop tab-')).shown).toMatch(/tab-one\s+tab-two/);
  expect(await line('berth stop tab-one tab-')).toBe('berth stop tab-one tab-two ');
  expect(await line('berth image rm busybox:l')).toBe('berth image rm busybox:latest ');
  expect((await zsh.tab('berth network ')).shown).toMatch(
    /prune +-- Remove our networks that nothing uses\./,
  );
  expect(await line('berth network create --int')).toBe('berth network create --internal ');
  expect(await line('berth up b')).toBe('berth up berth ');
}, 120_000);
