import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { isUnderWay, removalOf } from '../../store/removal.ts';
import { findOurs } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { refuseUnattended } from './settled.ts';
import { untilRow } from './until-row.ts';
import { whileEngineAnswers } from './while-engine-answers.ts';

/** Wanted gone: a worker stops and removes it. Convergent. */
export function remove(parts: ContainerParts): Handlers<typeof containers>['delete'] {
  const { store, clock, poke } = parts;
  return async ({ id: ref, wait = false, timeout, keep_volumes }, { signal }) => {
    const row = await findOurs(ref, parts, signal);
    if (row.status === 'removed') return { id: row.id, status: row.status };
    if (wait) refuseUnattended(parts);
    if (row.declared && row.desired_state !== 'removed') {
      throw new ContractError(
        'wrong_state',
        `${row.id} is declared in ${row.entry_source ?? 'the registry'}, and would come back`,
        { next: 'Remove its entry from the registry.' },
      );
    }
    const removal = removalOf(row, { stop_timeout: timeout, keep_volumes });
    const changed = isUnderWay(row, removal) ? row : store.containers.change(row.id, removal, clock.now());
    poke();
    if (!wait) return { id: row.id, status: changed?.status ?? 'removed' };
    await whileEngineAnswers(parts, signal, (all) =>
      untilRow(row.id, (now) => now === undefined || now.status === 'removed', parts, all),
    );
    return { id: row.id, status: 'removed' };
  };
}
