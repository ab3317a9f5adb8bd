import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../../contracts/contract-error.ts';
import { unrunnable } from '../exec-failures.ts';
import { killOnThisMachine } from '../kill-on-this-machine.ts';
import type { ExecState, SessionCalls } from '../port/session-calls.ts';
import { END_MARKED } from './end-marked.ts';

const EVERY_MS = 100;
/** A start that was asked for is under way or was never made by then. */
const STARTS_WITHIN_MS = 2000;
const ENDS_WITHIN_MS = 10_000;

/** The variable of a command’s environment that tells its processes apart. */
export const MARK = 'BERTH_EXEC';

/**
 * The engine has no call for it, and the pids that it tells are those of its own machine. So a second command looks for the first
 * from inside; where the container has no shell, and this is the engine’s machine, we look from outside.
 */
export function endExec(calls: Pick<SessionCalls, 'prepare' | 'run' | 'state'>): SessionCalls['endExec'] {
  return async (ref, { exec_id, mark, user, privileged }, signal = new AbortController().signal) => {
    const seen = await calls.state(exec_id, signal);
    if (seen === undefined) return true;
    const began = performance.now();
    for (;;) {
      const left = await sweep(calls, ref, { mark, user, privileged }, seen.container_id, signal);
      const now = await calls.state(exec_id, signal);
      const waited = performance.now() - began;
      if (isOver(now) || (neverBegan(now) && waited > STARTS_WITHIN_MS)) return !left;
      if (waited > ENDS_WITHIN_MS) return false;
      await pause(EVERY_MS, undefined, { signal });
    }
  };
}

function isOver(state: ExecState | undefined): boolean {
  return state === undefined || state.exit_code !== undefined;
}

function neverBegan(state: ExecState | undefined): boolean {
  return state !== undefined && !state.running && state.exit_code === undefined;
}

/** Whether anything is left that could not be ended. */
async function sweep(
  { prepare, run, state }: Pick<SessionCalls, 'prepare' | 'run' | 'state'>,
  ref: string,
  {
    mark,
    ...who
  }: { readonly mark: string; readonly user: string | undefined; readonly privileged: boolean },
  container_id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const marked = `${MARK}=${mark}`;
  try {
    const { exec_id } = await prepare(
      ref,
      {
        command: ['sh', '-c', END_MARKED, 'sh', marked],
        env: {},
        privileged: who.privileged,
        ...(who.user !== undefined && { user: who.user }),
        tty: false,
        stdin: false,
        output: true,
      },
      signal,
    );
    const said: string[] = [];
    for await (const batch of (await run(exec_id, { tty: false }, signal)).output)
      said.push(...batch.map(({ data }) => data.toString()));
    const after = await state(exec_id, signal);
    if (after?.exit_code === 0) return false;
    if (after !== undefined && unrunnable(after, said.join('')) === undefined && after.exit_code !== 3)
      return true;
  } catch (error) {
    // A container that has ended took its processes along.
    if (error instanceof ContractError && (error.code === 'not_found' || error.code === 'wrong_state'))
      return false;
    throw error;
  }
  return !(await killOnThisMachine(container_id, marked));
}
