import { ContractError } from '../../../contracts/contract-error.ts';
import type { Status } from '../../../contracts/events.ts';
import type { JoinedSession, SessionEvent } from '../../../contracts/session-wire.ts';
import type { Session, TerminalSize } from '../../engine/port/session-calls.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { untilRow } from '../containers/until-row.ts';
import type { DetachKeys } from './detach-keys.ts';
import { handOver } from './hand-over.ts';
import { heardFromBefore } from './heard-from-before.ts';

/** Output that may wait for its reader. What comes beyond is left out: a container must not wait for whoever looks on. */
const MOST_WAITING = 1024 * 1024;
/** What was said before comes all at once. */
const MOST_BEFORE = 8 * MOST_WAITING;

export interface Attaching {
  readonly row_id: string;
  readonly engine_id: string;
  readonly name: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly logs: boolean;
  readonly size: TerminalSize | undefined;
  readonly keys: DetachKeys;
  /** It has not begun yet. */
  readonly early: boolean;
}

/** The main process of a container for who joined it; it runs on when that one goes. */
export function attachSession(
  parts: ContainerParts,
  { row_id, engine_id, name, tty, stdin, size, keys, early, ...output }: Attaching,
  signal: AbortSignal,
): JoinedSession {
  const { engine, sessions } = parts;
  const closing = new AbortController();
  const over = (): void => closing.abort(new ContractError('aborted', 'nobody reads the session any more'));
  const all = AbortSignal.any([signal, closing.signal, sessions.underway.signal]);
  const { give, end, items } = handOver<SessionEvent>(over);
  let detached = false;

  const work = async (): Promise<void> => {
    try {
      const { stdout, stderr, logs } = output;
      // One that has not begun has said nothing before.
      const isHeard = logs && !early && (stdout || stderr);
      const session = isHeard
        ? { output: await heardFromBefore(engine, { engine_id, tty, stdout, stderr }, all), close: over }
        : await engine.sessions.attach(engine_id, { stdin: false, ...output, tty }, all);
      let code: Promise<number | undefined> | undefined;
      const running = async (): Promise<void> => {
        code = exitCode(parts, engine_id, all);
        if (size !== undefined && tty) await engine.sessions.resize(engine_id, size, all);
      };
      if (!early) await running();
      void give({ type: 'ready' });
      if (early) void quietly(onceBegun(row_id, parts, session, all).then(running));
      await hear(session, output.logs ? MOST_BEFORE : MOST_WAITING, give);
      const exit_code = await (code ?? exitCode(parts, engine_id, all));
      void give({ type: 'exit', ...(exit_code !== undefined && { exit_code }) });
      end();
    } catch (error) {
      end(error);
    } finally {
      over();
    }
  };
  sessions.underway.track(work());

  const detach = async (): Promise<void> => {
    if (detached) return;
    detached = true;
    void give({ type: 'detached' });
    end();
  };
  const input = async (data: Buffer, ends: boolean): Promise<void> => {
    if (!stdin)
      throw new ContractError('unsupported', `${name} takes no input here`, {
        next: 'Make it with `interactive: true`, and attach with input.',
      });
    await sessions.inputs.write({ engine_id, name, data, end: ends }, all);
  };
  return {
    events: items,
    write: async (given) => {
      const sifted = keys.sift(Buffer.from(given));
      if (sifted.data.length > 0) await input(sifted.data, false);
      if (sifted.detached) await detach();
    },
    end: () => input(Buffer.alloc(0), true),
    resize: (wanted) => engine.sessions.resize(engine_id, wanted, all),
    detach,
    close: over,
  };
}

const BEGUN: ReadonlySet<Status> = new Set<Status>(['running', 'paused', 'restarting']);

/** One that goes before it has begun ends the session. */
async function onceBegun(
  row_id: string,
  parts: ContainerParts,
  session: Pick<Session, 'close'>,
  signal: AbortSignal,
): Promise<void> {
  const row = await untilRow(
    row_id,
    (now) => now === undefined || now.status === 'removed' || BEGUN.has(now.status),
    parts,
    signal,
  );
  if (row === undefined || row.status === 'removed') session.close();
}

async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch {
    // It was over before it could be sized, or nobody waits any more.
  }
}

/** Read on whether or not the reader keeps up; say how much was left out. */
async function hear(
  { output }: Pick<Session, 'output'>,
  most: number,
  give: (event: SessionEvent) => Promise<void>,
): Promise<void> {
  let waiting = 0;
  let missed = 0;
  for await (const pieces of output) {
    for (const { stream, data } of pieces) {
      if (waiting + data.length > most || (missed > 0 && waiting > most / 2)) {
        missed += data.length;
        continue;
      }
      if (missed > 0) void give({ type: 'gap', bytes: missed });
      missed = 0;
      waiting += data.length;
      void give({ type: 'output', stream, data }).then(() => {
        waiting -= data.length;
      });
    }
  }
  if (missed > 0) void give({ type: 'gap', bytes: missed });
}

/** Asked for before the end, since another run may follow it at once. */
async function exitCode(
  { engine }: ContainerParts,
  engine_id: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    return (await engine.containers.wait(engine_id, signal)).exit_code;
  } catch {
    // It is gone, or nobody waits any more.
    return undefined;
  }
}
