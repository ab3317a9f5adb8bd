import { resolve } from 'node:path';
import { ContractError } from '../../contracts/contract-error.ts';
import { problemText } from '../compose/format-problem.ts';
import type { ComposeSource } from '../compose/load-project.ts';
import { composeEntries } from '../compose/to-entries.ts';
import type { Environment } from '../registry/reading/interpolate.ts';
import { readText } from './import-compose.ts';

/** A project as the command line names it. */
export interface AskedProject {
  readonly files: readonly string[];
  readonly project?: string;
  readonly profiles: readonly string[];
  readonly services: readonly string[];
}

/** A project that can be run, looked at before anything is done. Throws invalid_registry, which lists all that is wrong with it or cannot be taken. */
export async function composeSource(asked: AskedProject, variables: Environment): Promise<ComposeSource> {
  const source = sourceOf(asked);
  const { problems } = await composeEntries(source, { purpose: 'run', variables, read: readText });
  const errors = problems.filter(({ level }) => level === 'error');
  if (errors.length === 0) return source;
  const many = errors.length === 1 ? 'one thing' : `${errors.length} things`;
  throw new ContractError('invalid_registry', `${many} in ${asked.files.join(', ')} cannot be run`, {
    problems: errors.map((problem) => ({
      path: `${problem.place.file}:${problem.place.line}:${problem.place.column}`,
      message: problemText(problem),
    })),
  });
}

/** The same with absolute paths. */
export function sourceOf(asked: AskedProject): ComposeSource {
  return { ...asked, files: asked.files.map((file) => resolve(file)) };
}
