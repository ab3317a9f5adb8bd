import { type Command, InvalidArgumentError } from 'commander';
import type { ContainerView } from '../../../contracts/container-view.ts';
import { type Status, status } from '../../../contracts/events.ts';
import { containerTable } from '../container-table.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import type { Session } from '../session.ts';

/** `berth ps`: works with and without a daemon. */
export function addPs(program: Command, { io, deps }: Context): void {
  withJson(withPlace(program.command('ps')))
    .description('List containers.')
    .option('-a, --all', 'also those of others on the engine')
    .option(
      '--status <status>',
      `only these: ${status.options.join(', ')}`,
      (text: string, before: Status[] = []) => [...before, aStatus(text)],
    )
    .addHelpText('after', '\nExamples:\n  berth ps\n  berth ps --status running --json')
    .action(async (options: PlaceOptions & { all?: true; status?: Status[] }) => {
      const session = await deps.session(options);
      try {
        const found = await everything(session, options);
        if (options.json) for (const view of found) io.out(`${JSON.stringify(view)}\n`);
        else io.out(`${containerTable(found, deps.now())}\n`);
      } finally {
        await session.close();
      }
    });
}

async function everything(
  session: Session,
  options: { all?: true; status?: Status[] },
): Promise<ContainerView[]> {
  const found: ContainerView[] = [];
  let cursor: string | undefined;
  do {
    const page = await session.containers.list({
      limit: 1000,
      ...(options.all && { all: true }),
      ...(options.status && { status: options.status }),
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.containers);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return found;
}

function aStatus(text: string): Status {
  const known = status.safeParse(text);
  if (!known.success) throw new InvalidArgumentError(`One of ${status.options.join(', ')} is wanted.`);
  return known.data;
}
