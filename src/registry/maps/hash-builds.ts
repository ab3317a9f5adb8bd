import { isContractError } from '../../../contracts/contract-error.ts';
import { type BuildHashes, buildHash } from '../../build/build-hash.ts';
import { type DeclaredThing, isEntry } from '../entry.ts';
import type { RegistryProblem } from '../problem.ts';
import type { Resolved } from './resolve-entries.ts';

/** With the hash of what is built by entries that were put together: before, nobody could know what that is. */
export async function hashBuilds(resolved: Resolved, hashes: BuildHashes = new Map()): Promise<Resolved> {
  const made = await Promise.all(resolved.declared.map((one) => withHash(one, hashes)));
  const problems = made.flatMap((one) => ('level' in one ? [one] : []));
  return {
    declared: made.flatMap((one) => ('level' in one ? [] : [one])),
    problems: [...resolved.problems, ...problems],
    unsure: new Set([...resolved.unsure, ...problems.flatMap(({ entry }) => entry ?? [])]),
  };
}

async function withHash(
  declared: DeclaredThing,
  hashes: BuildHashes,
): Promise<DeclaredThing | RegistryProblem> {
  if (!isEntry(declared)) return declared;
  const { build } = declared.spec;
  if (build === undefined || build.hash !== undefined) return declared;
  try {
    const hash = await buildHash(build, hashes);
    return { ...declared, spec: { ...declared.spec, build: { ...build, hash } } };
  } catch (error) {
    if (!isContractError(error, 'invalid_input')) throw error;
    const { id, file, line } = declared;
    const place = { file, line, column: 1, entry: id };
    return { level: 'error', code: 'invalid_registry', ...place, message: error.message };
  }
}
