import type { Command } from 'commander';
import type { ImageView } from '../../../../contracts/image-methods/image-view.ts';
import { images } from '../../../../contracts/images.ts';
import { age } from '../../age.ts';
import { asked } from '../../asked.ts';
import { addInspect } from '../../by-name.ts';
import type { Context } from '../../context.ts';
import type { Exit } from '../../each-container.ts';
import { formatBytes } from '../../format-bytes.ts';
import { type PlaceOptions, withJson, withPlace } from '../../options.ts';
import { labelled } from '../../pairs.ts';
import { table } from '../../table.ts';

interface ListOptions extends PlaceOptions {
  readonly all?: true;
  readonly label?: Record<string, string>;
  readonly dangling?: true;
  readonly before?: string;
  readonly since?: string;
  readonly digests?: true;
  readonly quiet?: true;
}

/** `berth image ls | inspect | history` */
export function addImageLooking(group: Command, context: Context, exit: Exit): void {
  addList(group, context);
  const { signal } = context;
  addInspect(
    group,
    {
      kind: 'image',
      names: 'names or ids',
      description: 'Print all about images as JSON.',
      example: 'berth image inspect redis:7',
    },
    (session, image) => session.open(images).inspect({ image }, { signal }),
    { context, exit },
  );
  addHistory(group, context);
}

function addList(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('ls')))
    .description('List the images of the engine.')
    .argument('[name...]', 'only names like these: redis, redis:7*, */app')
    .option('-a, --all', 'also the layers in between that builds left')
    .option('--label <label>', 'only with that label: name, or name=value', labelled)
    .option('--dangling', 'only those without a name')
    .option('--before <image>', 'only those made before that one')
    .option('--since <image>', 'only those made after that one')
    .option('--digests', 'show digests')
    .option('-q, --quiet', 'only ids')
    .addHelpText('after', '\nExamples:\n  berth image ls\n  berth image ls redis --digests --json')
    .action(async (reference: string[], options: ListOptions) => {
      const { all, label, dangling, before, since } = options;
      const found = await asked(deps, options, images, (client) =>
        client.list(
          {
            ...(reference.length > 0 && { reference }),
            ...(all && { all }),
            ...(label && { labels: label }),
            ...(dangling && { dangling }),
            ...(before !== undefined && { before }),
            ...(since !== undefined && { since }),
          },
          { signal },
        ),
      );
      if (options.json) for (const view of found.images) io.out(`${JSON.stringify(view)}\n`);
      else if (options.quiet) for (const { id } of found.images) io.out(`${id}\n`);
      else {
        const digests = options.digests === true;
        const head = ['NAME', ...(digests ? ['DIGEST'] : []), 'ID', 'CREATED', 'SIZE'];
        io.out(
          `${table(
            head,
            found.images.flatMap((one) => rowsOf(one, digests, deps.now())),
          )}\n`,
        );
      }
    });
}

/** A row a name. */
function rowsOf(image: ImageView, digests: boolean, now: number): readonly string[][] {
  const { id, tags, size, created_at } = image;
  return (tags.length === 0 ? ['<none>'] : tags).map((name) => [
    name,
    ...(digests ? [digestOf(image, name)] : []),
    id.replace('sha256:', '').slice(0, 12),
    created_at === undefined ? '' : `${age(created_at, now)} ago`,
    formatBytes(size),
  ]);
}

function digestOf({ digests }: ImageView, name: string): string {
  const repository = name.replace(/:[^:/]*$/, '');
  return digests.find((one) => one.startsWith(`${repository}@`))?.split('@')[1] ?? '<none>';
}

function addHistory(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('history')))
    .description('Print how an image was made, the newest layer first.')
    .argument('<image>', 'name or id')
    .addHelpText('after', '\nExamples:\n  berth image history redis:7')
    .action(async (image: string, options: PlaceOptions) => {
      const { history } = await asked(deps, options, images, (client) =>
        client.history({ image }, { signal }),
      );
      if (options.json) for (const entry of history) io.out(`${JSON.stringify(entry)}\n`);
      else {
        const rows = history.map(({ id = '<missing>', created_at, created_by, size, comment = '' }) => [
          id.replace('sha256:', '').slice(0, 12),
          `${age(created_at, deps.now())} ago`,
          created_by.replaceAll(/\s+/g, ' ').slice(0, 60),
          formatBytes(size),
          comment,
        ]);
        io.out(`${table(['ID', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], rows)}\n`);
      }
    });
}
