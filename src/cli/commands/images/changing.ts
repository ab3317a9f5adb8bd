import type { Command } from 'commander';
import { images } from '../../../../contracts/images.ts';
import { asked } from '../../asked.ts';
import type { Context } from '../../context.ts';
import { type Exit, eachContainer } from '../../each-container.ts';
import { formatBytes } from '../../format-bytes.ts';
import { type PlaceOptions, time, withJson, withPlace } from '../../options.ts';
import { collected, labelled } from '../../pairs.ts';
import { printPruned } from '../../print-pruned.ts';

interface RemoveOptions extends PlaceOptions {
  readonly force?: true;
  readonly keepParents?: true;
}

interface PruneOptions extends PlaceOptions {
  readonly all?: true;
  readonly label?: Record<string, string>;
  readonly name?: string[];
  readonly olderThan?: string;
  readonly dryRun?: true;
}

/** `berth image rm | tag | prune` */
export function addImageChanging(group: Command, context: Context, exit: Exit): void {
  const { io, deps, signal } = context;
  withJson(withPlace(group.command('rm')))
    .description('Take names from images; with its last name an image goes.')
    .argument('<image...>', 'names or ids')
    .option('-f, --force', 'also when a stopped container uses it, or, by its id, when it has several names')
    .option('--keep-parents', 'keep layers in between that only it used')
    .addHelpText('after', '\nExamples:\n  berth image rm redis:6\n  berth image rm --force 0123456789ab')
    .action((names: string[], { force, keepParents, ...options }: RemoveOptions) =>
      eachContainer(names, options, context, exit, (session, image) =>
        session
          .open(images)
          .delete({ image, ...(force && { force }), ...(keepParents && { keep_parents: true }) }, { signal }),
      ),
    );
  withJson(withPlace(group.command('tag')))
    .description('Give an image a further name.')
    .argument('<image>', 'name or id')
    .argument('<name>', 'the new one')
    .addHelpText('after', '\nExamples:\n  berth image tag app:latest registry.example.com/app:1.2')
    .action(async (image: string, target: string, options: PlaceOptions) => {
      const answer = await asked(deps, options, images, (client) =>
        client.tag({ image, target }, { signal }),
      );
      io.out(`${options.json ? JSON.stringify(answer) : answer.target}\n`);
    });
  withJson(withPlace(group.command('prune')))
    .description(
      'Remove images that no container uses: those without a name, or with --all what the filters name.',
    )
    .option('-a, --all', 'also those with a name')
    .option('--label <label>', 'only with that label: name, or name=value', labelled)
    .option('--name <pattern>', 'with --all: only names like that', collected)
    .option('--older-than <time>', 'only those made so long ago: 24h', time)
    .option('--dry-run', 'only say what would go')
    .addHelpText(
      'after',
      "\nExamples:\n  berth image prune --dry-run\n  berth image prune --all --name 'app:*' --older-than 240h",
    )
    .action(async ({ all, label, name, olderThan, dryRun, ...options }: PruneOptions) => {
      const answer = await asked(deps, options, images, (client) =>
        client.prune(
          {
            ...(all && { all }),
            ...(label && { labels: label }),
            ...(name && { reference: name }),
            ...(olderThan !== undefined && { older_than: olderThan }),
            ...(dryRun && { dry_run: true }),
          },
          { signal },
        ),
      );
      printPruned(answer, options, io, exit);
      if (!options.json && answer.size > 0) io.err(`at most ${formatBytes(answer.size)}\n`);
    });
}
