import type { Command } from 'commander';
import { updatableFields } from '../../../contracts/container-methods/updating.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { addFlags, valuesOf } from '../container-flags/add-flags.ts';
import { CONTAINER_FLAGS } from '../container-flags/flags.ts';
import type { Context } from '../context.ts';
import { type Exit, eachContainer } from '../each-container.ts';
import { pullAndRoll, type Rolled } from '../groups/pull-and-roll.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { collected } from '../pairs.ts';
import { printable } from '../printable.ts';

const UPDATABLE = CONTAINER_FLAGS.filter(
  ({ about }) => typeof about === 'string' && Object.hasOwn(updatableFields, about),
);

interface UpdateOptions extends PlaceOptions, Readonly<Record<string, unknown>> {
  readonly recreate?: true;
  readonly dryRun?: true;
  readonly deps: boolean;
}

interface CleanupOptions extends PlaceOptions {
  readonly olderThan?: string;
  readonly exclude?: readonly string[];
  readonly initial?: true;
  readonly keepVolumes?: true;
  readonly dryRun?: true;
}

function rolledText({ name, outcome, changed, started }: Rolled): string {
  if (outcome === 'up_to_date') return `${name} is up to date`;
  const would = outcome === 'updated' ? '' : 'would be ';
  const parts = [
    ...(changed.length === 0 ? [] : [`${changed.join(', ')} ${would}updated`]),
    ...(started.length === 0 ? [] : [`${started.join(', ')} ${would}started`]),
  ];
  return `${name}: ${parts.join('; ')}`;
}

/** `berth update | cleanup` */
export function addUpdating(program: Command, context: Context, exit: Exit): void {
  const { io, deps, signal } = context;
  const update = withJson(withPlace(program.command('update')));
  addFlags(update, UPDATABLE)
    .description(
      'Pull the images of containers or groups and of what they need, and roll exactly what has another one now; or, with limits, change those in place, and keep them.',
    )
    .argument('<name...>', 'names or ids of containers, or groups')
    .option('--dry-run', 'only ask the registries, and say what would be rolled; nothing is pulled')
    .option('--no-deps', 'leave alone what they need')
    .option('--recreate', 'make them anew, where the engine cannot take a limit off in place')
    .addHelpText(
      'after',
      '\nA limit goes with `none`. Limits of declared containers are changed by their entries.\n\nExamples:\n  berth update shop\n  berth update shop --dry-run\n  berth update -m 512m --cpus 1.5 cache\n  berth update -m none --recreate --cpus none cache\n  berth update --restart always cache app',
    )
    .action((names: string[], options: UpdateOptions) =>
      eachContainer<object>(names, options, context, exit, async (session, id) => {
        const limits = valuesOf({}, UPDATABLE, options);
        if (Object.keys(limits).length === 0) {
          const how = { dry: options.dryRun === true, dependencies: options.deps, signal };
          const rolled = await pullAndRoll(session, id, how);
          if (!options.json) io.err(`${printable(rolledText(rolled))}\n`);
          return rolled;
        }
        if (options.dryRun)
          throw new ContractError(
            'invalid_input',
            'limits are changed as they are said: a dry run is for images',
            {
              next: 'Leave out --dry-run, or the limits.',
            },
          );
        const answer = await session.containers.update(
          { ...limits, id, ...(options.recreate && { recreate: true }) },
          { signal },
        );
        for (const warning of options.json ? [] : (answer.warnings ?? []))
          io.err(`berth: ${id}: the engine warns: ${warning}\n`);
        return answer;
      }),
    );
  withJson(withPlace(program.command('cleanup')))
    .description('Remove containers that have ended, but for declared ones, and print their names.')
    .option('--older-than <time>', 'only those that ended so long ago: 24h')
    .option('--exclude <name>', 'leave that one alone', collected)
    .option('--initial', 'those that never started, too')
    .option('--keep-volumes', 'leave their anonymous volumes there')
    .option('--dry-run', 'only print what would go')
    .addHelpText(
      'after',
      '\nExamples:\n  berth cleanup --older-than 24h\n  berth cleanup --dry-run --exclude cache',
    )
    .action(async ({ olderThan, exclude, initial, keepVolumes, dryRun, ...options }: CleanupOptions) => {
      const session = await deps.session(options);
      try {
        const answer = await session.containers.cleanup(
          {
            ...(olderThan !== undefined && { older_than: olderThan }),
            ...(exclude && { exclude: [...exclude] }),
            ...(initial && { include_initial: true }),
            ...(keepVolumes && { keep_volumes: true }),
            ...(dryRun && { dry_run: true }),
          },
          { signal },
        );
        if (options.json) io.out(`${JSON.stringify(answer)}\n`);
        else for (const { name } of answer.removed) io.out(`${name}\n`);
        for (const { name, message } of options.json ? [] : answer.failed)
          io.err(`berth: ${name}: ${message}\n`);
        if (answer.failed.length > 0) exit(1);
      } finally {
        await session.close();
      }
    });
}
