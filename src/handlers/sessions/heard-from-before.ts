import type { Engine } from '../../engine/engine.ts';
import type { LogFrame } from '../../engine/port/container-calls.ts';
import type { OutputPiece } from '../../engine/port/session-calls.ts';
import { handOver } from './hand-over.ts';
import { type HeardStream, heardStream } from './heard-stream.ts';

/** Nothing new on either side for so long: both are at the same place. */
const QUIET_MS = 150;
/** The log of a container that has ended ends, too; one that does not is read no longer once all of it was. */
const END_MS = 2000;

export interface Heard {
  readonly engine_id: string;
  readonly tty: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * What the main process of a container has said, and says, each byte once. Neither of the engine’s two ways to hear it is enough:
 * between its log and its live stream it loses what comes meanwhile, and its log has no line before its end. So the log is followed,
 * which misses nothing, until something unfinished is there that only the live stream shows, a prompt; from then on that is heard.
 * Resolves once it is heard. Throws what attaching and reading a log throw.
 */
export async function heardFromBefore(
  engine: Pick<Engine, 'containers' | 'sessions'>,
  { engine_id, tty, stdout, stderr }: Heard,
  signal: AbortSignal,
): Promise<AsyncIterable<readonly OutputPiece[]>> {
  const session = await engine.sessions.attach(engine_id, { stdin: false, stdout, stderr, tty }, signal);
  const following = new AbortController();
  const stop = (): void => following.abort();
  const { give, end, items } = handOver<readonly OutputPiece[]>(stop);
  const streams: ReadonlyMap<string, HeardStream> = new Map(
    (['stdout', 'stderr'] as const)
      .filter((name) => (name === 'stdout' ? stdout : stderr))
      .map((name) => [name, heardStream(name)]),
  );
  let changes = 0;
  let logged = '';
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  const told = (): void => {
    changes += 1;
    clearTimeout(timer);
    if (!following.signal.aborted) timer = setTimeout(() => void look(), isOver ? END_MS : QUIET_MS);
  };

  /** What the live stream alone shows is given, once the log is known to have been read to where it is now. */
  const look = async (): Promise<void> => {
    const before = changes;
    // What is unfinished at the end the log shows as its last line.
    const waiting = isOver ? [] : [...streams.values()].filter((stream) => stream.isUnfinished());
    if (waiting.length === 0 && !isOver) return;
    try {
      const ts = await lastTime();
      if (changes !== before || ts > logged) return told();
      for (const stream of waiting) {
        const rest = stream.goLive();
        if (rest !== undefined) void give([rest]);
      }
      if (isOver || [...streams.values()].every((stream) => stream.isLive())) stop();
    } catch (error) {
      // One that is gone after its end was heard to it.
      if (!isOver) end(error);
      stop();
    }
  };
  const lastTime = async (): Promise<string> => {
    let last = '';
    const query = { follow: false, tail: 1, tty };
    for await (const frames of engine.containers.logs(engine_id, query, following.signal))
      last = latest(frames, last);
    return last;
  };

  const hearLive = async (): Promise<void> => {
    for await (const pieces of session.output) {
      const now = pieces.filter((piece) => streams.get(piece.stream)?.live(piece) ?? false);
      if (now.length > 0) await give(now);
      told();
    }
    isOver = true;
    told();
  };
  const hearLog = async (): Promise<void> => {
    const all = AbortSignal.any([signal, following.signal]);
    try {
      for await (const frames of engine.containers.logs(engine_id, { follow: true, tty }, all)) {
        const now = frames.flatMap((frame) => streams.get(frame.stream)?.logged(frame) ?? []);
        logged = latest(frames, logged);
        if (now.length > 0) await give(now);
        told();
      }
    } catch (error) {
      if (!following.signal.aborted || signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  Promise.all([hearLive(), hearLog()])
    .then(() => end(), end)
    .finally(() => {
      clearTimeout(timer);
      session.close();
      stop();
    });
  return items;
}

function latest(frames: readonly LogFrame[], known: string): string {
  let last = known;
  for (const { ts } of frames) if (ts > last) last = ts;
  return last;
}
