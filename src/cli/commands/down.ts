import type { Command } from 'commander';
import { ERRORS } from '../../../contracts/errors.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';

/** `berth down`: ends a running Berth and removes its containers and networks; named volumes stay. */
export function addDown(program: Command, { io, deps, signal }: Context, exit: (code: number) => void): void {
  withJson(withPlace(program.command('down')))
    .description('Stop Berth and remove its containers and networks. Named volumes stay.')
    .addHelpText('after', '\nExamples:\n  berth down\n  berth down --state ./.berth')
    .action(async (options: PlaceOptions) => {
      const report = await deps.down(options, (name) => options.json || io.out(`removed ${name}\n`), signal);
      if (options.json) io.out(`${JSON.stringify(report)}\n`);
      else if (report.removed.length === 0 && report.failed.length === 0) io.out('Nothing to remove.\n');
      for (const { name, message } of report.failed)
        io.err(`berth: ${name} is still there: ${message}. Run \`berth down\` again.\n`);
      if (report.failed.length > 0) exit(ERRORS.engine_failed.exit);
    });
}
