import { isContractError } from '../../contracts/contract-error.ts';
import { type BuildHashes, buildHash } from '../build/build-hash.ts';
import type { DeclaredEntry, Reading } from './entry.ts';
import type { RegistryProblem } from './problem.ts';
import { readEnvFiles } from './read-env-files.ts';
import type { Places } from './reading/places-of-entry.ts';
import { pathKey } from './reading/to-value.ts';

/** A reading with the hashes of what its entries build, and with the variables of its entries’ files in their `env`. An entry whose file cannot be read is a problem, and its last good one stays. */
export async function mergeEnvFiles(
  reading: Reading,
  hashes: BuildHashes = new Map(),
  unsettled: ReadonlySet<string> = new Set(),
): Promise<Reading> {
  if (reading.entries.every(({ env_files, spec }) => env_files === undefined && spec.build === undefined))
    return reading;
  // What is still being written is read when it is whole; the last good entry stays till then.
  const waiting = reading.entries.filter(({ env_files = [] }) =>
    env_files.some((file) => unsettled.has(file)),
  );
  const others = reading.entries.filter((entry) => !waiting.includes(entry));
  const read = await Promise.all(others.map((entry) => merge(entry, hashes, reading.places?.get(entry.id))));
  const problems = read.flatMap((one) => ('level' in one ? [one] : []));
  const unsure = [...problems.flatMap(({ entry }) => entry ?? []), ...waiting.map(({ id }) => id)];
  return {
    ...reading,
    entries: read.flatMap((one) => ('level' in one ? [] : [one])),
    problems: [...reading.problems, ...problems],
    unsure: reading.unsure === 'all' ? 'all' : new Set([...reading.unsure, ...unsure]),
  };
}

async function merge(
  entry: DeclaredEntry,
  hashes: BuildHashes,
  places: Places | undefined,
): Promise<DeclaredEntry | RegistryProblem> {
  const { env_files, ...rest } = entry;
  const { build } = rest.spec;
  if (env_files === undefined && build === undefined) return entry;
  try {
    const env = env_files && { ...(await readEnvFiles(env_files)), ...rest.spec.env };
    const built = build &&
      rest.unresolved === undefined && { ...build, hash: await buildHash(build, hashes) };
    return { ...rest, spec: { ...rest.spec, ...(env && { env }), ...(built && { build: built }) } };
  } catch (error) {
    if (!isContractError(error, 'invalid_input')) throw error;
    const given = entry.env_files?.length ? places?.get(pathKey(['env_file'])) : undefined;
    const { id, file, line } = entry;
    const place = { line, column: 1, ...given };
    return { level: 'error', code: 'invalid_registry', file, ...place, entry: id, message: error.message };
  }
}
