import type { LogFrame, LogQuery } from '../../engine/port/container-calls.ts';
import type { ObservedContainer } from '../../plan/observed.ts';

/** What a follower needs of the engine; nothing else of it. */
export interface LogSource {
  readLog(query: LogQuery, signal: AbortSignal): AsyncIterable<readonly LogFrame[]>;
  inspect(
    signal: AbortSignal,
  ): Promise<Pick<ObservedContainer, 'state' | 'started_at' | 'restart_count' | 'tty'> | undefined>;
}

/** The time of the last piece in the log; undefined when it is empty. */
export async function newestTime(
  source: LogSource,
  tty: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const frames of source.readLog({ follow: false, tail: 1, tty }, signal))
    newest = frames.at(-1)?.ts ?? newest;
  return newest;
}
