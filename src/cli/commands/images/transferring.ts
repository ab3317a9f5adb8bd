import type { Command } from 'commander';
import { images } from '../../../../contracts/images.ts';
import { asked } from '../../asked.ts';
import type { Context } from '../../context.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../../options.ts';
import { table } from '../../table.ts';
import { watched } from '../../watched.ts';

interface PullOptions extends PlaceOptions {
  readonly platform?: string;
  readonly policy?: 'always' | 'missing' | 'never';
  readonly quiet?: true;
}

/** `berth image pull | push | search` */
export function addImageTransfers(group: Command, context: Context): void {
  const { io } = context;
  withJson(withPlace(group.command('pull')))
    .description('Bring an image from its registry.')
    .argument('<image>', '[registry[:port]/]path[:tag][@digest]')
    .option('--platform <platform>', 'for which machine: linux/arm64')
    .option('--policy <policy>', 'always (the default), missing (only what is not there), or never')
    .option('-q, --quiet', 'without progress')
    .addHelpText(
      'after',
      '\nExamples:\n  berth image pull redis:7\n  berth image pull registry.example.com:5000/team/app:1.2 --policy missing',
    )
    .action(async (image: string, { platform, policy, quiet, ...options }: PullOptions) => {
      const answer = await watched(options, context, { doing: 'pull', quiet }, (session, stream, signal) =>
        session.open(images).pull(
          {
            image,
            ...(platform !== undefined && { platform }),
            ...(policy !== undefined && { policy }),
            ...(stream && { stream }),
          },
          { signal },
        ),
      );
      const news = answer.changed ? 'new' : 'up to date';
      io.out(`${options.json ? JSON.stringify(answer) : `${answer.image}  ${answer.id}  ${news}`}\n`);
    });
  withJson(withPlace(group.command('push')))
    .description('Send an image to the registry of its name.')
    .argument('<image>', 'registry[:port]/path[:tag]')
    .option('-q, --quiet', 'without progress')
    .addHelpText('after', '\nExamples:\n  berth image push registry.example.com/team/app:1.2')
    .action(async (image: string, { quiet, ...options }: PlaceOptions & { readonly quiet?: true }) => {
      const answer = await watched(options, context, { doing: 'push', quiet }, (session, stream, signal) =>
        session.open(images).push({ image, ...(stream && { stream }) }, { signal }),
      );
      io.out(`${options.json ? JSON.stringify(answer) : `${answer.image}  ${answer.digest}`}\n`);
    });
  addSearch(group, context);
}

interface SearchOptions extends PlaceOptions {
  readonly limit?: number;
  readonly stars?: number;
  readonly official?: true;
}

function addSearch(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('search')))
    .description('Search Docker Hub, or another registry that can be searched.')
    .argument('<term>', 'redis, or registry.example.com/redis')
    .option('--limit <n>', 'at most so many (25)', wholeNumber(1))
    .option('--stars <n>', 'only with so many stars', wholeNumber(0))
    .option('--official', 'only official ones')
    .addHelpText('after', '\nExamples:\n  berth image search redis --official')
    .action(async (term: string, { limit, stars, official, ...options }: SearchOptions) => {
      const { results } = await asked(deps, options, images, (client) =>
        client.search(
          {
            term,
            ...(limit !== undefined && { limit }),
            ...(stars !== undefined && { stars }),
            ...(official && { official }),
          },
          { signal },
        ),
      );
      if (options.json) for (const one of results) io.out(`${JSON.stringify(one)}\n`);
      else {
        const rows = results.map((one) => [
          one.name,
          one.description.replaceAll(/\s+/g, ' ').slice(0, 60),
          String(one.stars),
          one.official ? 'yes' : '',
        ]);
        io.out(`${table(['NAME', 'DESCRIPTION', 'STARS', 'OFFICIAL'], rows)}\n`);
      }
    });
}
