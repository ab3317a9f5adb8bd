import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ENTRY_TYPES } from '../../contracts/registry-entry.ts';
import { problemText } from '../compose/format-problem.ts';
import type { ComposeSource } from '../compose/load-project.ts';
import { type ComposeEntries, type ComposeEntry, composeEntries } from '../compose/to-entries.ts';
import type { Declared, Reading } from './entry.ts';
import { isEntry, isGroup, isResource } from './entry.ts';
import { isGone, messageOf } from './find-files.ts';
import type { RegistryProblem } from './problem.ts';
import { unreadable } from './read-entries.ts';
import { declaredEntry, fieldsOf } from './reading/declared-entry.ts';
import type { Environment } from './reading/interpolate.ts';
import { mapOfEntry } from './reading/map-of-entry.ts';
import {
  groupOfEntry,
  isContainer,
  isGroupEntry,
  isMapEntry,
  type ReadEntry,
  resourceOfEntry,
} from './reading/resource-of-entry.ts';

/**
 * What Compose files declare, as one reading of the first of them; `sources` is every file that was read for it, or looked for. Never throws. When something in them is wrong, or cannot be
 * taken, nothing of them is acted on, and what they declared before stays.
 */
export async function readCompose(
  source: ComposeSource,
  environment: Environment,
): Promise<{ readonly reading: Reading; readonly hash: string; readonly sources: readonly string[] }> {
  const [file = ''] = source.files;
  const digest = createHash('sha256');
  let made: ComposeEntries;
  try {
    made = await composeEntries(source, {
      purpose: 'run',
      variables: environment,
      read: async (path) => {
        const text = await textOf(path);
        digest.update(`${path}\0${text ?? ''}\0`);
        return text;
      },
    });
  } catch (error) {
    return {
      reading: unreadable(file, `cannot be read: ${messageOf(error)}`),
      hash: '',
      sources: source.files,
    };
  }
  const problems = made.problems.map(problemOf);
  const isWrong = problems.some(({ level }) => level === 'error');
  const namespace = namespaceOf(made.project);
  const declared = isWrong ? [] : made.entries.map((entry) => declaredOf(entry, namespace, file));
  const reading: Reading = {
    entries: declared.filter(isEntry),
    resources: declared.filter(isResource),
    groups: declared.filter(isGroup),
    problems,
    ignored: [],
    unsure: isWrong ? 'all' : new Set(),
    left: new Map([...made.left].map(([name, cause]) => [`${namespace}:${name}`, cause])),
  };
  return { reading, hash: digest.digest('hex'), sources: made.sources };
}

/** Ids begin with a letter, projects may begin with a digit. */
export function namespaceOf(project: string): string {
  return /^[a-z]/.test(project) ? project : `project-${project}`;
}

function declaredOf(
  { type, entry, place: { line } }: ComposeEntry,
  namespace: string,
  file: string,
): Declared {
  // A service may be called as its project.
  const name = type === 'docker.group' ? `${entry.name}.group` : entry.name;
  const place = { id: `${namespace}:${name}`, file, line };
  const read = ENTRY_TYPES[type].parse(entry) as ReadEntry;
  if (isContainer(read)) return declaredEntry(read, { spec: fieldsOf(read), env_files: [] }, place);
  // No Compose file has such words; were one to, they would mean nothing to it.
  if (isMapEntry(read)) return mapOfEntry(read, place, {});
  return isGroupEntry(read) ? groupOfEntry(read, namespace, place) : resourceOfEntry(read, place);
}

function problemOf(problem: ComposeEntries['problems'][number]): RegistryProblem {
  const { file, line, column } = problem.place;
  return {
    level: problem.level === 'error' ? 'error' : 'warning',
    code: 'invalid_registry',
    file,
    line,
    column,
    message: problemText(problem),
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
