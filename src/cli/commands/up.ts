import { type Command, InvalidArgumentError } from 'commander';
import { duration } from '../../../contracts/units.ts';
import { type ComposeOptions, declaredOf, withDeclared } from '../compose-options.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, time, wholeNumber, withJson, withPlace } from '../options.ts';
import { showRunning } from '../show-running.ts';
import { untilUp } from '../up/until-up.ts';

interface UpOptions extends PlaceOptions, ComposeOptions {
  readonly workers?: number;
  readonly logs: boolean;
  readonly wait?: true;
  readonly timeout?: number;
}

/** `berth up`: the supervisor itself, in the foreground. */
export function addUp(program: Command, context: Context): void {
  withDeclared(withJson(withPlace(program.command('up'))))
    .description(
      'Start what is declared, and keep it as declared until Ctrl-C. The containers keep running then.',
    )
    .option('--workers <n>', 'worker processes (default: 2)', wholeNumber(1))
    .option('--no-logs', 'do not print the containers’ lines')
    .option('--wait', 'end once all is up and well; with a code other than 0 when something fails')
    .option('--timeout <time>', 'with --wait: no longer than this, like 90 or 2m', seconds)
    .addHelpText(
      'after',
      '\nExamples:\n  berth up\n  berth up ./registry --no-logs\n  berth up ./registry/examples/redis\n  berth up -f compose.yaml\n  berth up -f compose.yaml -f compose.prod.yaml -p shop web\n  berth up --wait --timeout 2m',
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
        const json = options.json === true;
        if (options.wait) await untilUp(running, context, { json, timeout: options.timeout });
        else await showRunning(running, context, { json, logs: options.logs });
      } finally {
        await running.stop();
      }
      if (!options.json)
        context.io.out('Berth has stopped. The containers keep running; `berth down` removes them.\n');
    });
}

function seconds(text: string): number {
  const parsed = duration.safeParse(time(text));
  if (!parsed.success) throw new InvalidArgumentError('Seconds, or a time like 1m30s, are wanted.');
  return parsed.data;
}
