import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';

export interface StallWatch {
  readonly signal: AbortSignal;
  readonly wait: (ms: number, phase: string) => void;
  readonly end: () => void;
}

/** Aborts its signal when nobody asks it to wait again in time. `doing`: «the pull of redis:7». */
export function stallWatch(doing: string, code: ErrorCode): StallWatch {
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: stalled.signal,
    wait: (ms, phase) => {
      clearTimeout(timer);
      const message = `${doing} made no progress for ${Number((ms / 1000).toPrecision(2))} s (${phase})`;
      timer = setTimeout(() => stalled.abort(new ContractError(code, message)), ms);
    },
    end: () => clearTimeout(timer),
  };
}
