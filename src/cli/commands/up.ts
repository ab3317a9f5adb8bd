import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';
import { showRunning } from '../show-running.ts';

/** `berth up`: the supervisor itself, in the foreground. */
export function addUp(program: Command, context: Context): void {
  withJson(withPlace(program.command('up')))
    .description(
      'Start what is declared, and keep it as declared until Ctrl-C. The containers keep running then.',
    )
    .argument('[registry...]', 'folders or files', ['./registry'])
    .option('--workers <n>', 'worker processes (default: 2)', wholeNumber(1))
    .option('--no-logs', 'do not print the containers’ lines')
    .addHelpText(
      'after',
      '\nExamples:\n  berth up\n  berth up ./registry --no-logs\n  berth up ./registry/examples/redis',
    )
    .action(async (roots: string[], options: PlaceOptions & { workers?: number; logs: boolean }) => {
      const running = await context.deps.up({ roots, ...options });
      try {
        await showRunning(running, context, { json: options.json === true, logs: options.logs });
      } finally {
        await running.stop();
      }
      if (!options.json)
        context.io.out('Berth has stopped. The containers keep running; `berth down` removes them.\n');
    });
}
