import type { Command } from 'commander';
import { groups } from '../../../contracts/groups.ts';
import type { Context } from '../context.ts';
import { type Exit, eachContainer } from '../each-container.ts';
import { orGroup } from '../groups/or-group.ts';
import { type PlaceOptions, time, withJson, withPlace } from '../options.ts';
import { printable } from '../printable.ts';

interface StopOptions extends PlaceOptions {
  readonly wait: boolean;
  readonly timeout?: string | number;
}

interface RemoveOptions extends StopOptions {
  readonly force?: true;
  readonly keepVolumes?: true;
}

const TIMEOUT = [
  '-t, --timeout <time>',
  'how long it may take to stop before it is killed: 10, 1m30s',
  time,
] as const;
const NO_WAIT = ['--no-wait', 'only say what is wanted, and return at once'] as const;

/** `berth start | stop | restart | rm`: what is wanted changes; they return when it is so. */
export function addRunning(program: Command, context: Context, exit: Exit): void {
  const { signal } = context;
  onSeveral(program, 'start')
    .description('Start containers, or all of a group. One that runs is left alone.')
    .option(...NO_WAIT)
    .addHelpText('after', '\nExamples:\n  berth start cache\n  berth start cache app --json')
    .action((names: string[], { wait, ...options }: StopOptions) =>
      eachContainer(names, options, context, exit, ({ containers, open }, id) =>
        orGroup<object>(
          () => containers.start({ id, wait }, { signal }),
          () => open(groups).start({ group: id, wait }, { signal }),
        ),
      ),
    );
  onSeveral(program, 'stop')
    .description(
      'Stop containers, or all of a group, until they are started again. They and their logs stay.',
    )
    .option(...TIMEOUT)
    .option(...NO_WAIT)
    .addHelpText('after', '\nExamples:\n  berth stop cache\n  berth stop -t 30 cache app')
    .action((names: string[], { wait, timeout, ...options }: StopOptions) =>
      eachContainer(names, options, context, exit, ({ containers, open }, id) => {
        const how = { wait, ...(timeout !== undefined && { timeout }) };
        return orGroup<object>(
          () => containers.stop({ id, ...how }, { signal }),
          () => open(groups).stop({ group: id, ...how }, { signal }),
        );
      }),
    );
  onSeveral(program, 'restart')
    .description(
      'Stop containers, or all of a group, and start them again; of a group, what ran once is not run again.',
    )
    .option(...TIMEOUT)
    .option(...NO_WAIT)
    .addHelpText('after', '\nExamples:\n  berth restart cache\n  berth restart -t 0 cache')
    .action((names: string[], { wait, timeout, ...options }: StopOptions) =>
      eachContainer(names, options, context, exit, ({ containers, open }, id) => {
        const how = { wait, ...(timeout !== undefined && { timeout }) };
        return orGroup<object>(
          () => containers.restart({ id, ...how }, { signal }),
          () => open(groups).restart({ group: id, ...how }, { signal }),
        );
      }),
    );
  addRemove(program, context, exit);
}

function addRemove(program: Command, context: Context, exit: Exit): void {
  onSeveral(program, 'rm')
    .description(
      'Stop and remove containers, with their anonymous volumes. Their logs can be read for a while yet.',
    )
    .option('-f, --force', 'kill them instead of waiting for them to stop')
    .option(...TIMEOUT)
    .option('--keep-volumes', 'leave their anonymous volumes there; named ones always stay')
    .option(...NO_WAIT)
    .addHelpText(
      'after',
      '\nExamples:\n  berth rm cache\n  berth rm -f cache app\n  berth rm --keep-volumes db',
    )
    .action((names: string[], { wait, force, timeout, keepVolumes, ...options }: RemoveOptions) =>
      eachContainer(names, options, context, exit, ({ containers }, id) =>
        containers.delete(
          {
            ...{ id, wait },
            ...(timeout !== undefined && { timeout }),
            ...(force && { timeout: 0 }),
            ...(keepVolumes && { keep_volumes: true }),
          },
          { signal: context.signal },
        ),
      ),
    );
}

/** `berth kill | pause | unpause | rename`: done on the engine at once. */
export function addActing(program: Command, context: Context, exit: Exit): void {
  const { signal, io, deps } = context;
  onSeveral(program, 'kill')
    .description(
      'Send a signal to the main process of containers. Whether one starts again is up to its restart policy.',
    )
    .option('-s, --signal <signal>', 'name or number', 'SIGKILL')
    .addHelpText('after', '\nExamples:\n  berth kill cache\n  berth kill -s HUP proxy')
    .action((names: string[], { signal: sent, ...options }: PlaceOptions & { readonly signal: string }) =>
      eachContainer(names, options, context, exit, ({ containers }, id) =>
        containers.kill({ id, signal: /^\d+$/.test(sent) ? Number(sent) : sent }, { signal }),
      ),
    );
  onSeveral(program, 'pause')
    .description('Freeze containers.')
    .addHelpText('after', '\nExamples:\n  berth pause cache')
    .action((names: string[], options: PlaceOptions) =>
      eachContainer(names, options, context, exit, ({ containers }, id) =>
        containers.pause({ id }, { signal }),
      ),
    );
  onSeveral(program, 'unpause')
    .description('Let paused containers go on.')
    .addHelpText('after', '\nExamples:\n  berth unpause cache')
    .action((names: string[], options: PlaceOptions) =>
      eachContainer(names, options, context, exit, ({ containers }, id) =>
        containers.unpause({ id }, { signal }),
      ),
    );
  withJson(withPlace(program.command('rename')))
    .description('Give a container another name. One that is declared gets its name from its entry.')
    .argument('<name>', 'name or id')
    .argument('<new-name>')
    .addHelpText('after', '\nExamples:\n  berth rename cache cache-old')
    .action(async (id: string, name: string, options: PlaceOptions) => {
      const session = await deps.session(options);
      try {
        const answer = await session.containers.rename({ id, name }, { signal });
        io.out(`${options.json ? JSON.stringify(answer) : printable(answer.name)}\n`);
      } finally {
        await session.close();
      }
    });
}

function onSeveral(program: Command, name: string): Command {
  return withJson(withPlace(program.command(name))).argument('<name...>', 'names or ids');
}
