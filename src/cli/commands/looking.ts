import type { Command } from 'commander';
import { ERRORS } from '../../../contracts/errors.ts';
import type { Context } from '../context.ts';
import { type Exit, eachContainer } from '../each-container.ts';
import { type PlaceOptions, time, withJson, withPlace } from '../options.ts';
import { table } from '../table.ts';

/** `berth wait | inspect | top`: what looks at containers, those of others too. */
export function addLooking(program: Command, context: Context, exit: Exit): void {
  const { io, deps, signal } = context;
  withJson(withPlace(program.command('wait')))
    .description('Wait until containers have ended and no restart is due; print the exit code of each.')
    .argument('<name...>', 'names or ids')
    .option('-t, --timeout <time>', 'at most so long: 10, 1m30s', time)
    .addHelpText('after', '\nExamples:\n  berth wait import\n  berth wait -t 5m import export')
    .action(
      (names: string[], { timeout, ...options }: PlaceOptions & { readonly timeout?: string | number }) =>
        eachContainer(
          names,
          options,
          context,
          exit,
          async ({ containers }, id) => {
            const answer = await containers.wait(
              { id, ...(timeout !== undefined && { timeout }) },
              { signal },
            );
            if (!answer.finished) exit(ERRORS.engine_timeout.exit);
            return answer;
          },
          (_, { finished, exit_code, status }) => (finished ? String(exit_code ?? '-') : status),
        ),
    );
  withJson(withPlace(program.command('inspect')))
    .description('Print all about containers as JSON: what is wanted, and what the engine shows.')
    .argument('<name...>', 'names or ids')
    .option('-s, --size', 'bytes on disk, too')
    .addHelpText('after', '\nExamples:\n  berth inspect cache\n  berth inspect --json cache | jq .engine.pid')
    .action((names: string[], { size, ...options }: PlaceOptions & { readonly size?: true }) =>
      eachContainer(
        names,
        options,
        context,
        exit,
        ({ containers }, id) => containers.inspect({ id, ...(size && { size }) }, { signal }),
        (_, answer) => JSON.stringify(answer, null, 2),
      ),
    );
  withJson(withPlace(program.command('top')))
    .description('List the processes in a container.')
    .argument('<name>', 'name or id')
    .argument('[options...]', 'options of ps, after --')
    .addHelpText('after', '\nExamples:\n  berth top cache\n  berth top cache -- -o pid,rss,args')
    .action(async (id: string, words: string[], options: PlaceOptions) => {
      const session = await deps.session(options);
      try {
        const ps_args = words.length === 0 ? {} : { ps_args: words.join(' ') };
        const answer = await session.containers.top({ id, ...ps_args }, { signal });
        io.out(`${options.json ? JSON.stringify(answer) : table(answer.titles, answer.processes)}\n`);
      } finally {
        await session.close();
      }
    });
}
