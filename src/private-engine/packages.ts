import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import { runCommand } from './run-command.ts';
import type { System } from './system.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Package lists in a folder of ours: the system’s own lists, caches and locks are not touched. */
export interface Packages {
  readonly system: System;
  /** Where the system’s release is fetched from, as its own sources say. */
  readonly mirror: string;
  /** Words for apt-get and apt-cache. */
  readonly words: readonly string[];
}

/** Read the lists of the system’s own release. Throws engine_failed when its sources name no mirror of the release. */
export async function ownPackages(folder: string, system: System, signal?: AbortSignal): Promise<Packages> {
  const words = aptWords(join(folder, 'own'));
  // A source of somebody else that fails does no harm as long as the system’s own answers.
  const trouble = await runCommand('apt-get', [...words, 'update', '-q'], { signal }).then(
    () => undefined,
    (error: unknown) => {
      if (isContractError(error, 'aborted')) throw error;
      return error;
    },
  );
  const targets = await runCommand('apt-get', [
    ...words,
    'indextargets',
    '--format',
    '$(CODENAME) $(COMPONENT) $(REPO_URI) $(ORIGIN)',
    'Created-By: Packages',
  ]);
  const mirror = mirrorIn(targets, system);
  if (mirror !== undefined) return { system, mirror, words };
  throw new ContractError(
    'engine_failed',
    `the package sources of this machine name no mirror of ${system.id} ${system.codename} that answers` +
      (trouble instanceof Error ? `: ${trouble.message}` : ''),
    { cause: trouble, next: 'Mend the sources until `apt-get update` succeeds.' },
  );
}

/** Read the lists of a newer Debian, from the mirror of the machine’s own. */
export async function newerPackages(
  folder: string,
  { mirror, system }: Packages,
  codename: string,
  signal?: AbortSignal,
): Promise<Packages> {
  const place = join(folder, codename);
  const list = join(place, 'sources.list');
  const words = [
    ...aptWords(place),
    '-o',
    `Dir::Etc::sourcelist=${list}`,
    '-o',
    `Dir::Etc::sourceparts=${join(place, 'parts')}`,
  ];
  mkdirSync(join(place, 'parts'), { recursive: true });
  writeFileSync(list, `deb [signed-by=${KEYRING}] ${mirror} ${codename} main\n`);
  await runCommand('apt-get', [...words, 'update', '-q'], { signal });
  return { system, mirror, words };
}

/** Download the files of packages into a folder. */
export async function downloadPackages(
  { words }: Packages,
  names: readonly string[],
  into: string,
  signal?: AbortSignal,
): Promise<void> {
  if (names.length > 0)
    await runCommand('apt-get', [...words, 'download', '-q', ...names], { cwd: into, signal });
}

/** Those of the names that the lists know: some libraries are called differently from release to release. */
export async function knownPackages(
  { words }: Packages,
  names: readonly string[],
): Promise<readonly string[]> {
  const lines = await runCommand('apt-cache', [...words, 'madison', ...names]);
  const known = new Set(lines.split('\n').map((line) => line.split('|')[0]?.trim()));
  return names.filter((name) => known.has(name));
}

/** The mirror in the lines `codename component uri origin` of the package lists. */
export function mirrorIn(targets: string, { id, codename }: System): string | undefined {
  return targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(
      ([release, component, , origin]) =>
        release === codename && component === 'main' && origin?.toLowerCase() === id,
    )?.[2];
}

function aptWords(place: string): readonly string[] {
  mkdirSync(join(place, 'lists/partial'), { recursive: true });
  mkdirSync(join(place, 'cache/archives/partial'), { recursive: true });
  return [
    `Dir::State::Lists=${join(place, 'lists')}`,
    `Dir::Cache=${join(place, 'cache')}`,
    'Acquire::Retries=3',
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
    'DPkg::Lock::Timeout=600',
  ].flatMap((option) => ['-o', option]);
}
