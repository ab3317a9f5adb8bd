import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import { unrunnable } from '../exec-failures.ts';
import type { ExecState, Session, SessionCalls, TerminalSize } from '../port/session-calls.ts';
import { pathSegment } from '../references.ts';
import type { Asking } from '../transport/dial.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { type ContainerQueries, containerPath, containerQueries } from './container-queries.ts';
import { endExec, MARK } from './end-exec.ts';
import { type SessionTraits, sessionStream } from './session-stream.ts';

/** A terminal’s client may leave by a sequence of keys, which the engine takes out of the input; nobody types this one, so that input stays as it is. */
const NO_DETACH_KEYS = Array.from({ length: 12 }, () => 'ctrl-^,ctrl-_').join(',');
/** First API version that takes the size of an exec’s terminal at its start. */
const SIZED_FROM = 42;

interface Talking extends Pick<SessionTraits, 'tty' | 'silent'> {
  readonly doing: string;
  readonly signal: AbortSignal;
}

/** Exec and attach, over connections that the engine gives up for it. */
export function sessionCalls(api: Api): SessionCalls {
  const queries = containerQueries(api);
  /** Ended with the session: no socket is left behind. */
  const talk = async (asking: Asking, { doing, signal, ...traits }: Talking): Promise<Session> => {
    const life = new AbortController();
    const end = (): void => life.abort(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    life.signal.addEventListener('abort', () => signal.removeEventListener('abort', end), { once: true });
    if (signal.aborted) end();
    try {
      const socket = await api.upgrade(asking, { doing, signal: life.signal });
      return sessionStream(socket, { ...traits, host: api.transport.host, life });
    } catch (error) {
      life.abort(error);
      throw error;
    }
  };
  /** First sizes that are still on their way: one that is asked for later comes after them. */
  const sizing = new Map<string, Promise<void>>();
  const calls: Omit<SessionCalls, 'endExec'> = {
    prepare: prepare(api, queries),
    run: async (exec_id, { tty, size }, signal) => {
      const sized = size !== undefined && Number((await api.version(signal)).split('.')[1]) >= SIZED_FROM;
      const body = { Detach: false, Tty: tty, ...(sized && { ConsoleSize: [size.rows, size.columns] }) };
      const session = await talk(
        { method: 'POST', path: execPath(exec_id, '/start'), body },
        { doing: `run ${exec_id.slice(0, 12)}`, tty, silent: false, signal },
      );
      if (tty && size !== undefined && !sized) {
        const first = sizeAsSoonAsItRuns(api, execPath(exec_id, '/resize'), size, signal);
        sizing.set(exec_id, first);
        void first.finally(() => sizing.delete(exec_id));
      }
      return session;
    },
    runDetached: async (exec_id, { tty }, signal) => {
      try {
        await api.ask(
          { method: 'POST', path: execPath(exec_id, '/start'), body: { Detach: true, Tty: tty } },
          { doing: `run ${exec_id.slice(0, 12)}`, deadline: DEADLINE.mutate, signal },
        );
      } catch (error) {
        const after = refusals.has(codeOf(error)) ? await state(api)(exec_id, signal) : undefined;
        throw (after && unrunnable(after, error instanceof Error ? error.message : '')) ?? error;
      }
    },
    state: state(api),
    resizeExec: async (exec_id, size, signal) => {
      await sizing.get(exec_id);
      await resize(api, execPath(exec_id, '/resize'), size, `exec ${exec_id.slice(0, 12)}`, signal);
    },
    attach: async (ref, { stdin, stdout, stderr, logs = false, tty }, signal) => {
      const silent = !stdout && !stderr;
      const query = {
        stream: 1,
        stdin: stdin ? 1 : 0,
        stdout: stdout ? 1 : 0,
        logs: logs && !silent ? 1 : 0,
        // Of a connection for input alone the engine would not say when its process has ended.
        stderr: stderr || silent ? 1 : 0,
        detachKeys: NO_DETACH_KEYS,
      };
      const path = containerPath(await queries.existing(ref, signal), '/attach');
      return await talk({ method: 'POST', path, query }, { doing: `attach to ${ref}`, tty, silent, signal });
    },
    resize: async (ref, size, signal) => {
      const path = containerPath(await queries.existing(ref, signal), '/resize');
      await resize(api, path, size, ref, signal);
    },
  };
  return { ...calls, endExec: endExec(calls) };
}

const refusals: ReadonlySet<ErrorCode | undefined> = new Set(['engine_refused', 'engine_failed']);

function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof ContractError ? error.code : undefined;
}

function execPath(exec_id: string, rest: string): string {
  return `/exec/${pathSegment(exec_id)}${rest}`;
}

function prepare(api: Api, { existing }: ContainerQueries): SessionCalls['prepare'] {
  return async (ref, { command, env, work_dir, user, privileged, tty, stdin, output, mark }, signal) => {
    const path = containerPath(await existing(ref, signal), '/exec');
    const body = {
      Cmd: command,
      Env: Object.entries({ ...env, ...(mark !== undefined && { [MARK]: mark }) }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      AttachStdin: stdin,
      AttachStdout: output,
      AttachStderr: output,
      Tty: tty,
      Privileged: privileged,
      DetachKeys: NO_DETACH_KEYS,
      ...(work_dir !== undefined && { WorkingDir: work_dir }),
      ...(user !== undefined && { User: user }),
    };
    // What is prepared and never run costs nothing, and goes with its container: it may be asked twice.
    const answer = await api.ask(
      { method: 'POST', path, body, again: true },
      { doing: `exec in ${ref}`, deadline: DEADLINE.mutate, signal },
    );
    return { exec_id: bodyOf<{ Id: string }>(answer).Id };
  };
}

/** The engine waits for its start, so nobody else should; what cannot be run has no size, and is told elsewhere. */
async function sizeAsSoonAsItRuns(
  api: Api,
  path: string,
  size: TerminalSize,
  signal: AbortSignal,
): Promise<void> {
  try {
    await resize(api, path, size, 'exec', signal);
  } catch {
    // It ended, or its caller went.
  }
}

interface ExecInspect {
  readonly ID: string;
  readonly ContainerID: string;
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly Pid: number;
  readonly ProcessConfig: {
    readonly entrypoint: string;
    readonly arguments: readonly string[] | null;
    readonly tty: boolean;
    readonly user?: string;
    readonly privileged?: boolean;
  };
}

function state(api: Api): SessionCalls['state'] {
  return async (exec_id, signal): Promise<ExecState | undefined> => {
    const answer = await api.ask(
      { method: 'GET', path: execPath(exec_id, '/json') },
      { doing: `inspect exec ${exec_id.slice(0, 12)}`, fine: [404], signal },
    );
    if (answer.status === 404) return undefined;
    const { ID, ContainerID, Running, ExitCode, Pid, ProcessConfig: config } = bodyOf<ExecInspect>(answer);
    return {
      exec_id: ID,
      container_id: ContainerID,
      running: Running,
      ...(!Running && ExitCode !== null && { exit_code: ExitCode }),
      ...(Pid > 0 && { pid: Pid }),
      command: [config.entrypoint, ...(config.arguments ?? [])],
      tty: config.tty,
      user: config.user ?? '',
      privileged: config.privileged ?? false,
    };
  };
}

async function resize(
  api: Api,
  path: string,
  { columns, rows }: TerminalSize,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await api.ask(
      { method: 'POST', path, query: { h: rows, w: columns } },
      { doing: `resize ${what}`, deadline: DEADLINE.mutate, signal },
    );
  } catch (error) {
    // Some versions answer 500, or 400, where others say 409.
    if (error instanceof ContractError && /not running|is not running|process/i.test(error.message))
      throw new ContractError('wrong_state', error.message, { cause: error });
    throw error;
  }
}
