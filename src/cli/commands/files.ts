import type { Command } from 'commander';
import { ContractError } from '../../../contracts/contract-error.ts';
import { bytesFrom, bytesTo } from '../byte-files.ts';
import type { Context } from '../context.ts';
import { type CopyOptions, copyIn, copyOut, inContainer } from '../copy/copy.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { collected } from '../pairs.ts';
import { printable } from '../printable.ts';

interface CpOptions extends PlaceOptions {
  readonly archive?: true;
  readonly followLink?: true;
}

const SIGNS = { modified: 'C', added: 'A', deleted: 'D' } as const;

/** `berth cp | export | diff | commit` */
export function addFiles(program: Command, context: Context): void {
  addCopy(program, context);
  addExport(program, context);
  addDiff(program, context);
  addCommit(program, context);
}

function addCopy(program: Command, { io, deps, signal }: Context): void {
  withPlace(program.command('cp'))
    .description('Copy files between a container and this machine. `-` is a tar on standard input or output.')
    .argument('<source>', 'CONTAINER:PATH, a path, or -')
    .argument('<target>', 'CONTAINER:PATH, a path, or -')
    .option('-a, --archive', 'keep owners')
    .option('-L, --follow-link', 'copy what a link leads to, when the source is one')
    .addHelpText(
      'after',
      '\nExamples:\n  berth cp cache:/data/dump.rdb .\n  berth cp ./config cache:/etc/app\n  berth cp ./config/. cache:/etc/app\n  berth cp cache:/data - | tar -t',
    )
    .action(async (source: string, target: string, given: CpOptions) => {
      const { archive = false, followLink: follow = false, ...options } = given;
      const [from, to] = [inContainer(source), inContainer(target)];
      if ((from === undefined) === (to === undefined))
        throw new ContractError('invalid_input', 'one of the two is in a container, the other is here', {
          next: 'Write `berth cp CONTAINER:PATH PATH`, or the other way round.',
        });
      const copying: CopyOptions = {
        archive,
        follow,
        signal,
        onSkipped: (path) =>
          io.err(`berth: ${printable(path)} is no file, folder or link, and was left out\n`),
      };
      const session = await deps.session(options);
      try {
        if (from !== undefined && target === '-') {
          const { tar } = await session.containers.get_archive(from, { signal });
          await bytesTo('-', tar, io);
        } else if (from !== undefined) await copyOut(session, from, target, copying);
        else if (to !== undefined && source === '-')
          await session.containers.put_archive(
            { ...to, tar: bytesFrom('-', io), copy_uid_gid: archive },
            { signal },
          );
        else if (to !== undefined) await copyIn(session, source, to, copying);
      } finally {
        await session.close();
      }
    });
}

function addExport(program: Command, { io, deps, signal }: Context): void {
  withPlace(program.command('export'))
    .description('Write the whole file system of a container as a tar.')
    .argument('<name>', 'name or id')
    .option('-o, --output <file>', 'into that file instead of standard output')
    .addHelpText('after', '\nExamples:\n  berth export -o cache.tar cache\n  berth export cache | tar -t')
    .action(async (id: string, { output, ...options }: PlaceOptions & { readonly output?: string }) => {
      const session = await deps.session(options);
      try {
        const { tar } = await session.containers.export({ id }, { signal });
        await bytesTo(output, tar, io);
      } finally {
        await session.close();
      }
    });
}

function addDiff(program: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(program.command('diff')))
    .description('Print what differs in a container from its image: A added, C changed, D deleted.')
    .argument('<name>', 'name or id')
    .addHelpText('after', '\nExamples:\n  berth diff cache')
    .action(async (id: string, options: PlaceOptions) => {
      const session = await deps.session(options);
      try {
        const { changes } = await session.containers.changes({ id }, { signal });
        for (const change of changes)
          io.out(
            options.json
              ? `${JSON.stringify(change)}\n`
              : `${SIGNS[change.kind]} ${printable(change.path)}\n`,
          );
      } finally {
        await session.close();
      }
    });
}

interface CommitOptions extends PlaceOptions {
  readonly author?: string;
  readonly message?: string;
  readonly change?: readonly string[];
  readonly pause: boolean;
}

function addCommit(program: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(program.command('commit')))
    .description('Make an image of what a container is now, and print its id.')
    .argument('<name>', 'name or id')
    .argument('[image]', 'its name: REPOSITORY or REPOSITORY:TAG')
    .option('-a, --author <text>', 'who made it')
    .option('-m, --message <text>', 'what it is')
    .option('-c, --change <line>', 'a line of a Dockerfile to go with it', collected)
    .option('--no-pause', 'do not freeze it meanwhile')
    .addHelpText(
      'after',
      '\nExamples:\n  berth commit cache example/cache:1\n  berth commit -c \'CMD ["redis-server"]\' cache example/cache:2',
    )
    .action(async (id: string, image: string | undefined, options: CommitOptions) => {
      const { author, message, change, pause, ...place } = options;
      const session = await deps.session(place);
      try {
        const answer = await session.containers.commit(
          {
            id,
            pause,
            ...(image !== undefined && { image }),
            ...(author !== undefined && { author }),
            ...(message !== undefined && { comment: message }),
            ...(change && { changes: [...change] }),
          },
          { signal },
        );
        io.out(`${options.json ? JSON.stringify(answer) : answer.image_id}\n`);
      } finally {
        await session.close();
      }
    });
}
