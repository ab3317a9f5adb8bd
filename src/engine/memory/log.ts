import { compareTimes } from '../../plan/compare-times.ts';
import type { LogFrame, LogQuery } from '../port/container-calls.ts';
import { pulse, reasonOf } from './changes.ts';
import { type MemoryContainer, theContainer, type World } from './world.ts';

/** Pieces of a log that go out together. */
const BATCH = 100;

/** What a container wrote; with `follow` until its run ends. Throws why the signal was aborted. */
export async function* readLog(
  world: World,
  ref: string,
  { follow, since, until, tail }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogFrame[]> {
  const notGivenUp = (): void => {
    if (signal.aborted) throw reasonOf(signal, `nobody reads the log of ${ref} any more`);
  };
  notGivenUp();
  const container = theContainer(world, ref);
  const { log, started_at } = container;
  const wanted = ({ ts }: LogFrame): boolean =>
    (since === undefined || compareTimes(ts, since) >= 0) &&
    (until === undefined || compareTimes(ts, until) <= 0);
  const heart = pulse(signal);
  container.watchers.add(heart.beat);
  try {
    let at = tail === undefined ? log.gone : beginOfTail(container, tail);
    for (;;) {
      notGivenUp();
      const isOver = !isUp(container) || container.started_at !== started_at;
      const from = Math.max(at, log.gone);
      const batch = log.frames.slice(from - log.gone, from - log.gone + BATCH);
      at = from + batch.length;
      const shown = batch.filter(wanted);
      if (shown.length > 0) yield shown;
      else if (batch.length > 0) continue;
      else if (follow && !isOver) await heart.next();
      else return;
    }
  } finally {
    container.watchers.delete(heart.beat);
    heart.end();
  }
}

/** Where the last so many lines begin. */
function beginOfTail({ log: { frames, gone } }: MemoryContainer, lines: number): number {
  let at = frames.length;
  for (let found = 0; at > 0; at--) {
    // The last one may be unfinished.
    if (at < frames.length && frames[at - 1]?.ends_line !== true) continue;
    if (found === lines) break;
    found += 1;
  }
  return gone + at;
}

function isUp({ state }: MemoryContainer): boolean {
  return state === 'running' || state === 'paused';
}
