import type { EngineDetails } from '../../../contracts/container-methods/inspection.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Session } from '../../engine/port/session-calls.ts';

/** Ctrl-D: at the beginning of a line it is a terminal’s end of input. */
const END_OF_TRANSMISSION = Buffer.from([4]);
const IDLE_MS = 30_000;
/** Bytes that wait for a container which does not read. */
const MOST_WAITING = 8 * 1024 * 1024;

export interface Input {
  readonly engine_id: string;
  /** What messages call it. */
  readonly name: string;
  readonly data: Buffer;
  readonly end: boolean;
}

/**
 * Who holds the connections by which containers get their input: opened with the first input of a run, closed when nothing has come for a
 * while, but for containers whose input ends with it. Inputs of one container are written one after another, in the order of the calls.
 */
export interface Inputs {
  /**
   * Resolves once the engine’s socket has taken it. `dispatch` is called when all is ready for it, just before; when it answers
   * false nothing is written. Throws not_found, wrong_state, unsupported, and what `signal` was aborted with.
   */
  write(input: Input, signal: AbortSignal, dispatch?: () => boolean): Promise<void>;
  close(): void;
}

interface Held {
  /** The container’s run that it belongs to. */
  readonly started_at: string | undefined;
  readonly session: Session;
  /** No more input can follow in this run. */
  ended: boolean;
  open: boolean;
  idle?: NodeJS.Timeout;
}

interface Line {
  last: Promise<unknown>;
  waiting: number;
  held?: Held;
}

export function createInputs(engine: Pick<Engine, 'containers' | 'sessions'>): Inputs {
  const lines = new Map<string, Line>();
  const closing = new AbortController();

  const opened = async (
    line: Line,
    { engine_id }: Input,
    { started_at, tty }: EngineDetails,
  ): Promise<Held> => {
    if (line.held?.open && line.held.started_at === started_at) return line.held;
    letGo(line);
    const session = await engine.sessions.attach(
      engine_id,
      { stdin: true, stdout: false, stderr: false, tty },
      closing.signal,
    );
    const held: Held = { started_at, session, ended: false, open: true };
    line.held = held;
    void closed(session).then(() => {
      held.open = false;
      clearTimeout(held.idle);
    });
    return held;
  };

  const turn = async (
    line: Line,
    input: Input,
    signal: AbortSignal,
    dispatch: () => boolean,
  ): Promise<void> => {
    const { engine_id, name, data, end } = input;
    if (signal.aborted) throw reasonOf(signal);
    const details = await engine.containers.details(engine_id, { size: false }, signal);
    const { tty, stdin_once } = readable(details, name);
    if (end && !tty && !stdin_once) throw cannotEnd(name);
    const held = await opened(line, input, details as EngineDetails);
    if (held.ended) throw new ContractError('wrong_state', `the input of ${name} has been ended`);
    if (!dispatch()) return;
    clearTimeout(held.idle);
    if (data.length > 0) await held.session.write(data);
    if (end && tty) await held.session.write(END_OF_TRANSMISSION);
    if (end && !tty) {
      held.ended = true;
      await held.session.end();
    }
    // One whose input ends with its holder is held as long as it runs.
    if (!stdin_once) held.idle = setTimeout(() => letGo(line), IDLE_MS).unref();
  };

  return {
    write: async (input, signal, dispatch = () => true) => {
      const line = lines.get(input.engine_id) ?? { last: Promise.resolve(), waiting: 0 };
      lines.set(input.engine_id, line);
      if (line.waiting + input.data.length > MOST_WAITING)
        throw new ContractError(
          'wrong_state',
          `${input.name} does not read its input: too much of it waits`,
          {
            next: 'Send more once it has read what was sent.',
          },
        );
      line.waiting += input.data.length;
      const before = line.last;
      const work = (async () => {
        await before;
        await turn(line, input, signal, dispatch);
      })();
      // The next in line waits for it, whatever becomes of it; it may outlast its caller.
      line.last = work.then(
        () => undefined,
        () => undefined,
      );
      void line.last.then(() => {
        line.waiting -= input.data.length;
        if (line.waiting === 0 && !line.held?.open) lines.delete(input.engine_id);
      });
      await unlessAborted(work, signal);
    },
    close: () => {
      closing.abort(new ContractError('aborted', 'this Berth has ended'));
      for (const line of lines.values()) clearTimeout(line.held?.idle);
    },
  };
}

function letGo({ held }: Line): void {
  if (held === undefined) return;
  clearTimeout(held.idle);
  held.open = false;
  held.session.close();
}

/** Resolves when the connection is over, however that came. */
async function closed({ output }: Session): Promise<void> {
  try {
    for await (const _ of output);
  } catch {
    // The next input finds out by itself.
  }
}

function readable(details: EngineDetails | undefined, name: string): EngineDetails {
  if (details === undefined) throw new ContractError('not_found', `the engine has no container ${name}`);
  if (!details.interactive)
    throw new ContractError('unsupported', `${name} takes no input: it was made without \`interactive\``, {
      next: 'Make it with `interactive: true`.',
    });
  if (details.state !== 'running')
    throw new ContractError('wrong_state', `${name} is ${details.state}, so it reads no input`);
  return details;
}

function cannotEnd(name: string): ContractError {
  return new ContractError(
    'unsupported',
    `the input of ${name} cannot be ended: the engine keeps it open, since it was made without \`stdin_once\``,
    { next: 'Leave out `end`, or make it with `stdin_once: true`.' },
  );
}

function reasonOf({ reason }: AbortSignal): ContractError {
  return reason instanceof ContractError
    ? reason
    : new ContractError('aborted', 'the caller gave up', { cause: reason });
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const given_up = Promise.withResolvers<never>();
  const abort = (): void => given_up.reject(reasonOf(signal));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, given_up.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
