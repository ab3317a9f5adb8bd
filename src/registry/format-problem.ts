import { relative } from 'node:path';
import type { RegistryProblem } from './problem.ts';

const WIDTH = 100;
/** What a terminal would take as a command, or would not show. */
const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * A problem as text: `file:line:column: entry: message`, then the line of the file with a caret below the place. Paths below
 * `folder` are shown relative to it; control characters are shown as `�`, long lines as the part around the place.
 */
export function formatProblem(problem: RegistryProblem, folder: string): string {
  const { file, line, column = 1, length = 1, entry, source } = problem;
  const near = relative(folder, file);
  const shown = near === '' || near.startsWith('..') ? file : near;
  const place = line === undefined ? shown : `${shown}:${line}:${column}`;
  const level = problem.level === 'warning' ? 'warning: ' : '';
  const head = clean(`${place}: ${level}${entry === undefined ? '' : `${entry}: `}${problem.message}`);
  if (source === undefined || source.trim() === '') return head;
  const from = column > WIDTH * 0.8 ? column - 1 - WIDTH / 2 : 0;
  const excerpt = clean(source.slice(from, from + WIDTH));
  const caret = Math.min(length, Math.max(1, from + WIDTH - column + 1));
  return `${head}\n  ${excerpt}\n  ${' '.repeat(column - 1 - from)}${'^'.repeat(caret)}`;
}

function clean(text: string): string {
  return text.replaceAll('\t', ' ').replace(CONTROL, '�');
}
