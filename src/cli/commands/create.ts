import type { Command } from 'commander';
import { addContainerFlags, draftOf } from '../container-flags/add-flags.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';

/** `berth create IMAGE [COMMAND …]`: asked for and made, not started. */
export function addCreate(program: Command, { io, deps, signal }: Context): void {
  addContainerFlags(withJson(withPlace(program.command('create'))))
    .description('Make a container without starting it, and print its id.')
    .argument('<image>', 'the image to run')
    .argument('[command...]', 'the exact arguments to the image’s entrypoint; left out: its own command')
    .passThroughOptions()
    .addHelpText(
      'after',
      '\nExamples:\n  berth create --name cache -p 6379:6379 redis:7\n  berth create --name job -v ./data:/data:ro busybox:latest ls /data',
    )
    .action(async (image: string, words: string[], options: PlaceOptions & Record<string, unknown>) => {
      const draft = draftOf(image, words, options);
      const session = await deps.session(options);
      try {
        const answer = await session.containers.create({ ...draft, start: false }, { signal });
        io.out(`${options.json ? JSON.stringify(answer) : answer.id}\n`);
      } finally {
        await session.close();
      }
    });
}
