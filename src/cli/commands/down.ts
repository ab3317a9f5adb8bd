import { type Command, Option } from 'commander';
import { ERRORS } from '../../../contracts/errors.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';

interface DownOptions extends PlaceOptions {
  readonly volumes?: true;
  readonly rmi?: 'local' | 'all';
}

/** `berth down`: ends a running Berth and removes its containers and networks, or those of one group; named volumes stay unless they are to go. */
export function addDown(program: Command, { io, deps, signal }: Context, exit: (code: number) => void): void {
  withJson(withPlace(program.command('down')))
    .description('Stop Berth and remove its containers and networks. Named volumes stay.')
    .argument('[group]', 'remove this group alone; a Berth that runs goes on')
    .option('-v, --volumes', 'remove the named volumes that they mounted, too')
    .addOption(
      new Option(
        '--rmi <which>',
        'remove images, too: those that were built for them (local), or all',
      ).choices(['local', 'all']),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  berth down\n  berth down --state ./.berth\n  berth down shop --volumes --rmi local',
    )
    .action(async (group: string | undefined, { volumes, rmi, state, engine, json }: DownOptions) => {
      const request = {
        ...(state !== undefined && { state }),
        ...(engine !== undefined && { engine }),
        ...(group !== undefined && { group }),
        ...(volumes && { volumes }),
        ...(rmi !== undefined && { images: rmi }),
      };
      const report = await deps.down(request, (name) => json || io.out(`removed ${name}\n`), signal);
      if (json) io.out(`${JSON.stringify(report)}\n`);
      else if (report.removed.length === 0 && report.failed.length === 0) io.out('Nothing to remove.\n');
      for (const { name, message } of report.failed)
        io.err(`berth: ${name} is still there: ${message}. Run \`berth down\` again.\n`);
      if (report.failed.length > 0) exit(ERRORS.engine_failed.exit);
    });
}
