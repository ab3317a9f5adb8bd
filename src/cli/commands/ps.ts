import { type Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { type ContainerView, engineState } from '../../../contracts/container-view.ts';
import { type Status, status } from '../../../contracts/events.ts';
import { containerTable } from '../container-table.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';
import { labelled } from '../pairs.ts';
import type { Session } from '../session.ts';

const PAGE = 1000;

type EngineState = z.infer<typeof engineState>;

interface PsOptions extends PlaceOptions {
  readonly all?: true;
  readonly status?: readonly Status[];
  readonly engineState?: readonly EngineState[];
  readonly label?: Readonly<Record<string, string>>;
  readonly exitCode?: readonly number[];
  readonly before?: string;
  readonly since?: string;
  readonly last?: number;
  readonly quiet?: true;
  readonly size?: true;
}

/** `berth ps`: works with and without a daemon. */
export function addPs(program: Command, { io, deps }: Context): void {
  withJson(withPlace(program.command('ps')))
    .description('List containers, whatever their status, newest first.')
    .option('-a, --all', 'also those of others on the engine')
    .option(
      '--status <status>',
      `only these: ${status.options.join(', ')}`,
      (text: string, before: readonly Status[] = []) => [...before, aStatus(text)],
    )
    .option(
      '--engine-state <state>',
      `only what the engine calls so: ${engineState.options.join(', ')}`,
      (text: string, before: readonly EngineState[] = []) => [...before, anEngineState(text)],
    )
    .option('-l, --label <name[=value]>', 'only those that have it; may be repeated', labelled)
    .option(
      '--exit-code <code>',
      'only those that ended with it; may be repeated',
      (text: string, before: readonly number[] = []) => [...before, wholeNumber(0)(text)],
    )
    .option('--before <name>', 'only those asked for before that one')
    .option('--since <name>', 'only those asked for after that one')
    .option('-n, --last <n>', 'only the newest', wholeNumber(1))
    .option('-q, --quiet', 'only ids, a line each, for scripts')
    .option('-s, --size', 'bytes on disk too')
    .addHelpText(
      'after',
      '\nExamples:\n  berth ps\n  berth ps --status running --json\n  berth ps -l tier=cache -n 5\n  berth stop $(berth ps -q --status running)',
    )
    .action(async (options: PsOptions) => {
      const session = await deps.session(options);
      try {
        const found = await everything(session, options);
        if (options.json) for (const view of found) io.out(`${JSON.stringify(view)}\n`);
        else if (options.quiet) for (const { id } of found) io.out(`${id}\n`);
        else io.out(`${containerTable(found, deps.now())}\n`);
      } finally {
        await session.close();
      }
    });
}

async function everything(session: Session, options: PsOptions): Promise<ContainerView[]> {
  const {
    all,
    status: statuses,
    engineState: states,
    label,
    exitCode,
    before,
    since,
    size,
    last = Infinity,
  } = options;
  const found: ContainerView[] = [];
  let cursor: string | undefined;
  do {
    const page = await session.containers.list({
      limit: Math.min(PAGE, last - found.length),
      ...(all && { all }),
      ...(statuses && { status: [...statuses] }),
      ...(states && { engine_state: [...states] }),
      ...(label && { labels: { ...label } }),
      ...(exitCode && { exit_code: [...exitCode] }),
      ...(before !== undefined && { before }),
      ...(since !== undefined && { since }),
      ...(size && { size }),
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.containers);
    cursor = page.next_cursor;
  } while (cursor !== undefined && found.length < last);
  return found.slice(0, last);
}

function anEngineState(text: string): EngineState {
  const known = engineState.safeParse(text);
  if (!known.success) throw new InvalidArgumentError(`One of ${engineState.options.join(', ')} is wanted.`);
  return known.data;
}

function aStatus(text: string): Status {
  const known = status.safeParse(text);
  if (!known.success) throw new InvalidArgumentError(`One of ${status.options.join(', ')} is wanted.`);
  return known.data;
}
