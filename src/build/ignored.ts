import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { ContractError } from '../../contracts/contract-error.ts';

/** What a context leaves out. */
export interface Ignored {
  ignores(path: string): boolean;
  /** Whether something below a folder that is left out may be wanted after all (`!`). */
  readonly negates: boolean;
}

/** The rules of a context: of `<Dockerfile>.dockerignore` where it is, else of `.dockerignore`. */
export async function ignoredIn(folder: string, dockerfile: string | undefined): Promise<Ignored> {
  const text =
    (dockerfile === undefined ? undefined : await textOf(join(folder, `${dockerfile}.dockerignore`))) ??
    (await textOf(join(folder, '.dockerignore')));
  const rules = (text ?? '')
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const matcher = dockerignore.default({ ignorecase: false }).add(rules);
  return {
    ignores: (path) => rules.length > 0 && matcher.ignores(path),
    negates: rules.some((rule) => rule.startsWith('!')),
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ContractError('invalid_input', `${path} cannot be read: ${code}`, { cause: error });
  }
}
