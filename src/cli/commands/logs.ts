import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { LogLine } from '../../../contracts/containers.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { linePrinter } from '../line-printer.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';
import type { Session } from '../session.ts';

interface LogsOptions extends PlaceOptions {
  readonly follow?: true;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
  readonly stderr?: true;
  readonly stdout?: true;
  readonly build?: true;
  readonly timestamps?: true;
}

/** `berth logs`: lines of one or several containers, also of those that are gone. */
export function addLogs(program: Command, context: Context): void {
  withJson(withPlace(program.command('logs')))
    .description('Print the log of containers, also of removed ones.')
    .argument('<name...>', 'names or ids')
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --tail <n>', 'only the last N lines of each', wholeNumber(0))
    .option('--since <time>', 'only lines since a time, or so long ago (10m)')
    .option('--until <time>', 'only lines until a time')
    .option('--stdout', 'only stdout')
    .option('--stderr', 'only stderr')
    .option('--build', 'what the builds of their images wrote, instead')
    .option('-t, --timestamps', 'begin each line with its time')
    .addHelpText(
      'after',
      '\nExamples:\n  berth logs -f cache\n  berth logs --tail 20 --since 10m cache app\n  berth logs --build app',
    )
    .action(async (names: string[], options: LogsOptions) => {
      const session = await context.deps.session(options);
      try {
        if (options.follow && !session.daemon)
          throw new ContractError('daemon_not_running', 'nothing follows these containers now');
        await printLogs(session, names, options, context);
      } finally {
        await session.close();
      }
    });
}

async function printLogs(
  session: Session,
  names: readonly string[],
  options: LogsOptions,
  { io, signal }: Context,
): Promise<void> {
  const found = await Promise.all(names.map((id) => session.containers.get({ id }, { signal })));
  const shown = found.map(({ name }) => name);
  const print = linePrinter(io, shown, { prefix: names.length > 1, timestamps: options.timestamps === true });
  const show = (name: string, line: LogLine): void =>
    options.json ? io.out(`${JSON.stringify({ container: name, ...line })}\n`) : print(name, line);
  const last = await Promise.all(
    found.map(async ({ id, name }) => {
      let seq = 0;
      for await (const line of history(session, id, options, signal)) {
        show(name, line);
        seq = Math.max(seq, line.seq);
      }
      return seq;
    }),
  );
  if (options.follow)
    await Promise.all(
      found.map(({ id, name }, index) =>
        follow(session, { id, name, from: (last[index] ?? 0) + 1 }, options, show, io, signal),
      ),
    );
}

async function* history(
  session: Session,
  id: string,
  options: LogsOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const stream = oneStream(options);
  let cursor: string | undefined;
  do {
    const page = await session.containers.logs(
      {
        id,
        ...(cursor === undefined
          ? {
              ...(options.tail !== undefined && { tail: options.tail }),
              ...(options.since !== undefined && { since: options.since }),
            }
          : { cursor }),
        ...(options.until !== undefined && { until: options.until }),
        ...(stream && { stream }),
        ...(options.build && { source: 'build' as const }),
        limit: 1000,
      },
      { signal },
    );
    yield* page.lines;
    cursor = page.has_more ? page.next_cursor : undefined;
  } while (cursor !== undefined);
}

async function follow(
  session: Session,
  container: { readonly id: string; readonly name: string; readonly from: number },
  options: LogsOptions,
  show: (name: string, line: LogLine) => void,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const stream = { reply_to: `cli_${randomUUID()}`, topic: 'logs' };
  const wanted = oneStream(options);
  const { subscription_id } = await session.containers.subscribe(
    { id: container.id, stream, from_seq: container.from },
    { signal },
  );
  try {
    for await (const event of session.listen(stream, signal)) {
      if (event.type === 'log') {
        const isOfBuild = 'source' in event && event.source === 'build';
        if (isOfBuild === (options.build === true) && (wanted === undefined || event.stream === wanted))
          show(container.name, event);
      }
      if (event.type === 'gap')
        io.err(
          `berth: ${event.count ?? 'some'} lines of ${container.name} are missing here (${event.reason})\n`,
        );
      else if (event.type === 'done') return;
    }
  } finally {
    await session.containers.unsubscribe({ subscription_id });
  }
}

function oneStream({ stdout, stderr }: LogsOptions): 'stdout' | 'stderr' | undefined {
  if (stdout === stderr) return undefined;
  return stdout ? 'stdout' : 'stderr';
}
