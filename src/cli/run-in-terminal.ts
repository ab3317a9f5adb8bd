import { isContractError } from '../../contracts/contract-error.ts';
import type { Draft } from './container-flags/flag.ts';
import type { Context } from './context.ts';
import { runSession } from './run-session.ts';
import type { Session } from './session.ts';

/** Make a container with a terminal, start it and be its terminal, until it ends or is left with the detach keys. Answers its exit code. */
export async function runInTerminal(
  session: Session,
  draft: Draft,
  { io, signal }: Pick<Context, 'io' | 'signal'>,
): Promise<number> {
  const { id } = await session.containers.create(draft, { signal });
  await session.containers.start({ id, wait: true }, { signal });
  const size = io.console.size();
  try {
    const offered = await session.containers.attach({ id, ...(size && { size }) }, { signal });
    const end = await runSession(session.join(offered.session_id, signal), {
      console: io.console,
      input: true,
      ends: false,
      tty: true,
      note: () => undefined,
    });
    if (end.type === 'detached') {
      io.err(`\nberth: left ${id} running.\n`);
      return 0;
    }
    if (end.exit_code !== undefined) return await ended(session, id, draft, end.exit_code, signal);
  } catch (error) {
    // It ended before anybody could attach to it: its log has what it said.
    if (!isContractError(error, 'wrong_state')) throw error;
    for (const { line } of (await session.containers.logs({ id, tail: 1000 }, { signal })).lines)
      io.out(`${line}\n`);
  }
  const { exit_code = 0 } = await session.containers.wait({ id }, { signal });
  return await ended(session, id, draft, exit_code, signal);
}

/** With `--rm`, gone when the command returns. */
async function ended(
  session: Session,
  id: string,
  draft: Draft,
  code: number,
  signal: AbortSignal,
): Promise<number> {
  if (draft.auto_remove) await session.containers.delete({ id, wait: true }, { signal });
  return code;
}
