import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../../contracts/contract-error.ts';
import { unrunnable } from '../../engine/exec-failures.ts';
import type {
  ExecRequest,
  ExecState,
  OutputPiece,
  Session,
  TerminalSize,
} from '../../engine/port/session-calls.ts';
import { newId } from '../../runtime/ids.ts';
import type { ContainerParts } from '../containers/parts.ts';

const LONGEST_LOOK_MS = 1000;
/** Of the engine’s own words in place of output; more is a command’s. */
const MOST_SAID = 4096;
/** A timer cannot be set later. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Execution {
  readonly engine_id: string;
  readonly request: Omit<ExecRequest, 'mark'>;
  /** Seconds it may take. */
  readonly timeout: number | undefined;
  readonly size?: TerminalSize | undefined;
}

/** What to do with a command that runs. */
export interface Attendance {
  /** Called once it runs. */
  readonly began: (exec_id: string, session: Session) => void;
  /** Output as it comes; it goes on when this has resolved. */
  readonly hear: (pieces: readonly OutputPiece[]) => Promise<void> | void;
  /** Aborted, it is left running. */
  readonly leave?: AbortSignal;
}

/**
 * Run a command to its end. Throws command_not_found, command_not_runnable, timed_out once it was ended in its container, and
 * what `signal` was aborted with, at once: it is ended all the same.
 */
export function execute(
  parts: Pick<ContainerParts, 'engine' | 'sessions'>,
  execution: Execution,
  attendance: Attendance,
  signal: AbortSignal,
): Promise<{ readonly exec_id: string; readonly exit_code: number }> {
  const work = executed(parts, execution, attendance, signal);
  parts.sessions.underway.track(work);
  return work;
}

async function executed(
  { engine: { sessions }, sessions: { underway } }: Pick<ContainerParts, 'engine' | 'sessions'>,
  { engine_id, request, timeout, size }: Execution,
  { began, hear, leave }: Attendance,
  signal: AbortSignal,
): Promise<{ readonly exec_id: string; readonly exit_code: number }> {
  const mark = newId('exec');
  const late = lateness(timeout, request.command);
  const life = AbortSignal.any([signal, underway.signal, late.signal, ...(leave ? [leave] : [])]);
  const { exec_id } = await sessions.prepare(engine_id, { ...request, mark }, signal);
  const end = (): Promise<boolean> =>
    sessions.endExec(engine_id, { exec_id, mark, user: request.user, privileged: request.privileged });
  let is_over = false;
  try {
    const session = await sessions.run(exec_id, { tty: request.tty, ...(size && { size }) }, life);
    began(exec_id, session);
    /** What the engine says in place of output, when there is none. */
    let excuse: string | undefined;
    let is_first = true;
    for await (const pieces of session.output) {
      if (is_first && (await isRefused(sessions, exec_id, life))) excuse = '';
      is_first = false;
      if (excuse === undefined) await hear(pieces);
      else if (excuse.length < MOST_SAID) excuse += pieces.map(({ data }) => data.toString()).join('');
    }
    const after = await ended(sessions, exec_id, life);
    is_over = true;
    const failure = unrunnable(after, excuse ?? '');
    if (failure !== undefined) throw failure;
    return { exec_id, exit_code: after.exit_code ?? 0 };
  } catch (error) {
    if (is_over || !life.aborted) throw error;
    if (leave?.aborted) throw reasonOf(leave);
    const ending = end();
    underway.track(ending);
    if (signal.aborted || underway.signal.aborted) throw reasonOf(signal.aborted ? signal : underway.signal);
    throw await lateError(late.signal, ending);
  } finally {
    late.clear();
  }
}

async function isRefused(
  sessions: ContainerParts['engine']['sessions'],
  exec_id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const state = await sessions.state(exec_id, signal);
  return state !== undefined && unrunnable(state, '') !== undefined;
}

/** Its end: its output may be over before. */
async function ended(
  sessions: ContainerParts['engine']['sessions'],
  exec_id: string,
  signal: AbortSignal,
): Promise<ExecState> {
  for (let delay = 5; ; delay = Math.min(delay * 2, LONGEST_LOOK_MS)) {
    const state = await sessions.state(exec_id, signal);
    if (state === undefined)
      throw new ContractError('wrong_state', 'the container ended, and what ran in it is no longer known');
    if (state.exit_code !== undefined) return state;
    await pause(delay, undefined, { signal });
  }
}

function lateness(
  timeout: number | undefined,
  command: readonly string[],
): { readonly signal: AbortSignal; clear(): void } {
  const ending = new AbortController();
  const abort = (): void =>
    ending.abort(
      new ContractError('timed_out', `\`${command.join(' ').slice(0, 80)}\` took longer than ${timeout} s`),
    );
  const timer =
    timeout === undefined ? undefined : setTimeout(abort, Math.min(timeout * 1000, LONGEST_TIMER_MS));
  return { signal: ending.signal, clear: () => clearTimeout(timer) };
}

/** Told once it was ended, or could not be. */
async function lateError({ reason }: AbortSignal, ending: Promise<boolean>): Promise<ContractError> {
  const message = reason instanceof Error ? reason.message : 'it took too long';
  try {
    if (await ending)
      return new ContractError('timed_out', `${message}; it was ended`, { details: { ended: true } });
  } catch (cause) {
    return new ContractError('timed_out', `${message}, and could not be ended: ${cause}`, {
      cause,
      details: { ended: false },
    });
  }
  return new ContractError(
    'timed_out',
    `${message}, and some of it could not be ended: the container has no shell to do it with, or would not let it`,
    {
      details: { ended: false },
      next: 'Restart the container to be rid of it.',
    },
  );
}

function reasonOf({ reason }: AbortSignal): ContractError {
  return reason instanceof ContractError
    ? reason
    : new ContractError('aborted', 'the caller gave up', { cause: reason });
}
