import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../../contracts/contract-error.ts';

const LONGEST_MS = 30_000;

/** Until the engine no longer shows it: a removal may still be going on when its answer comes. Throws engine_timeout. */
export async function waitGone(
  isGone: () => Promise<boolean>,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  for (let delay = 20; !(await isGone()); delay = Math.min(delay * 2, 1000)) {
    if (performance.now() > end) throw new ContractError('engine_timeout', `${what} is still being removed`);
    await pause(delay);
    if (signal?.aborted)
      throw new ContractError('aborted', `nobody waits for the removal of ${what} any more`);
  }
}
