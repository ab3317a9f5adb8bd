import { isUtf8 } from 'node:buffer';
import type { Command } from 'commander';
import type { SessionEvent } from '../../../contracts/session-wire.ts';
import type { Console } from '../console.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { printable } from '../printable.ts';
import { runSession } from '../run-session.ts';

interface AttachOptions extends PlaceOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly logs?: true;
  readonly detachKeys?: string;
}

/** `berth attach`: the main process of a container as if it ran here; it runs on when the command ends. */
export function addAttach(program: Command, context: Context, exit: Exit): void {
  withJson(withPlace(program.command('attach')))
    .description(
      'Show the output of a container’s main process from now on (with --logs also before), and give it what is typed here. Ctrl-C, or on a terminal ctrl-p ctrl-q, leaves it running.',
    )
    .argument('<name>', 'name or id')
    .option('--no-stdin', 'only look on')
    .option('--no-stdout', 'without its standard output')
    .option('--no-stderr', 'without its standard error')
    .option('--logs', 'what it said before comes first')
    .option('--detach-keys <keys>', 'keys that leave it running (default: ctrl-p,ctrl-q)')
    .addHelpText(
      'after',
      '\nExamples:\n  berth attach shell\n  berth attach --no-stdin app\n  berth attach --logs --no-stdout app\n  echo reload | berth attach app',
    )
    .action((name: string, options: AttachOptions) => attachTo(name, options, context, exit));
}

async function attachTo(
  name: string,
  { stdin, stdout, stderr, logs, detachKeys, json, ...place }: AttachOptions,
  { io, deps, signal }: Context,
  exit: Exit,
): Promise<void> {
  const session = await deps.session(place);
  const size = io.console.size();
  const left = (): void => io.err(`berth: left ${printable(name)} running.\n`);
  try {
    const offered = await session.containers.attach(
      {
        id: name,
        ...(!stdin && { stdin }),
        ...(!stdout && { stdout }),
        ...(!stderr && { stderr }),
        ...(logs && { logs }),
        ...(size && { size }),
        ...(detachKeys !== undefined && { detach_keys: detachKeys }),
      },
      { signal },
    );
    const end = await runSession(session.join(offered.session_id, signal), {
      console: json ? asJson(io.console, io.out) : io.console,
      input: offered.stdin,
      ends: offered.stdin_ends && !offered.tty,
      tty: offered.tty,
      note: (event) => note(event, json === true, io.err, io.out),
    });
    if (json) io.out(`${JSON.stringify(end)}\n`);
    if (end.type === 'exit') exit(end.exit_code ?? 0);
    else left();
  } catch (error) {
    if (!signal.aborted) throw error;
    left();
  } finally {
    await session.close();
  }
}

function note(
  event: SessionEvent,
  json: boolean,
  err: (text: string) => void,
  out: (text: string) => void,
): void {
  if (json) out(`${JSON.stringify(event)}\n`);
  else if (event.type === 'gap')
    err(
      `\nberth: ${event.bytes} bytes are left out here, since they came too fast; \`berth logs\` has them.\n`,
    );
}

/** Each piece of output as an event of one line. */
function asJson(console: Console, out: (text: string) => void): Console {
  return {
    ...console,
    write: async (stream, data) => {
      const bytes = Buffer.from(data);
      const event = {
        type: 'output',
        stream,
        data: bytes.toString(),
        ...(!isUtf8(bytes) && { bytes: bytes.toString('base64') }),
      };
      out(`${JSON.stringify(event)}\n`);
    },
  };
}
