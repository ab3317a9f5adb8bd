import { ContractError } from '../../../contracts/contract-error.ts';
import type { DeploymentRow } from '../../store/group-rows.ts';
import type { ContainerParts } from '../containers/parts.ts';

/** Events are hints: a lost one costs so much. */
const FALLBACK_MS = 500;

/** A deployment that has ended. Throws the signal’s reason, and aborted when this Berth ends. */
export function untilDeployed(
  id: string,
  { store, hub }: Pick<ContainerParts, 'store' | 'hub'>,
  given: AbortSignal,
): Promise<DeploymentRow> {
  const signal = AbortSignal.any([given, hub.closed]);
  return new Promise((resolve, reject) => {
    const end = (work: () => void): void => {
      unobserve();
      clearInterval(fallback);
      signal.removeEventListener('abort', onAbort);
      work();
    };
    const look = (): void => {
      try {
        const row = store.groups.deployment(id);
        if (row === undefined) end(() => reject(new ContractError('not_found', 'the group was taken down')));
        else if (row.ended_at !== null) end(() => resolve(row));
      } catch (error) {
        end(() => reject(error));
      }
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    const fallback = setInterval(look, FALLBACK_MS);
    const unobserve = hub.observe(({ type }) => {
      if (type === 'status') look();
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else look();
  });
}
