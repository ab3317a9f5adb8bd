import { expect, test } from 'vitest';
import { aFolder } from './a-folder.ts';
import { imagesFor, roundsOf } from './lab/lanes.ts';

const names = (...words: string[]): readonly string[] => roundsOf(words, '/r').map(({ name }) => name);

test('without words there is one round over everything daily, on the newer engine', () => {
  expect(roundsOf([], '/r')).toEqual([{ name: 'daily', lane: 'new', files: [], full: false }]);
});

test('--full is the daily round and the extra ones; --extra leaves the daily one out', () => {
  expect(names('--full')).toEqual(['daily', 'long', 'older-engine']);
  expect(names('--extra')).toEqual(['long', 'older-engine']);
});

test('files are run on the engine asked for, and long ones as such', () => {
  expect(roundsOf(['--older', './test/engine/api.test.ts'], '/r')).toEqual([
    { name: 'daily', lane: 'distribution', files: ['test/engine/api.test.ts'], full: false },
  ]);
  expect(roundsOf(['test/plan/fuzz.full.test.ts'], '/r')[0]?.full).toBe(true);
});

test('an unknown option is refused', () => {
  expect(() => roundsOf(['--ful'], '/r')).toThrow('unknown option --ful');
});

test('the images of real servers are made only for files that name them', async () => {
  await using root = await aFolder();
  await root.write('test/a/needs.test.ts', "await needImages('redis:7');");
  await root.write('test/a/small.test.ts', "await needImages('alpine:latest');");
  const images = (...files: string[]): readonly string[] =>
    imagesFor({ name: 'daily', lane: 'new', files, full: false }, root.path);
  expect(images()).toEqual(['small', 'servers']);
  expect(images('test/a/needs.test.ts')).toEqual(['small', 'servers']);
  expect(images('test/a/small.test.ts')).toEqual(['small']);
});
