import type { Command } from 'commander';
import { ContractError } from '../../../contracts/contract-error.ts';
import { addContainerFlags, draftOf } from '../container-flags/add-flags.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { runInForeground } from '../run-in-foreground.ts';
import { runInTerminal } from '../run-in-terminal.ts';

interface RunOptions extends PlaceOptions {
  readonly detach?: true;
  readonly timestamps?: true;
  readonly detachKeys?: string;
}

/** `berth run IMAGE [COMMAND …]`: made and started; in the foreground its log is printed until it ends. */
export function addRun(program: Command, context: Context, exit: Exit): void {
  const { io, deps, signal } = context;
  addContainerFlags(withJson(withPlace(program.command('run'))))
    .description(
      'Make a container and start it. Its log is printed until it ends, and its exit code is the command’s; Ctrl-C stops it, a second one kills it.',
    )
    .option('-d, --detach', 'return once it runs, and print its id')
    .option('--timestamps', 'begin each line with its time')
    .option('--detach-keys <keys>', 'with -it: keys that leave it running (default: ctrl-p,ctrl-q)')
    .argument('<image>', 'the image to run')
    .argument('[command...]', 'the exact arguments to the image’s entrypoint; left out: its own command')
    .passThroughOptions()
    .addHelpText(
      'after',
      '\nExamples:\n  berth run --rm busybox:latest echo hello\n  berth run --rm -it busybox:latest sh\n  berth run -d --name cache -p 6379:6379 -v data:/data redis:7\n  berth run --rm -v .:/work -w /work -m 512m --cpus 1.5 node:22 npm test',
    )
    .action(async (image: string, words: string[], given: RunOptions & Record<string, unknown>) => {
      const { detach, timestamps, detachKeys, ...options } = given;
      const draft = draftOf(image, words, options);
      const session = await deps.session(options);
      try {
        if (!session.daemon)
          throw new ContractError('daemon_not_running', 'nobody would start this container now');
        if (!detach && draft.tty && draft.interactive) {
          exit(await runInTerminal(session, draft, context, detachKeys));
          return;
        }
        if (!detach) {
          exit(await runInForeground(session, draft, context, { timestamps, json: options.json }));
          return;
        }
        const { id } = await session.containers.create(draft, { signal });
        const answer = await session.containers.start({ id, wait: true }, { signal });
        io.out(`${options.json ? JSON.stringify(answer) : id}\n`);
      } finally {
        await session.close();
      }
    });
}
