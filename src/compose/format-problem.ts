import { relative } from 'node:path';
import type { ComposeProblem } from './reading/problem.ts';

/** What a problem says, on one line, without its place. */
export function problemText({ part, key, message, instead }: ComposeProblem): string {
  const about = [part, key].filter(Boolean).join(': ');
  return `${about === '' ? '' : `${about}: `}${message}${instead === undefined ? '' : `. Instead: ${instead}`}`;
}

/** The same with its place, relative to a folder. */
export function formatComposeProblem(problem: ComposeProblem, folder: string): string {
  const { file, line, column } = problem.place;
  const near = relative(folder, file);
  const shown = near === '' || near.startsWith('..') ? file : near;
  return `${shown}:${line}:${column}: ${problemText(problem)}`;
}
