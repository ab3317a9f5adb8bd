import type { Log } from '../runtime/log.ts';
import type { Listening } from './listening.ts';

interface LookAgain {
  /** Something of that container was told just now. */
  heard(stream_id: string): void;
  stop(): void;
}

/**
 * Makes up for lost notices: of containers that somebody listens to and that were silent for a while, the journal is asked whether
 * they were.
 */
export function lookAgain({
  every_ms,
  listenings,
  nextSeq,
  log,
}: {
  readonly every_ms: number;
  readonly listenings: () => readonly Listening[];
  readonly nextSeq: (stream_id: string) => Promise<number>;
  readonly log: Log;
}): LookAgain {
  let heard = new Set<string>();
  let looking = false;

  const look = async (): Promise<void> => {
    const told = heard;
    heard = new Set();
    const silent = new Set(listenings().flatMap((listening) => [...listening.fed()]));
    for (const id of told) silent.delete(id);
    for (const id of silent) {
      const next = await nextSeq(id);
      for (const listening of listenings()) listening.catchUp(id, next);
    }
  };

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => log.warn({ error }, 'the journal could not be asked; tried again soon'))
      .finally(() => {
        looking = false;
      });
  }, every_ms);
  timer.unref();
  return { heard: (id) => void heard.add(id), stop: () => clearInterval(timer) };
}
