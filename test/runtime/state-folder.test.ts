import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  findStateFolder,
  prepareStateFolder,
  readIdentity,
  stateFolder,
} from '../../src/runtime/state-folder.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await aFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());
const sockets = (): string => join(folder.path, 'sockets');
const made = (name: string): ReturnType<typeof stateFolder> => {
  const state = stateFolder(join(folder.path, name), sockets());
  prepareStateFolder(state);
  return state;
};
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('the folder and its key are the owner’s alone, also when the folder was there before', () => {
  mkdirSync(join(folder.path, '.berth'), { mode: 0o755 });
  const state = made('.berth');
  readIdentity(state);
  expect([modeOf(state.path), modeOf(join(state.path, 'instance.key'))]).toEqual([0o700, 0o600]);
});

test('who this Berth is stays the same, and is another in another folder', () => {
  const first = readIdentity(made('one'));
  expect(first.key).toHaveLength(32);
  expect(readIdentity(made('one'))).toEqual(first);
  expect(readIdentity(made('two')).instance).not.toBe(first.instance);
});

test('a damaged key is refused, not replaced', async () => {
  await folder.write('one/instance.key', '{"instance":"x"}');
  expect(() => readIdentity(made('one'))).toThrow(expect.objectContaining({ code: 'database_failed' }));
  expect(readFileSync(join(folder.path, 'one/instance.key'), 'utf8')).toBe('{"instance":"x"}');
});

test('a socket path too long for the system moves, and a file says where', () => {
  const state = made('x'.repeat(120));
  expect(Buffer.byteLength(state.socket)).toBeLessThanOrEqual(104);
  expect(dirname(state.socket)).toBe(sockets());
  expect(readFileSync(join(state.path, 'berth.sock.path'), 'utf8')).toBe(`${state.socket}\n`);
  expect(modeOf(sockets())).toBe(0o700);
  expect(made('y'.repeat(120)).socket).not.toBe(state.socket);
});

test('no socket is put into a folder that others may write to', () => {
  mkdirSync(sockets());
  chmodSync(sockets(), 0o777);
  expect(() => made('x'.repeat(120))).toThrow(expect.objectContaining({ code: 'database_failed' }));
});

test('a state folder is found from below, and is at hand where there is none', async () => {
  await folder.write('project/.berth/x', '');
  await folder.write('project/src/deep/x', '');
  expect(findStateFolder(join(folder.path, 'project/src/deep'))).toBe(join(folder.path, 'project/.berth'));
  await folder.write('elsewhere/x', '');
  expect(findStateFolder(join(folder.path, 'elsewhere'))).toBe(join(folder.path, 'elsewhere/.berth'));
});
