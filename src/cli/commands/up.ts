import type { Command } from 'commander';
import { type ComposeOptions, declaredOf, withDeclared } from '../compose-options.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';
import { showRunning } from '../show-running.ts';

interface UpOptions extends PlaceOptions, ComposeOptions {
  readonly workers?: number;
  readonly logs: boolean;
}

/** `berth up`: the supervisor itself, in the foreground. */
export function addUp(program: Command, context: Context): void {
  withDeclared(withJson(withPlace(program.command('up'))))
    .description(
      'Start what is declared, and keep it as declared until Ctrl-C. The containers keep running then.',
    )
    .option('--workers <n>', 'worker processes (default: 2)', wholeNumber(1))
    .option('--no-logs', 'do not print the containers’ lines')
    .addHelpText(
      'after',
      '\nExamples:\n  berth up\n  berth up ./registry --no-logs\n  berth up ./registry/examples/redis\n  berth up -f compose.yaml\n  berth up -f compose.yaml -f compose.prod.yaml -p shop web',
    )
    .action(async (words: string[], options: UpOptions) => {
      const { workers, state, engine } = options;
      const running = await context.deps.up({
        ...declaredOf(words, options),
        ...(workers !== undefined && { workers }),
        ...(state !== undefined && { state }),
        ...(engine !== undefined && { engine }),
      });
      try {
        await showRunning(running, context, { json: options.json === true, logs: options.logs });
      } finally {
        await running.stop();
      }
      if (!options.json)
        context.io.out('Berth has stopped. The containers keep running; `berth down` removes them.\n');
    });
}
