import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { ContractError } from '../../../contracts/contract-error.ts';
import { system } from '../../../contracts/system.ts';
import type { Context } from '../context.ts';
import { describeEvent } from '../describe-event.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { collected } from '../pairs.ts';
import { printable } from '../printable.ts';
import type { Session } from '../session.ts';

interface EventOptions extends PlaceOptions {
  readonly since?: string;
  readonly until?: string;
  readonly type?: string[];
  readonly action?: string[];
  readonly label?: string[];
  readonly container?: string[];
  readonly image?: string[];
  readonly network?: string[];
  readonly volume?: string[];
  readonly mine?: true;
  readonly follow: boolean;
}

/** `berth system events`: what happens on the engine, until Ctrl-C. */
export function addEvents(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('events')))
    .description('Print what happens on the engine as it happens. Goes on over restarts of the engine.')
    .option('--since <time>', 'from then on: RFC 3339, or seconds since 1970')
    .option('--until <time>', 'up to then')
    .option('--type <type>', 'container, image, network, volume …', collected)
    .option('--action <action>', 'start, die, pull …', collected)
    .option('--label <label>', 'name, or name=value', collected)
    .option('--container <name>', 'only about that one', collected)
    .option('--image <image>', 'only about that one', collected)
    .option('--network <network>', 'only about that one', collected)
    .option('--volume <volume>', 'only about that one', collected)
    .option('--mine', 'only about containers of ours')
    .option('--no-follow', 'only what the engine remembers')
    .addHelpText(
      'after',
      '\nExamples:\n  berth system events --type container --action die\n  berth system events --no-follow --json',
    )
    .action(async ({ since, until, mine, follow, ...given }: EventOptions) => {
      const { type, action, label, container, image, network, volume, ...options } = given;
      const filter = {
        ...(since !== undefined && { since }),
        ...(until !== undefined && { until }),
        ...(type && { type }),
        ...(action && { action }),
        ...(label && { label }),
        ...(container && { container }),
        ...(image && { image }),
        ...(network && { network }),
        ...(volume && { volume }),
        ...(mine && { managed: true }),
      };
      const session = await deps.session(options);
      try {
        if (follow) await print(session, filter);
        else {
          const { events } = await session.open(system).events(filter, { signal });
          for (const event of events)
            io.out(
              options.json
                ? `${JSON.stringify(event)}\n`
                : `${event.ts} ${event.object} ${event.action} ${printable(event.name ?? event.engine_id)}\n`,
            );
        }
      } finally {
        await session.close();
      }

      async function print(followed: Session, wanted: object): Promise<void> {
        // A receiver of its own, that is gone with this command.
        const target = { reply_to: `con_${randomUUID()}`, topic: 'engine.events' };
        const client = followed.open(system);
        const { operation_id = '' } = await client.events({ ...wanted, stream: target }, { signal });
        try {
          for await (const event of followed.listen({ ...target, from_seq: 1 }, signal)) {
            io.out(options.json ? `${JSON.stringify(event)}\n` : `${event.ts} ${describeEvent(event)}\n`);
            if (event.type !== 'done') continue;
            if ('error' in event && event.error !== undefined) throw ContractError.fromWire(event.error);
            return;
          }
        } finally {
          await client.stop_operation({ operation_id });
        }
      }
    });
}
