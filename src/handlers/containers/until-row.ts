import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from './parts.ts';

/** Events are hints: a lost one costs so much. */
const FALLBACK_MS = 1000;
/** What is written with, and just after, the event that tells of it. */
const AFTERWARDS_MS = 50;

/** Until a row satisfies the check; looked at again at each of its status events. Throws the signal’s reason, and aborted when this Berth ends. */
export function untilRow(
  id: string,
  check: (row: ContainerRow | undefined) => boolean,
  { store, hub }: Pick<ContainerParts, 'store' | 'hub'>,
  given: AbortSignal,
): Promise<ContainerRow | undefined> {
  const signal = AbortSignal.any([given, hub.closed]);
  return new Promise((resolve, reject) => {
    let again: NodeJS.Timeout | undefined;
    const end = (work: () => void): void => {
      unobserve();
      clearTimeout(again);
      clearInterval(fallback);
      signal.removeEventListener('abort', onAbort);
      work();
    };
    const look = (): void => {
      try {
        const row = store.containers.get(id);
        if (check(row)) end(() => resolve(row));
      } catch (error) {
        end(() => reject(error));
      }
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    const fallback = setInterval(look, FALLBACK_MS);
    const unobserve = hub.observe((event) => {
      if (event.container_id !== id || (event.type !== 'status' && event.type !== 'done')) return;
      clearTimeout(again);
      again = setTimeout(look, AFTERWARDS_MS);
      look();
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else look();
  });
}
