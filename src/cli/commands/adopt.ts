import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { printable } from '../printable.ts';

/** `berth adopt`: rows again for containers whose database was lost. */
export function addAdopt(program: Command, { io, deps }: Context): void {
  withJson(withPlace(program.command('adopt')))
    .description(
      'Remember again the containers that calls made, their groups and networks, when the database was lost. Touches nothing on the engine.',
    )
    .addHelpText(
      'after',
      '\nThe state folder’s instance.key must still be there: it proves which containers are Berth’s own.\nDeclared containers need no adopting: `berth up` finds them again.\nWhat no label tells is lost: earlier releases of groups and how their services are updated, networks that calls had declared\ncontainers join, networks that calls asked for when they were there already, and logs and events so far.\n\nExample:\n  berth adopt && berth up',
    )
    .action(async (options: PlaceOptions) => {
      const report = await deps.adopt(options);
      if (options.json) {
        io.out(`${JSON.stringify(report)}\n`);
        return;
      }
      for (const { id, name } of report.adopted) io.out(`adopted ${printable(name)} (${id})\n`);
      for (const { name, members } of report.groups)
        io.out(`adopted group ${printable(name)} with ${printable(members.join(', '))}\n`);
      for (const name of report.networks) io.out(`adopted network ${printable(name)}\n`);
      for (const { name, network } of report.joins)
        io.out(`${printable(name)} stays on ${printable(network)}\n`);
      for (const { name, why } of report.left) io.err(`left ${printable(name)}: ${why}\n`);
      const { adopted, networks, left } = report;
      if (adopted.length + networks.length + left.length === 0) io.out('Nothing to adopt.\n');
    });
}
