import type { Command } from 'commander';
import { volumes } from '../../../contracts/volumes.ts';
import { asked } from '../asked.ts';
import { addInspect, addRemove } from '../by-name.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { collected, labelled } from '../pairs.ts';
import { printPruned } from '../print-pruned.ts';
import { table } from '../table.ts';

interface ListOptions extends PlaceOptions {
  readonly label?: Record<string, string>;
  readonly name?: string[];
  readonly driver?: string[];
  readonly dangling?: true;
  readonly mine?: true;
}

/** `berth volume ls | create | inspect | rm | prune` */
export function addVolumes(program: Command, context: Context, exit: Exit): void {
  const group = program
    .command('volume')
    .description('Make, show and remove volumes.')
    .addHelpText('after', '\nExamples:\n  berth volume ls\n  berth volume create data');
  addList(group, context);
  addCreate(group, context);
  const { signal } = context;
  const kind = { kind: 'volume', names: 'names' };
  const by = { context, exit };
  addInspect(
    group,
    { ...kind, description: 'Print all about volumes as JSON.', example: 'berth volume inspect data' },
    (session, volume) => session.open(volumes).inspect({ volume }, { signal }),
    by,
  );
  addRemove(
    group,
    {
      ...kind,
      description: 'Remove volumes of ours, with what is in them.',
      example: 'berth volume rm data',
    },
    (session, volume) => session.open(volumes).remove({ volume }, { signal }),
    by,
  );
  addPrune(group, context, exit);
}

function addList(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('ls')))
    .description('List the volumes of the engine, ours and others.')
    .option('--label <label>', 'only with that label: name, or name=value', labelled)
    .option('--name <part>', 'only with that in their name', collected)
    .option('--driver <driver>', 'only of that driver', collected)
    .option('--dangling', 'only those that no container uses')
    .option('--mine', 'only ours')
    .addHelpText('after', '\nExamples:\n  berth volume ls --mine\n  berth volume ls --dangling --json')
    .action(async ({ label, name, driver, dangling, mine, ...options }: ListOptions) => {
      const found = await asked(deps, options, volumes, (client) =>
        client.list(
          {
            ...(label && { labels: label }),
            ...(name && { name }),
            ...(driver && { driver }),
            ...(dangling && { dangling }),
            ...(mine && { managed: true }),
          },
          { signal },
        ),
      );
      if (options.json) for (const view of found.volumes) io.out(`${JSON.stringify(view)}\n`);
      else {
        const rows = found.volumes.map((one) => [one.name, one.driver, one.scope, one.managed ? 'yes' : '']);
        io.out(`${table(['NAME', 'DRIVER', 'SCOPE', 'OURS'], rows)}\n`);
      }
    });
}

interface CreateOptions extends PlaceOptions {
  readonly driver?: string;
  readonly opt?: Record<string, string>;
  readonly label?: Record<string, string>;
}

function addCreate(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('create')))
    .description('Make a volume. The same again is fine; another of that name is refused.')
    .argument('<name>')
    .option('-d, --driver <driver>', 'local (the default), or a plugin')
    .option('-o, --opt <option>', 'name=value for the driver', labelled)
    .option('--label <label>', 'name=value', labelled)
    .addHelpText(
      'after',
      '\nExamples:\n  berth volume create data --label tier=back\n  berth volume create scratch -o type=tmpfs -o device=tmpfs -o o=size=64m',
    )
    .action(async (name: string, { driver, opt, label, ...options }: CreateOptions) => {
      const made = await asked(deps, options, volumes, (client) =>
        client.create(
          {
            name,
            ...(driver !== undefined && { driver }),
            ...(opt && { options: opt }),
            ...(label && { labels: label }),
          },
          { signal },
        ),
      );
      io.out(`${options.json ? JSON.stringify(made) : made.name}\n`);
    });
}

interface PruneOptions extends PlaceOptions {
  readonly label?: Record<string, string>;
  readonly dryRun?: true;
  readonly all?: true;
}

function addPrune(group: Command, { io, deps, signal }: Context, exit: Exit): void {
  withJson(withPlace(group.command('prune')))
    .description('Remove our volumes that nothing uses. Those with a name go only with --all.')
    .option('-a, --all', 'those with a name, too, with what is in them')
    .option('--label <label>', 'only with that label: name, or name=value', labelled)
    .option('--dry-run', 'only say what would go')
    .addHelpText(
      'after',
      '\nExamples:\n  berth volume prune --all --dry-run\n  berth volume prune --all --label tier=test',
    )
    .action(async ({ all, label, dryRun, ...options }: PruneOptions) => {
      const answer = await asked(deps, options, volumes, (client) =>
        client.prune(
          { ...(all && { all }), ...(label && { labels: label }), ...(dryRun && { dry_run: true }) },
          { signal },
        ),
      );
      printPruned(answer, options, io, exit);
    });
}
