import { isContractError } from '../../contracts/contract-error.ts';
import type { DeclaredEntry, Reading } from './entry.ts';
import type { RegistryProblem } from './problem.ts';
import { readEnvFiles } from './read-env-files.ts';

/** A reading with the variables of its entries’ files in their `env`. An entry whose file cannot be read is a problem, and its last good one stays. */
export async function mergeEnvFiles(reading: Reading): Promise<Reading> {
  if (reading.entries.every(({ env_files }) => env_files === undefined)) return reading;
  const read = await Promise.all(reading.entries.map(merge));
  const problems = read.flatMap((one) => ('level' in one ? [one] : []));
  const unsure = problems.flatMap(({ entry }) => entry ?? []);
  return {
    ...reading,
    entries: read.flatMap((one) => ('level' in one ? [] : [one])),
    problems: [...reading.problems, ...problems],
    unsure: reading.unsure === 'all' ? 'all' : new Set([...reading.unsure, ...unsure]),
  };
}

async function merge(entry: DeclaredEntry): Promise<DeclaredEntry | RegistryProblem> {
  const { env_files, ...rest } = entry;
  if (env_files === undefined) return entry;
  try {
    const env = { ...(await readEnvFiles(env_files)), ...rest.spec.env };
    return { ...rest, spec: { ...rest.spec, env } };
  } catch (error) {
    if (!isContractError(error, 'invalid_input')) throw error;
    const { id, file, line } = entry;
    return {
      level: 'error',
      code: 'invalid_registry',
      file,
      line,
      column: 1,
      entry: id,
      message: error.message,
    };
  }
}
