import { randomUUID } from 'node:crypto';
import { ContractError } from '../../contracts/contract-error.ts';
import { errorCode } from '../../contracts/errors.ts';
import type { StatusReason } from '../../contracts/events.ts';
import type { Draft } from './container-flags/flag.ts';
import type { Context } from './context.ts';
import { fail } from './fail.ts';
import { linePrinter } from './line-printer.ts';
import type { Session } from './session.ts';

export interface RunView {
  readonly timestamps?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * Make a container, print its log as it comes, and answer its exit code once it has ended and no restart is due; or the exit
 * code of what it failed with. The first Ctrl-C stops it, the second kills it, the third leaves it alone.
 */
export async function runInForeground(
  session: Session,
  draft: Draft,
  context: Context,
  { timestamps = undefined, json = undefined }: RunView,
): Promise<number> {
  const { io, signal } = context;
  const stream = { reply_to: `cli_${randomUUID()}`, topic: 'run' };
  const leaving = new AbortController();
  const all = AbortSignal.any([signal, leaving.signal]);
  const created = session.containers.create({ ...draft, stream }, { signal });
  const giveBack = context.takeSignals?.(interrupter(session, created, context, leaving));
  try {
    const { id } = await created;
    const print = linePrinter(io, [], { prefix: false, timestamps: timestamps === true });
    let reason: StatusReason | undefined;
    let fed = false;
    for await (const event of session.listen({ ...stream, from_seq: 1 }, all)) {
      if (json) io.out(`${JSON.stringify(event)}\n`);
      else if (event.type === 'log') print('', event);
      else if (event.type === 'gap') io.err(`berth: ${event.count ?? 'some'} lines are missing here\n`);
      if (event.type === 'status') {
        reason = event.reason;
        if (event.status === 'running' && draft.interactive && !fed) {
          fed = true;
          void feed(session, id, context);
        }
        // It would be tried again and again, with nobody who waits for it.
        if (event.status === 'failed' && event.exit_code === undefined) {
          if (draft.auto_remove) await session.containers.delete({ id, wait: true }, { signal });
          else await session.containers.stop({ id }, { signal });
          throw failureOf(reason);
        }
      }
      if (event.type !== 'done') continue;
      // Gone when the command returns, as whoever says `--rm` expects.
      if (draft.auto_remove) await session.containers.delete({ id, wait: true }, { signal });
      if ('exit_code' in event && event.exit_code !== undefined) return event.exit_code;
      throw failureOf(reason);
    }
    throw new ContractError('aborted', 'left alone: the container goes on', {
      next: `Look at it with \`berth logs -f ${id}\`.`,
    });
  } finally {
    giveBack?.();
    if (draft.interactive) io.console.stop();
  }
}

/** What comes in here goes in there, to its end. One that has ended meanwhile wants no more. */
async function feed({ containers }: Session, container_id: string, { io, signal }: Context): Promise<void> {
  try {
    for await (const data of io.console.read())
      await containers.stdin({ container_id, bytes: Buffer.from(data).toString('base64') }, { signal });
    await containers.stdin({ container_id, data: '', end: true }, { signal });
  } catch (error) {
    if (!(error instanceof ContractError) || (error.code !== 'wrong_state' && error.code !== 'aborted'))
      fail(error, io, false);
  }
}

function failureOf(reason: StatusReason | undefined): ContractError {
  const known = errorCode.safeParse(reason?.code);
  return new ContractError(known.success ? known.data : 'start_failed', reason?.message ?? 'it never ran');
}

/** What Ctrl-C does, time after time. */
function interrupter(
  session: Session,
  created: Promise<{ readonly id: string }>,
  { io }: Context,
  leaving: AbortController,
): () => void {
  let times = 0;
  const act = async (work: (id: string) => Promise<unknown>): Promise<void> => {
    try {
      const { id } = await created;
      await work(id);
    } catch (error) {
      // One that has just ended cannot be killed, and need not.
      if (!(error instanceof ContractError && error.code === 'wrong_state')) fail(error, io, false);
    }
  };
  return () => {
    times += 1;
    if (times === 1) void act((id) => session.containers.stop({ id }));
    else if (times === 2) void act((id) => session.containers.kill({ id }));
    else leaving.abort(new ContractError('aborted', 'left alone: the container goes on'));
  };
}
