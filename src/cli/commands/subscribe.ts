import type { Command } from 'commander';
import { streamOf } from '../../../contracts/berth-event.ts';
import type { Context } from '../context.ts';
import { describeEvent } from '../describe-event.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';

/** `berth subscribe TOPIC`: events as they come, until Ctrl-C. */
export function addSubscribe(program: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(program.command('subscribe')))
    .description('Print the events of a topic as they come.')
    .argument('<topic>', 'what the stream’s `topic` says')
    .option('--reply-to <id>', 'be that receiver; left out: whoever listens to the topic')
    .option('--from-seq <n>', 'begin with that event instead of with what is new', wholeNumber(1))
    .addHelpText(
      'after',
      '\nExamples:\n  berth subscribe docker.logs\n  berth subscribe my.events --reply-to me --from-seq 1 --json',
    )
    .action(async (topic: string, options: PlaceOptions & { replyTo?: string; fromSeq?: number }) => {
      const session = await deps.session(options);
      try {
        const target = {
          topic,
          ...(options.replyTo !== undefined && { reply_to: options.replyTo }),
          ...(options.fromSeq !== undefined && { from_seq: options.fromSeq }),
        };
        for await (const event of session.listen(target, signal)) {
          io.out(
            options.json ? `${JSON.stringify(event)}\n` : `${streamOf(event)} ${describeEvent(event)}\n`,
          );
        }
      } finally {
        await session.close();
      }
    });
}
