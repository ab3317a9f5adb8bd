import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Lane } from '../../../src/private-engine/install-engine.ts';
import { type ImageSet, SERVER_IMAGES } from './image-cache.ts';

/** One round of tests on one engine. */
export interface Round {
  readonly name: string;
  readonly lane: Lane;
  /** Files or folders below the root; empty for all. */
  readonly files: readonly string[];
  /** Whether the long tests (`*.full.test.ts`) are meant, or the others. */
  readonly full: boolean;
}

/** What the older engine must keep, too. */
const ENGINE_FACING = ['test/engine', 'test/reconcile', 'test/scenarios'];

const EXTRA: readonly Round[] = [
  { name: 'long', lane: 'new', files: [], full: true },
  { name: 'older-engine', lane: 'distribution', files: ENGINE_FACING, full: false },
];

/** The rounds that the words of the command line ask for: files, `--older`, `--full` (everything), `--extra` (all but the daily). */
export function roundsOf(words: readonly string[], root: string): readonly Round[] {
  const unknown = words.find(
    (word) => word.startsWith('-') && !['--older', '--full', '--extra'].includes(word),
  );
  if (unknown !== undefined)
    throw new Error(`unknown option ${unknown}; there are --older, --full, --extra, and names of test files`);
  const files = words
    .filter((word) => !word.startsWith('-'))
    .map((file) => relative(root, resolve(root, file)));
  const daily: Round = {
    name: 'daily',
    lane: words.includes('--older') ? 'distribution' : 'new',
    files,
    full: files.some((file) => file.includes('.full.')),
  };
  if (words.includes('--extra')) return EXTRA;
  return words.includes('--full') && files.length === 0 ? [daily, ...EXTRA] : [daily];
}

/** The images that the round’s files ask for: those of real servers only if one names them in needImages(…). */
export function imagesFor(round: Round, root: string): readonly ImageSet[] {
  const asksForServers = testFiles(round, root).some((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return text.includes('needImages(') && SERVER_IMAGES.some((image) => text.includes(image));
  });
  return asksForServers ? ['small', 'servers'] : ['small'];
}

function testFiles({ files, full }: Round, root: string): readonly string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && path.endsWith('.full.test.ts') === full)
    .map((path) => join('test', path))
    .filter((path) => files.length === 0 || files.some((file) => path.includes(file)));
}
