import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type PlaceOptions, withPlace } from '../options.ts';
import { showRunning } from '../show-running.ts';

/** `berth quickstart`: from nothing to running containers, on any machine with or without Docker. */
export function addQuickstart(program: Command, context: Context): void {
  const { io, deps, signal } = context;
  const say = (line: string): void => io.out(`${line}\n`);
  withPlace(program.command('quickstart'))
    .description('Find or install a Docker Engine, and run the example containers on it.')
    .addHelpText('after', '\nExample:\n  npm run quickstart')
    .action(async (options: PlaceOptions) => {
      const host = options.engine ?? (await deps.engine.ready(say, signal));
      say(`Engine: ${host}`);
      await deps.quickstartImage(host, say, signal);
      const running = await deps.up({ ...options, engine: host, roots: [deps.quickstartRegistry] });
      try {
        await showRunning(running, context, { json: false, logs: true });
      } finally {
        await running.stop();
      }
      say('Berth has stopped. The containers keep running; `berth down` removes them.');
    });
}
