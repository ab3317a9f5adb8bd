import { ContractError } from '../../../contracts/contract-error.ts';
import type { LogFrame, LogQuery } from '../engine.ts';
import { changes } from './changes.ts';
import { type MemoryContainer, theContainer, type World } from './world.ts';

/** What a container wrote; with `follow` until it ends. */
export async function* readLog(
  world: World,
  ref: string,
  { follow, since, until, tail }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogFrame[]> {
  const givenUp = (): void => {
    if (signal.aborted) throw new ContractError('aborted', `nobody reads the log of ${ref} any more`);
  };
  givenUp();
  const container = theContainer(world, ref);
  const changed = changes(world, signal);
  try {
    const wanted = ({ ts }: LogFrame): boolean =>
      (since === undefined || ts >= since) && (until === undefined || ts <= until);
    const first = container.log.filter(wanted);
    let at = container.log.length;
    const shown = tail === undefined ? first : first.slice(Math.max(0, first.length - tail));
    if (shown.length > 0) yield shown;
    for (;;) {
      givenUp();
      const fresh = container.log.slice(at).filter(wanted);
      at = container.log.length;
      if (fresh.length > 0) yield fresh;
      else if (follow && isUp(container)) await changed.next();
      else return;
    }
  } finally {
    changed.end();
  }
}

function isUp({ state }: MemoryContainer): boolean {
  return state === 'running' || state === 'restarting';
}
