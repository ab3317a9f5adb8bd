import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ContainerStats } from '../../../contracts/container-methods/stats.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { redraw } from '../redraw.ts';
import { statsTable } from '../stats-table.ts';

/** An engine takes about a second for a sample; when there is nothing to measure, it is looked again so soon. */
const LOOK_AGAIN_MS = 1000;

/** `berth stats`: a table that goes on until Ctrl-C. */
export function addStats(program: Command, context: Context): void {
  withJson(withPlace(program.command('stats')))
    .description('Show what containers use, until Ctrl-C.')
    .argument('[name...]', 'names or ids; left out: all of Berth’s that run')
    .option('--no-stream', 'one sample of each, then end')
    .addHelpText(
      'after',
      '\nExamples:\n  berth stats\n  berth stats cache app\n  berth stats --no-stream --json',
    )
    .action((names: string[], options: PlaceOptions & { readonly stream: boolean }) =>
      showStats(names, options, context),
    );
}

async function showStats(
  names: readonly string[],
  options: PlaceOptions & { readonly stream: boolean },
  { io, deps, signal }: Context,
): Promise<void> {
  const session = await deps.session(options);
  const draw = redraw(io);
  const show = (samples: readonly ContainerStats[]): void => {
    if (options.json) for (const one of samples) io.out(`${JSON.stringify(one)}\n`);
    else if (io.terminal && options.stream) draw(statsTable(samples, io.rows - 1));
    else io.out(`${statsTable(samples)}\n`);
  };
  try {
    do {
      const began = performance.now();
      const { containers } = await session.containers.stats(names.length === 0 ? {} : { id: [...names] }, {
        signal,
      });
      show(containers);
      const left = LOOK_AGAIN_MS - (performance.now() - began);
      if (options.stream && left > 0) await pause(left, undefined, { signal });
    } while (options.stream && !signal.aborted);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await session.close();
  }
}
