import type { JoinedSession, SessionEvent } from '../../contracts/session-wire.ts';
import type { Console } from './console.ts';

export interface SessionUse {
  readonly console: Console;
  /** Whether what is given here is input there. */
  readonly input: boolean;
  /** Whether the end of it is the end there. */
  readonly ends: boolean;
  /** Whether there is a terminal at the other side. */
  readonly tty: boolean;
  /** Told what is no output. */
  readonly note: (event: SessionEvent) => void;
  /** Done once the session is ready, before anything is sent; what it throws ends the session. */
  readonly begin?: () => Promise<void>;
}

export type SessionEnd = Extract<SessionEvent, { type: 'exit' | 'detached' }>;

/** Be the terminal of a session until it ends: input, output, sizes. Leaves this terminal as it was. Throws what ended it. */
export async function runSession(
  session: JoinedSession,
  { console, input, ends, tty, note, begin }: SessionUse,
): Promise<SessionEnd> {
  const resize = (): void => {
    const size = console.size();
    if (size !== undefined && size.columns > 0 && size.rows > 0) void quietly(session.resize(size));
  };
  const unwatch = tty ? console.onResize(resize) : (): void => undefined;
  const restore = tty && input && console.typed ? console.raw() : (): void => undefined;
  const talk = (): void => {
    if (input) void quietly(send(session, console, ends));
    else if (ends && !tty) void quietly(session.end());
  };
  try {
    if (begin === undefined) talk();
    for await (const event of session.events) {
      if (event.type === 'ready' && begin !== undefined) void begun(begin, session, talk);
      else if (event.type === 'output') await console.write(event.stream, event.data);
      else if (event.type === 'exit' || event.type === 'detached') return event;
      else note(event);
    }
    return { type: 'exit' };
  } finally {
    unwatch();
    restore();
    console.stop();
    session.close();
  }
}

/** Who began it is told by himself why he could not. */
async function begun(begin: () => Promise<void>, session: JoinedSession, talk: () => void): Promise<void> {
  try {
    await begin();
    talk();
  } catch {
    session.close();
  }
}

async function send(session: JoinedSession, console: Console, ends: boolean): Promise<void> {
  for await (const data of console.read()) await session.write(data);
  if (ends) await session.end();
}

/** Whoever reads the session’s events is told what went wrong with it. */
async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch {
    // See above.
  }
}
