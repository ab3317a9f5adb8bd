import type { Command } from 'commander';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { type PlaceOptions, time, withJson, withPlace } from '../options.ts';
import { labelled } from '../pairs.ts';
import { runSession } from '../run-session.ts';
import type { Session } from '../session.ts';

interface ExecOptions extends PlaceOptions {
  readonly interactive?: true;
  readonly tty?: true;
  readonly detach?: true;
  readonly env?: Readonly<Record<string, string>>;
  readonly workDir?: string;
  readonly user?: string;
  readonly privileged?: true;
  readonly timeout?: string | number;
  readonly detachKeys?: string;
}

/** `berth exec`: a command in a container that runs, as if it ran here: its output, its exit code, and with -it its terminal. */
export function addExec(program: Command, context: Context, exit: Exit): void {
  withJson(withPlace(program.command('exec')))
    .description('Run a command in a container that runs. Ctrl-C ends it there, too.')
    .argument('<name>', 'name or id')
    .argument('<words...>', 'the command and its arguments')
    .passThroughOptions()
    .option('-i, --interactive', 'give it what is typed or piped here')
    .option('-t, --tty', 'give it a terminal')
    .option('-d, --detach', 'leave it running, and print its id')
    .option('-e, --env <name=value>', 'a variable of its environment (repeatable)', labelled)
    .option('-w, --work-dir <path>', 'where in the container it runs')
    .option('-u, --user <user>', 'user, uid, user:group or uid:gid')
    .option('--privileged', 'with all capabilities')
    .option('--timeout <time>', 'how long it may take: 10, 1m30s', time)
    .option('--detach-keys <keys>', 'with -t: keys that leave it running (default: ctrl-p,ctrl-q)')
    .addHelpText(
      'after',
      '\nExamples:\n  berth exec -it app -- sh\n  berth exec app -- ls -l /data\n  berth exec -e LEVEL=debug -w /srv app -- ./check\n  berth exec -i db -- psql < dump.sql\n  berth exec --json app -- date',
    )
    .action((name: string, words: string[], options: ExecOptions) =>
      execIn(name, words, options, context, exit),
    );
}

/** A command at a terminal has no time limit of its own, and none when its answer is JSON. */
const AS_LONG_AS_IT_LIKES = '365d';

async function execIn(
  id: string,
  words: readonly string[],
  options: ExecOptions,
  context: Context,
  exit: Exit,
): Promise<void> {
  const { io, deps, signal } = context;
  const { interactive: input = false, tty = false, detach, json } = options;
  if (input && (json || detach))
    throw new ContractError('invalid_input', '-i does not go with --json or -d', {
      next: 'Leave one of them out; `berth call containers exec --stdin TEXT` answers JSON.',
    });
  const asked = {
    id,
    // What follows the name is handed on as it is, the `--` between them too.
    args: words[0] === '--' ? words.slice(1) : [...words],
    tty,
    ...(options.env && { env: { ...options.env } }),
    ...(options.workDir !== undefined && { work_dir: options.workDir }),
    ...(options.user !== undefined && { user: options.user }),
    ...(options.privileged && { privileged: true }),
    ...(options.timeout !== undefined && { timeout: options.timeout }),
  };
  const session = await deps.session(options);
  try {
    if (json || detach) {
      const answer = await session.containers.exec(
        { ...asked, ...(detach ? { detach } : { timeout: options.timeout ?? AS_LONG_AS_IT_LIKES }) },
        { signal },
      );
      io.out(`${json ? JSON.stringify(answer) : answer.exec_id}\n`);
      exit(answer.exit_code ?? 0);
    } else
      await joined(session, { ...asked, detach_keys: options.detachKeys }, { input, tty }, context, exit);
  } finally {
    await session.close();
  }
}

async function joined(
  session: Session,
  asked: Parameters<Session['containers']['exec']>[0],
  { input, tty }: { readonly input: boolean; readonly tty: boolean },
  { io, signal }: Context,
  exit: Exit,
): Promise<void> {
  const { console } = io;
  const size = tty ? console.size() : undefined;
  const { session_id = '' } = await session.containers.exec(
    { ...asked, session: true, ...(size && { size }) },
    { signal },
  );
  const end = await runSession(session.join(session_id, signal), {
    console,
    input,
    ends: true,
    tty,
    note: () => undefined,
  });
  if (end.type === 'detached') io.err('berth: left it running.\n');
  else exit(end.exit_code ?? 0);
}
