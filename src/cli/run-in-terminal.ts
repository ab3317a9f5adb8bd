import type { Draft } from './container-flags/flag.ts';
import type { Context } from './context.ts';
import { runSession, type SessionEnd } from './run-session.ts';
import type { Session } from './session.ts';

/**
 * Make a container with a terminal and be that terminal, until it ends or is left with the detach keys. It is attached to before it is
 * started, so nothing that it says is lost. Answers its exit code.
 */
export async function runInTerminal(
  session: Session,
  draft: Draft,
  { io, signal }: Pick<Context, 'io' | 'signal'>,
  detach_keys: string | undefined,
): Promise<number> {
  const { containers } = session;
  const { id } = await containers.create({ ...draft, start: false }, { signal });
  let started: Promise<unknown> | undefined;
  const attended = async (): Promise<SessionEnd> => {
    const size = io.console.size();
    const offered = await containers.attach(
      { id, before_start: true, ...(size && { size }), ...(detach_keys !== undefined && { detach_keys }) },
      { signal },
    );
    return await runSession(session.join(offered.session_id, signal), {
      console: io.console,
      input: true,
      ends: false,
      tty: true,
      note: () => undefined,
      begin: async () => {
        started = containers.start({ id, wait: true }, { signal });
        await started;
      },
    });
  };
  try {
    const end = await attended();
    await started;
    if (end.type === 'detached') {
      io.err(`\nberth: left ${id} running.\n`);
      return 0;
    }
    const { exit_code = 0 } =
      end.exit_code === undefined ? await containers.wait({ id }, { signal }) : { exit_code: end.exit_code };
    // Gone when the command returns, as whoever says `--rm` expects.
    if (draft.auto_remove) await containers.delete({ id, wait: true }, { signal });
    return exit_code;
  } catch (error) {
    let cause = error;
    try {
      // One that runs is left alone.
      if (started !== undefined) await started;
      else await givenUp(session, id, draft, false);
    } catch (refusal) {
      // What it could not be started for says more than the end of its session.
      cause = refusal;
      await givenUp(session, id, draft, true);
    }
    throw cause;
  }
}

/** One that never began leaves nothing behind; one that could not is not tried again and again, with nobody who waits for it. */
async function givenUp({ containers }: Session, id: string, draft: Draft, begun: boolean): Promise<void> {
  try {
    if (draft.auto_remove || !begun) await containers.delete({ id });
    else await containers.stop({ id });
  } catch {
    // Whoever is told why it was given up needs to hear no more.
  }
}
