import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ContractError } from '../../contracts/contract-error.ts';
import { usualFiles } from '../compose/find-files.ts';
import { formatComposeProblem } from '../compose/format-problem.ts';
import { policyLines } from '../compose/policy-lines.ts';
import { composeEntries } from '../compose/to-entries.ts';
import { writeIndex } from '../compose/write-index.ts';
import type { Environment } from '../registry/reading/interpolate.ts';

export interface ImportRequest {
  /** Compose files; none: those of the working folder. */
  readonly files: readonly string[];
  readonly project?: string;
  readonly profiles: readonly string[];
  /** A folder, or `-` to write nothing. Default: `registry/PROJECT`. */
  readonly into?: string;
  /** Write over what is there. */
  readonly force: boolean;
}

export interface ImportReport {
  readonly project: string;
  /** The `_index.yaml`. */
  readonly index: string;
  /** Lines for a `policy.yaml`, if it needs any. */
  readonly policy?: string;
  /** Files that were written. */
  readonly written: readonly string[];
  readonly problems: readonly { readonly level: string; readonly text: string }[];
}

/** Make an `_index.yaml` of Compose files, and write it. Throws invalid_input: no file, or one that is there already. */
export async function importCompose(request: ImportRequest, variables: Environment): Promise<ImportReport> {
  const here = resolve('.');
  const files =
    request.files.length > 0 ? request.files.map((file) => resolve(file)) : await usualFiles(here, exists);
  const [main] = files;
  if (main === undefined)
    throw new ContractError('invalid_input', `there is no Compose file in ${here}`, {
      next: 'Name one: `berth import path/compose.yaml`.',
    });
  const folder = dirname(main);
  const { project, ...source } = { project: request.project, files, profiles: request.profiles };
  const named = { ...source, ...(project !== undefined && { project }) };
  const first = await composeEntries(named, { purpose: 'import', variables, read: readText });
  const into = request.into === '-' ? folder : resolve(request.into ?? join('registry', first.project));
  const made = await composeEntries(named, {
    purpose: 'import',
    variables,
    read: readText,
    shown: (path) => shownFrom(into, folder, path),
  });
  const index = writeIndex(
    made,
    files.map((file) => basename(file)),
  );
  const policy = policyLines(first);
  const written = request.into === '-' ? [] : await write(into, index, policy, request.force);
  return {
    project: made.project,
    index,
    ...(policy !== undefined && { policy }),
    written,
    problems: made.problems.map((problem) => ({
      level: problem.level,
      text: formatComposeProblem(problem, here),
    })),
  };
}

/** The text of a file, or undefined when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw new ContractError(
      'invalid_input',
      `${path} cannot be read: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  }
}

/** What lies below the project’s folder is said from where the entry is, so that both can move together. */
function shownFrom(into: string, folder: string, path: string): string {
  if (relative(folder, path).startsWith('..')) return path;
  const near = relative(into, path);
  return near.startsWith('..') ? near : near === '' ? './' : `./${near}`;
}

async function write(
  into: string,
  index: string,
  policy: string | undefined,
  force: boolean,
): Promise<readonly string[]> {
  const files: readonly (readonly [string, string])[] = [
    [join(into, '_index.yaml'), index],
    ...(policy === undefined ? [] : [[join(into, 'policy.yaml'), policy] as const]),
  ];
  await mkdir(into, { recursive: true });
  for (const [path] of files)
    if (!force && (await exists(path)))
      throw new ContractError('invalid_input', `${path} is there already`, {
        next: 'Write it elsewhere with -o FOLDER, look at it with -o -, or write over it with --force.',
      });
  for (const [path, text] of files) await writeFile(path, text);
  return files.map(([path]) => path);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !isAbsent(error);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
