import { ContractError } from '../../../contracts/contract-error.ts';

const LONGEST_MS = 5000;

/** What goes on longer than the call that began it, so that nothing is cut off in the middle when this Berth ends. */
export interface UnderWay {
  /** Ends when Berth does. */
  readonly signal: AbortSignal;
  track(work: Promise<unknown>): void;
  /** End all of it; waits for what ends it, but no longer than 5 s. */
  close(): Promise<void>;
}

export function underWay(): UnderWay {
  const ending = new AbortController();
  const open = new Set<Promise<unknown>>();
  return {
    signal: ending.signal,
    track: (work) => {
      const settled: Promise<unknown> = Promise.allSettled([work]).then(() => open.delete(settled));
      open.add(settled);
    },
    close: async () => {
      ending.abort(new ContractError('aborted', 'this Berth has ended'));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LONGEST_MS);
      });
      // What ends something may begin something.
      const all = async (): Promise<void> => {
        while (open.size > 0) await Promise.all(open);
      };
      await Promise.race([all(), late]);
      clearTimeout(timer);
    },
  };
}
