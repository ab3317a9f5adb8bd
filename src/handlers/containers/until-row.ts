import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from './parts.ts';

/** Until a row satisfies the check; looked at again at each of its status events. Throws the signal’s reason. */
export function untilRow(
  id: string,
  check: (row: ContainerRow | undefined) => boolean,
  { store, hub }: Pick<ContainerParts, 'store' | 'hub'>,
  signal: AbortSignal,
): Promise<ContainerRow | undefined> {
  return new Promise((resolve, reject) => {
    const end = (work: () => void): void => {
      unobserve();
      signal.removeEventListener('abort', onAbort);
      work();
    };
    const look = (): void => {
      const row = store.containers.get(id);
      if (check(row)) end(() => resolve(row));
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    const unobserve = hub.observe((event) => {
      if (event.container_id === id && (event.type === 'status' || event.type === 'done')) look();
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else look();
  });
}
