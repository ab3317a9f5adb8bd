import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';
import { collected } from '../pairs.ts';
import type { UpRequest } from '../session.ts';
import { showRunning } from '../show-running.ts';

interface UpOptions extends PlaceOptions {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly profile?: readonly string[];
  readonly workers?: number;
  readonly logs: boolean;
}

/** `berth up`: the supervisor itself, in the foreground. */
export function addUp(program: Command, context: Context): void {
  withJson(withPlace(program.command('up')))
    .description(
      'Start what is declared, and keep it as declared until Ctrl-C. The containers keep running then.',
    )
    .argument('[registry...]', 'folders or files (default: ./registry); with -f, the services to run')
    .option('-f, --file <file>', 'run a Compose file, each over those before it', collected)
    .option('-p, --project-name <name>', 'with -f: the project’s name')
    .option('--profile <name>', 'with -f: run the services of this profile, too; * for all', collected)
    .option('--workers <n>', 'worker processes (default: 2)', wholeNumber(1))
    .option('--no-logs', 'do not print the containers’ lines')
    .addHelpText(
      'after',
      '\nExamples:\n  berth up\n  berth up ./registry --no-logs\n  berth up ./registry/examples/redis\n  berth up -f compose.yaml\n  berth up -f compose.yaml -f compose.prod.yaml -p shop web',
    )
    .action(async (words: string[], options: UpOptions) => {
      const running = await context.deps.up(requestOf(words, options));
      try {
        await showRunning(running, context, { json: options.json === true, logs: options.logs });
      } finally {
        await running.stop();
      }
      if (!options.json)
        context.io.out('Berth has stopped. The containers keep running; `berth down` removes them.\n');
    });
}

function requestOf(
  words: readonly string[],
  { file: files = [], projectName, profile: profiles = [], workers, state, engine }: UpOptions,
): UpRequest {
  const common = {
    ...(workers !== undefined && { workers }),
    ...(state !== undefined && { state }),
    ...(engine !== undefined && { engine }),
  };
  if (files.length === 0) return { ...common, roots: words.length > 0 ? words : ['./registry'] };
  const project = projectName === undefined ? {} : { project: projectName };
  return { ...common, roots: [], compose: { files, profiles, services: words, ...project } };
}
