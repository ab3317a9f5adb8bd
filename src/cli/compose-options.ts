import type { Command } from 'commander';
import { collected } from './pairs.ts';
import type { DeclaredRequest } from './session.ts';

/** What `-f`, `-p` and `--profile` say. */
export interface ComposeOptions {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly profile?: readonly string[];
}

/** Registry folders, or with `-f` a Compose project and its services. */
export function withDeclared(command: Command): Command {
  return command
    .argument('[registry...]', 'folders or files (default: ./registry); with -f, services')
    .option('-f, --file <file>', 'a Compose file instead, each over those before it', collected)
    .option('-p, --project-name <name>', 'with -f: the project’s name')
    .option('--profile <name>', 'with -f: the services of this profile, too; * for all', collected);
}

/** What the words and options of such a command mean. */
export function declaredOf(
  words: readonly string[],
  { file: files = [], projectName, profile: profiles = [] }: ComposeOptions,
): DeclaredRequest {
  if (files.length === 0) return { roots: words.length > 0 ? words : ['./registry'] };
  const project = projectName === undefined ? {} : { project: projectName };
  return { roots: [], compose: { files, profiles, services: words, ...project } };
}
